"""What the doctor finds: findings, and the report that reads from the top."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

#: Worst first.
VERDICTS = ("problem", "warning", "unknown", "info", "ok", "not_applicable")

#: In the order in which a report has them.
GROUPS = ("accelerator", "pytorch", "machine", "extension", "cloud")

#: Exit codes of ``jupyter dlkit doctor``, by the worst verdict.
EXIT_CODES = {"problem": 2, "warning": 1, "unknown": 1, "info": 0, "ok": 0, "not_applicable": 0}


def plain(text: str) -> str:
    """The text with a replacement character for what is no character.

    Bytes of a path or a variable that are no UTF-8 come as halves of characters (PEP 383), which
    strict encoders of JSON, and terminals, refuse.
    """
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    ``title`` is a statement ("The driver is too old for this torch"), ``evidence`` are short
    lines that say what was seen, ``command`` is what a person types into a shell to see the
    same, ``next_step`` a sentence. ``cause`` tells which of several findings is the cause of
    the others: the smaller, the deeper. ``seconds`` is what the check took.
    """

    id: str
    group: str
    title: str
    verdict: str
    evidence: Tuple[str, ...] = ()
    command: Optional[str] = None
    next_step: Optional[str] = None
    cause: int = 500
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Texts may come from anywhere."""
        given = {"title": self.title, "command": self.command, "next_step": self.next_step}
        for name, text in given.items():
            if text is not None:
                object.__setattr__(self, name, plain(text))
        object.__setattr__(self, "evidence", tuple(map(plain, self.evidence)))

    def to_dict(self) -> Dict[str, Any]:
        """The fields, as JSON has them."""
        return {**asdict(self), "evidence": list(self.evidence)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Finding:
        """A finding that came as JSON; unknown fields are ignored."""
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        return cls(**{**known, "evidence": tuple(known.get("evidence", ()))})


@dataclass(frozen=True)
class Report:
    """All findings, the one to do first at the top.

    ``verdict`` is the worst, ``first`` the id of the one thing to do first (None when there is
    nothing to do), ``summary`` one sentence. ``where`` is ``kernel``, ``server`` or ``shell``:
    whose environment was examined; ``executable`` and ``python`` are its interpreter and that
    one's version. ``complete`` is False while checks are still running, or when the examination
    was cut off. ``text`` is the report for a forum, without what is private.
    """

    verdict: str
    first: Optional[str]
    summary: str
    checks: Tuple[Finding, ...]
    executable: str
    python: str
    where: str
    seconds: float
    taken_at: str
    complete: bool
    text: str = ""

    def __post_init__(self) -> None:
        """As of a finding."""
        for name in ("summary", "executable", "python", "text"):
            object.__setattr__(self, name, plain(getattr(self, name)))

    @property
    def exit_code(self) -> int:
        """0 when nothing is wrong, 1 for a warning or something unknown, 2 for a problem."""
        return EXIT_CODES[self.verdict]

    def to_dict(self) -> Dict[str, Any]:
        """The fields, as JSON has them."""
        return {**asdict(self), "checks": [finding.to_dict() for finding in self.checks]}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Report:
        """A report that came as JSON; unknown fields are ignored."""
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        known["checks"] = tuple(Finding.from_dict(one) for one in known.get("checks", ()))
        return cls(**known)


def ordered(findings: Iterable[Finding]) -> List[Finding]:
    """The one to do first, then by severity, group and cause; what does not apply comes last.

    To do first is, among the worst, what explains the others: causes come before symptoms.
    """
    rest = sorted(findings, key=lambda one: (_severity(one), _group(one), one.cause, one.id))
    first = min(rest, key=lambda one: (_severity(one), one.cause), default=None)
    if first is None or first.verdict not in ("problem", "warning"):
        return rest
    rest.remove(first)
    return [first, *rest]


def _severity(finding: Finding) -> int:
    return VERDICTS.index(finding.verdict)


def _group(finding: Finding) -> int:
    return GROUPS.index(finding.group) if finding.group in GROUPS else len(GROUPS)


def build(
    findings: Iterable[Finding],
    *,
    executable: str,
    python: str,
    where: str,
    seconds: float,
    taken_at: str,
    complete: bool = True,
) -> Report:
    """The report of these findings; ``taken_at`` is ISO 8601, in UTC."""
    checks = ordered(findings)
    worst = checks[0].verdict if checks else "unknown"
    first = checks[0] if worst in ("problem", "warning") else None
    return Report(
        verdict=worst,
        first=None if first is None else first.id,
        summary=_summary(checks, complete),
        checks=tuple(checks),
        executable=executable,
        python=python,
        where=where,
        seconds=round(seconds, 3),
        taken_at=taken_at,
        complete=complete,
    )


def _summary(checks: List[Finding], complete: bool) -> str:
    """One sentence: the thing to do first, or that there is nothing to do."""
    if not checks:
        return "Nothing has been examined yet."
    worst = checks[0]
    if worst.verdict in ("problem", "warning"):
        others = sum(one.verdict in ("problem", "warning") for one in checks) - 1
        more = f" ({others} more below)" if others else ""
        return f"{worst.title}{more}."
    if not complete:
        return "Nothing wrong so far; the examination did not end."
    unknown = sum(one.verdict == "unknown" for one in checks)
    telling = next((one for one in checks if one.id == "accelerator.device"), None)
    sentence = "Nothing wrong was found" if telling is None else telling.title
    return f"{sentence}; {unknown} could not be told." if unknown else f"{sentence}."
