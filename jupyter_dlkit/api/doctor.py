"""``dlkit.doctor``: why there is no GPU, and whether this machine is fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..doctor.report import EXIT_CODES, Finding
from .errors import DLKitError
from .nearest import offer
from .result import Result, frame

if TYPE_CHECKING:
    from ..doctor.report import Report

#: Told while files are read: what is read, how many bytes are done, of how many.
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Result):
    """What the doctor found.

    ``verdict`` is the worst (``problem``, ``warning``, ``unknown``, ``info``, ``ok`` or
    ``not_applicable``), ``summary`` one sentence, ``first`` the id of the check whose next step
    is to be done first (None where there is nothing to do).  ``checks``: each with ``id``,
    ``group``, ``title``, ``verdict``, ``evidence``, ``command`` (of a shell, which shows the
    same) and ``next_step``; also by its id, as ``found["accelerator.driver"]``.  ``executable``
    and ``python`` are the interpreter that was examined; ``text`` is the report for a forum.
    """

    kind: ClassVar[str] = "doctor"

    verdict: str
    summary: str
    first: str | None
    checks: tuple[Finding, ...]
    executable: str
    python: str
    where: str
    seconds: float
    taken_at: str
    complete: bool
    integrity: bool
    text: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, nor unknown."""
        return EXIT_CODES[self.verdict] == 0

    def __getitem__(self, id: str) -> Finding:
        """What one check found, by its id."""
        for one in self.checks:
            if one.id == id:
                return one
        hint = offer(str(id), [one.id for one in self.checks], "Its checks have the ids.")
        raise DLKitError(f"There is no check {id!r} in this report.", hint)

    def to_dict(self) -> dict[str, Any]:
        """The fields of ``Doctor`` of the REST API."""
        return {
            "kernel_id": None,
            "state": "done",
            "verdict": self.verdict,
            "summary": self.summary,
            "first": self.first,
            "checks": [_row(one) for one in self.checks],
            "executable": self.executable,
            "python": self.python,
            "where": self.where,
            "seconds": self.seconds,
            "taken_at": self.taken_at,
            "complete": self.complete,
            "integrity": self.integrity,
            "note": None,
            "text": self.text,
            "run": None,
            "error": None,
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each check; its index is the id.

        Raises ``DLKitError`` where pandas is not installed.
        """
        return frame([_row(one) for one in self.checks], "id")


def _row(found: Finding) -> dict[str, Any]:
    return {
        "id": found.id,
        "group": found.group,
        "title": found.title,
        "verdict": found.verdict,
        "evidence": list(found.evidence),
        "command": found.command,
        "next_step": found.next_step,
    }


def diagnosis(report: Report, integrity: bool) -> Diagnosis:
    """The answer that a report is."""
    return Diagnosis(
        verdict=report.verdict,
        summary=report.summary,
        first=report.first,
        checks=report.checks,
        executable=report.executable,
        python=report.python,
        where=report.where,
        seconds=report.seconds,
        taken_at=report.taken_at,
        complete=report.complete,
        integrity=integrity,
        text=report.text,
    )


def doctor(integrity: bool = False, *, progress: Progress | None = None) -> Diagnosis:
    """Examine this interpreter and this machine: why there is no GPU, and what else is wrong.

    A fresh process of this interpreter does it, and ends with it: nothing is initialised here,
    and torch is not imported for it.

    Parameters
    ----------
    integrity
        Also read the files of torch and its CUDA packages, and compare them with the SHA-256
        that they were published with.  It reads gigabytes, and takes as long as that takes.
    progress
        Called with what is read, and how many bytes of how many.

    Returns
    -------
    Diagnosis
        The one thing to do first, then the rest; shown as HTML or as text.

    Examples
    --------
    >>> found = dlkit.doctor()
    >>> found["pytorch.environment"].verdict in ("ok", "info", "warning")
    True
    >>> {one.group for one in found.checks} >= {"accelerator", "machine"}
    True
    """
    from ..doctor.examine import examine
    from ..doctor.facts import here
    from ..doctor.loaded import already_known
    from ..kernel.examination import packages
    from .namespace import shell

    where = "kernel" if hasattr(shell(), "kernel") else "shell"
    facts = here(where, loaded=already_known(), packages=packages())
    return diagnosis(examine(facts, long=integrity, on_progress=progress), integrity)
