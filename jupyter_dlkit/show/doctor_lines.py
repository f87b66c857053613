"""What the doctor found, as it is read: the one thing to do first, then the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.doctor import Diagnosis
    from ..doctor.report import Finding

#: Tone, sign, and the word that is read aloud, of each verdict.
VERDICTS = {
    "problem": ("clash", "✕", "problem"),
    "warning": ("trap", "!", "warning"),
    "unknown": ("stretch", "?", "not known"),
    "info": ("quiet", "i", "note"),
    "ok": ("good", "✓", "fine"),
    "not_applicable": ("quiet", "–", "does not apply"),
}

GROUPS = {
    "accelerator": "Accelerator",
    "pytorch": "PyTorch",
    "machine": "Machine",
    "extension": "This extension",
    "cloud": "Cloud",
}

#: Lines of evidence that are shown of one check; how long one, and a command, may be.
MOST_EVIDENCE, LONGEST_EVIDENCE, LONGEST_COMMAND = 12, 300, 400

#: Lines of the text to copy that are shown.
MOST_TEXT = 500

_WHOSE = {"kernel": "this kernel", "server": "the server", "shell": "this shell"}


class Item(NamedTuple):
    """One check; ``open``: it is worth reading without being asked for."""

    id: str
    tone: str
    sign: str
    aloud: str
    title: str
    evidence: tuple[str, ...]
    command: str
    next_step: str
    open: bool


class Section(NamedTuple):
    """The checks of one group."""

    title: str
    items: tuple[Item, ...]


class Said(NamedTuple):
    """A report.  ``first`` is in none of the ``sections``; ``fine`` and ``beside`` (what does not
    apply) are for those who want to know.
    ``about``: what was examined.  ``text``: lines to copy."""

    tone: str
    sign: str
    aloud: str
    summary: str
    first: Item | None
    sections: tuple[Section, ...]
    fine_title: str
    fine: tuple[Item, ...]
    beside_title: str
    beside: tuple[Item, ...]
    about: str
    text: tuple[str, ...]


def report(found: Diagnosis) -> Said:
    """What is to be shown of a report."""
    items = {one.id: item(one) for one in found.checks}
    rest = [one for one in found.checks if one.id != found.first]
    loud = [one for one in rest if one.verdict not in ("ok", "not_applicable")]
    fine = tuple(items[one.id] for one in rest if one.verdict == "ok")
    beside = tuple(items[one.id] for one in rest if one.verdict == "not_applicable")
    tone, sign, aloud = VERDICTS[found.verdict]
    if found.verdict == "info":  # nothing is wrong: that is what a person wants to know
        tone, sign, aloud = VERDICTS["ok"]
    apply = "does" if len(beside) == 1 else "do"
    return Said(
        tone,
        sign,
        aloud,
        plain.sentence(found.summary),
        None if found.first is None else items.get(found.first),
        tuple(_sections(loud, items)),
        f"{sizes.count(len(fine), 'check')} found nothing wrong",
        fine,
        f"{sizes.count(len(beside), 'check')} {apply} not apply here",
        beside,
        about(found),
        tuple(plain.sentence(line) for line in found.text.splitlines()[:MOST_TEXT]),
    )


def about(found: Diagnosis) -> str:
    """What was examined, and how."""
    whose = _WHOSE.get(found.where, plain.name(found.where, 40))
    python = f" (Python {plain.name(found.python, 20)})" if found.python else ""
    said = [
        f"Examined was {whose}: {plain.name(found.executable)}{python}, "
        f"in {sizes.seconds(found.seconds)}."
    ]
    if not found.complete:
        said.append("The examination did not come to its end.")
    if not found.integrity:
        said.append("Whether installed files are damaged was not examined (integrity).")
    return " ".join(said)


def item(found: Finding) -> Item:
    """One check."""
    tone, sign, aloud = VERDICTS[found.verdict]
    evidence = [plain.name(line, LONGEST_EVIDENCE) for line in found.evidence]
    more = len(evidence) - MOST_EVIDENCE
    if more > 0:
        evidence = [*evidence[:MOST_EVIDENCE], f"and {more:,} more"]
    return Item(
        plain.name(found.id, 60),
        tone,
        sign,
        aloud,
        plain.sentence(found.title),
        tuple(evidence),
        plain.name(found.command, LONGEST_COMMAND) if found.command else "",
        plain.sentence(found.next_step) if found.next_step else "",
        found.verdict in ("problem", "warning"),
    )


def _sections(loud: Iterable[Finding], items: dict[str, Item]) -> Iterable[Section]:
    """By group; a group stands where its worst finding does."""
    groups: dict[str, list[Item]] = {}
    for one in loud:
        groups.setdefault(one.group, []).append(items[one.id])
    for name, found in groups.items():
        yield Section(GROUPS.get(name, plain.name(name, 40)), tuple(found))
