"""One target's examinations: the last report, and the run that has not ended.

A *target* is the server's own environment or a kernel's.  Looking starts nothing; one run at a
time; a run goes on while nobody looks, and is told to those who watch.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Protocol

import orjson

from .errors import DLKitError

#: Seconds between two messages about a run: it is looked at by people.
PACE = 0.25

#: Seconds after which a run that was cancelled and goes on is cancelled again.
STUBBORN = 0.2

#: Fields of a report that the document has at the top of an answer.
REPORTED = ("verdict", "summary", "first", "executable", "python", "where", "seconds", "taken_at")
FINDING = ("id", "group", "title", "verdict", "evidence", "command", "next_step")


@dataclass
class Run:
    """A run, as far as it has come; ``progress``: what a long check does, done and of how much."""

    integrity: bool
    started_at: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    )
    findings: list[dict[str, Any]] = field(default_factory=list)
    total: int | None = None
    progress: tuple[str, float, float] | None = None

    def document(self) -> dict[str, Any]:
        """A ``DoctorRun``."""
        doing, done, total = self.progress or (None, 0, 0)
        return {
            "started_at": self.started_at,
            "integrity": self.integrity,
            "done": len(self.findings),
            "total": self.total,
            "doing": doing,
            "progress": {"done": int(done), "total": int(total)} if self.progress else None,
            "checks": checks(self.findings),
        }


def checks(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``DoctorCheck`` of each finding."""
    return [{name: finding[name] for name in FINDING} for finding in findings]


class Target(Protocol):
    """Whose environment is examined."""

    #: How it is named in a sentence.
    name: str

    def process(self) -> object:
        """Which process there is now; None where that is not known."""

    async def prepare(self) -> None:
        """What has to succeed before a run is promised.  Raises ``DLKitError``."""

    async def examine(self, run: Run, advanced: Callable[[], None]) -> dict[str, Any]:
        """The report's fields (``Report.to_dict``); fills ``run``, and says when it did.

        Cancelled: it ends whatever it started.  Raises ``DLKitError``.
        """


class Diagnosis:
    """The last report of one target, and its run; ``tell`` gets each new ``Doctor``, encoded."""

    def __init__(self, kernel_id: str | None, target: Target, log: logging.Logger) -> None:
        self.listeners: set[Callable[[bytes], None]] = set()
        self._kernel_id = kernel_id
        self._target = target
        self._log = log
        self._state = "none"
        self._report: dict[str, Any] | None = None
        self._integrity: bool | None = None
        self._error: dict[str, str] | None = None
        #: Whose environment the report is of.
        self._process: object = None
        self._outdated = False
        self._run: Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._told_at = 0.0
        self._later: asyncio.TimerHandle | None = None

    def document(self) -> dict[str, Any]:
        """A ``Doctor``."""
        report = self._report
        known = dict.fromkeys(REPORTED) if report is None else report
        return {
            "kernel_id": self._kernel_id,
            "state": self._state,
            **{name: known[name] for name in REPORTED},
            "summary": f"{self._target.name} has not been examined yet."
            if report is None
            else report["summary"],
            "checks": [] if report is None else checks(report["checks"]),
            "complete": None if report is None else report["complete"],
            "integrity": self._integrity,
            "note": self._note(),
            "text": None if report is None else report["text"],
            "run": None if self._run is None else self._run.document(),
            "error": self._error,
        }

    def encoded(self) -> bytes:
        """The same, as it is sent."""
        return orjson.dumps(self.document())

    def outdate(self) -> None:
        """The report stands, but is of a process that has ended."""
        if self._report is not None and not self._outdated:
            self._outdated = True
            self._tell()

    def _note(self) -> str | None:
        """Said of a report of another process than the one that runs now."""
        if self._report is None:
            return None
        now = self._target.process()
        other = None not in (now, self._process) and now != self._process
        return "The kernel was restarted since." if self._outdated or other else None

    # A run ----------------------------------------------------------------------

    async def start(self, integrity: bool) -> None:
        """Runs, unless a run that does as much is on its way.

        Raises:
            DLKitError: it cannot be examined.
        """
        async with self._starting:
            if self._run is not None and (self._run.integrity or not integrity):
                return
            await self._target.prepare()
            await self._stop()
            self._run = run = Run(integrity)
            self._state = "running"
            self._task = asyncio.create_task(self._examine(run))
            self._tell()

    async def cancel(self) -> None:
        """Ends the run; the last report stands."""
        async with self._starting:
            if await self._stop():
                self._state, self._error = "cancelled", None
                self._tell()

    async def _stop(self) -> bool:
        """Ends the run, if there is one; whether there was."""
        task, self._task = self._task, None
        if task is None or task.done():
            return False
        while not task.done():
            # wait_for swallows a cancellation that comes together with its result (before
            # Python 3.12): the task would go on.
            task.cancel()
            await asyncio.wait({task}, timeout=STUBBORN)
        return True

    async def _examine(self, run: Run) -> None:
        try:
            process = self._target.process()
            self._report = await self._target.examine(run, self._advanced)
            self._process, self._outdated = process, False
            self._integrity = run.integrity
            self._state, self._error = "done", None
        except DLKitError as error:
            self._state, self._error = "failed", error.body()
        except Exception as error:
            # A defect: said to whoever waits, and written down.
            self._log.exception("Examining %s failed", self._target.name)
            self._state, self._error = "failed", _unexpected(error)
        finally:
            self._run = None
        self._tell()

    # Telling --------------------------------------------------------------------

    def _advanced(self) -> None:
        """Tells of it, but not more often than a person can read."""
        wait = self._told_at + PACE - time.monotonic()
        if wait <= 0:
            self._tell()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(wait, self._tell)

    def _tell(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._told_at = time.monotonic()
        if self.listeners:
            document = self.encoded()
            for listener in tuple(self.listeners):
                listener(document)

    async def close(self) -> None:
        """Ends it."""
        self.listeners.clear()
        await self._stop()
        if self._later is not None:
            self._later.cancel()


def _unexpected(error: Exception) -> dict[str, str]:
    return {
        "code": "internal_error",
        "message": f"The examination failed with {type(error).__name__}.",
        "hint": "The server's log has the details.",
    }
