"""Examines an interpreter in a fresh, short-lived process of it.

The process gets the source of the checks and the facts by its standard input, and prints
findings as lines of JSON, each as soon as it is known: so a kernel in another environment is
examined by its own interpreter, nothing is initialised in the kernel or the server, and
whatever hangs or crashes takes only that process along.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional

from . import report as reports
from .boot import BOOT
from .carried import cargo
from .facts import Facts
from .forum import forum_text
from .report import Finding, Report
from .started import started_environment

#: Seconds after which the process is ended; a check's own limit comes long before.
LIMIT = 20.0
LONG_LIMIT = 900.0

#: How long to wait before looking whether it was cancelled, in seconds.
_TICK = 0.1

#: Bytes of what a process wrote to its standard error that are worth showing.
_LAST_WORDS = 400

#: Stands for all checks, when the process could not even say which there are.
_NOTHING = {
    "id": "pytorch.interpreter",
    "group": "pytorch",
    "title": "The interpreter can be examined",
    "cause": 1,
}

OnFinding = Callable[[Finding, int, Optional[int]], None]
OnProgress = Callable[[str, float, float], None]


def examine(
    facts: Optional[Facts] = None,
    executable: Optional[str] = None,
    *,
    only: Optional[Collection[str]] = None,
    long: bool = False,
    seconds: Optional[float] = None,
    on_finding: Optional[OnFinding] = None,
    on_progress: Optional[OnProgress] = None,
    cancel: Optional[threading.Event] = None,
    others: Optional[Mapping[str, Any]] = None,
) -> Report:
    """The report of an interpreter. Blocks: for a worker thread, never an event loop.

    Parameters
    ----------
    facts
        What is examined; None lets the new process tell its own facts.
    executable
        The interpreter that examines, by default that of the facts, or this one.
    only, long
        As for ``registry.run``.
    seconds
        After these the process and what it started are killed.
    on_finding
        Called in this thread with each finding, how many there are now, and of how many (None
        as long as that is not known).
    on_progress
        Called with what a long check does, how much of it is done, and of how much.
    cancel
        Once set, the process is killed and what is known is returned.
    others
        Fields of the facts that the new process cannot tell, when ``facts`` is None.

    Raises nothing for what the other interpreter does: what could not be examined is
    ``unknown`` in the report, and says why.
    """
    python = executable or (facts.executable if facts else "") or sys.executable
    limit = seconds if seconds is not None else (LONG_LIMIT if long or only else LIMIT)
    what = order(facts, only, long, limit, others)
    talk = _Talk(on_finding, on_progress)
    started = time.monotonic()
    why = _hold(python, facts, what, started + limit, talk, cancel)
    if talk.report is not None:
        return talk.report
    talk.fill(why or "The examination did not end.")
    report = reports.build(
        talk.findings,
        executable=talk.start.get("executable") or (facts.executable if facts else python),
        python=talk.start.get("python") or (facts.python if facts else ""),
        where=talk.start.get("where") or (facts.where if facts else "shell"),
        seconds=time.monotonic() - started,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        complete=False,
    )
    return replace(report, text=forum_text(report, facts))


def order(
    facts: Optional[Facts] = None,
    only: Optional[Collection[str]] = None,
    long: bool = False,
    seconds: float = LIMIT,
    others: Optional[Mapping[str, Any]] = None,
) -> Dict[str, Any]:
    """What the process is told, by one line of JSON; the arguments are those of ``examine``."""
    return {
        "cargo": cargo(),
        "facts": None if facts is None else facts.to_dict(),
        "others": dict(others or {}),
        "only": None if only is None else sorted(only),
        "long": long,
        "seconds": seconds,
    }


class _Talk:
    """What the process has said so far."""

    def __init__(self, on_finding: Optional[OnFinding], on_progress: Optional[OnProgress]) -> None:
        self.start: Dict[str, Any] = {}
        self.findings: List[Finding] = []
        self.report: Optional[Report] = None
        self._begun: List[Dict[str, Any]] = []
        self._on_finding = on_finding
        self._on_progress = on_progress

    def hear(self, line: bytes) -> None:
        """One line of JSON; others (what a library prints) are ignored."""
        try:
            said = json.loads(line)
            kind = said["type"]
        except (ValueError, TypeError, KeyError):
            return
        if kind in ("start", "checks"):
            self.start.update(said)
        elif kind == "doing":
            self._begun.append(said)
        elif kind == "finding":
            self._add(Finding.from_dict(said))
        elif kind == "progress" and self._on_progress is not None:
            self._on_progress(said["doing"], said["done"], said["total"])
        elif kind == "report":
            self.report = Report.from_dict(said)

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)
        if self._on_finding is not None:
            self._on_finding(finding, len(self.findings), self.start.get("total"))

    def fill(self, why: str) -> None:
        """Makes a finding of all that was not said, when the process did not come to its end."""
        said = {finding.id for finding in self.findings}
        for one in self.start.get("checks") or self._begun or [_NOTHING]:
            if one["id"] not in said:
                title = one["title"]
                self._add(
                    Finding(
                        id=one["id"],
                        group=one["group"],
                        title=f"Not known: {title[:1].lower()}{title[1:]}",
                        verdict="unknown",
                        evidence=(why,),
                        cause=one["cause"],
                    )
                )


def _hold(
    python: str,
    facts: Optional[Facts],
    what: Dict[str, Any],
    deadline: float,
    talk: _Talk,
    cancel: Optional[threading.Event],
) -> Optional[str]:
    """Runs the process until it has said all; why it has not, or None."""
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(
                [python, *_options(facts), "-c", BOOT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                cwd="/" if os.name == "posix" else None,
                env=_environment(facts),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"{python} could not be started: {error}"
        lines: queue.SimpleQueue[Optional[bytes]] = queue.SimpleQueue()
        workers = [
            threading.Thread(target=_tell, args=(process, what), daemon=True),
            threading.Thread(target=_listen, args=(process, lines), daemon=True),
        ]
        for worker in workers:
            worker.start()
        why: Optional[str] = None
        try:
            why = _follow(lines, deadline, talk, cancel)
            if why is None:
                _end_by_itself(process)
        finally:
            kill(process)
            for worker in workers:
                worker.join(5)
            _drain(lines, talk)
            if process.stdin is not None:
                try:
                    process.stdin.close()
                except OSError:
                    pass
        words.seek(0)
        last = words.read()[-_LAST_WORDS:].decode("utf-8", "replace").strip()
        code = process.returncode
        return why or f"The examining process ended early (exit status {code}). {last}".strip()


def _options(facts: Optional[Facts]) -> List[str]:
    """Isolated; and without the packages' startup files, when it is told what they make."""
    return ["-I", "-S"] if facts is not None else []


def _environment(facts: Optional[Facts]) -> Optional[Dict[str, str]]:
    return None if facts is None else started_environment(facts)


def _follow(
    lines: queue.SimpleQueue[Optional[bytes]],
    deadline: float,
    talk: _Talk,
    cancel: Optional[threading.Event],
) -> Optional[str]:
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return "The examination took too long and was ended."
        if cancel is not None and cancel.is_set():
            return "The examination was cancelled."
        try:
            line = lines.get(timeout=min(left, _TICK if cancel is not None else left))
        except queue.Empty:
            continue
        if line is None:
            return None
        talk.hear(line)


def _end_by_itself(process: subprocess.Popen[bytes]) -> None:
    """It has closed its output: its exit status is worth a moment."""
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        pass


def _drain(lines: queue.SimpleQueue[Optional[bytes]], talk: _Talk) -> None:
    """What it had said already when it was ended."""
    while not lines.empty():
        line = lines.get()
        if line is not None:
            talk.hear(line)


def _tell(process: subprocess.Popen[bytes], what: Dict[str, Any]) -> None:
    """The order. The pipe stays open: the process ends when it is closed."""
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(what).encode() + b"\n")
        process.stdin.flush()
    except OSError:  # it has ended already
        pass


def _listen(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[Optional[bytes]]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and everything that it started, and waits for its end."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
        else:
            process.kill()
    except OSError:
        pass
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        pass  # it is stuck in the system; it ends when the system lets it
