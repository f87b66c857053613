"""``jupyter dlkit doctor``: examines, and shows on a terminal how far it is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from ..api.doctor import Diagnosis, diagnosis
from ..show.plain import name
from .errors import UsageError, quoted

if TYPE_CHECKING:
    from ..doctor.report import Finding, Report

#: Where an environment's folder has its interpreter.
INTERPRETERS = ("bin/python", "bin/python3", "python.exe", "Scripts/python.exe")


class Watcher(Protocol):
    """Who is told how far it is."""

    def found(self, finding: Finding, done: int, total: int | None) -> None:
        """A check has ended."""

    def reading(self, doing: str, done: float, total: float) -> None:
        """So many bytes have been read."""


def examined(python: str | None, integrity: bool) -> Diagnosis:
    """The report.  Raises ``UsageError`` where ``python`` is no interpreter."""
    interpreter = None if python is None else interpreter_of(python)
    with _watcher() as watcher:
        if interpreter is None:
            report = _here(integrity, watcher)
        else:
            from ..doctor.examine import examine

            report = examine(
                executable=interpreter,
                # The process itself starts elsewhere: what lies here must not be imported by it.
                others={"where": "shell", "price": _price(), "cwd": _folder()},
                long=integrity,
                on_finding=watcher.found,
                on_progress=watcher.reading,
            )
    return diagnosis(report, integrity)


def _here(integrity: bool, watcher: Watcher) -> Report:
    """In this process: its modules are compiled already, so the first finding comes at once."""
    import time

    from ..doctor import registry
    from ..doctor.facts import here
    from ..doctor.forum import forum_text

    started = time.monotonic()
    facts = here("shell", price=_price())
    findings = []
    arriving = registry.arriving(long=integrity)
    for finding in registry.run_these(arriving, facts, watcher.reading):
        findings.append(finding)
        watcher.found(finding, len(findings), None)
    report = registry.reported(findings, facts, time.monotonic() - started)
    return replace(report, text=forum_text(report, facts))


def interpreter_of(path: str) -> str:
    """The interpreter at a path, in an environment's folder, or by its name on the ``PATH``.

    Raises ``UsageError`` where there is none.
    """
    given = os.path.expanduser(path)
    if os.path.isdir(given):
        for place in INTERPRETERS:
            if os.access(os.path.join(given, place), os.X_OK):
                return os.path.abspath(os.path.join(given, place))
        raise UsageError(
            f"{quoted(path)} is a folder without a Python interpreter.",
            "Name the interpreter itself, such as ENVIRONMENT/bin/python.",
        )
    found = shutil.which(given)
    if found is None:
        raise UsageError(
            f"{quoted(path)} is no Python interpreter.",
            "It is what `which python` prints in that environment, or the environment's folder.",
        )
    return os.path.abspath(found)  # not resolved: a link is what makes a virtual environment


def _price() -> dict[str, Any] | None:
    """What the machine costs an hour, where the user has set it in the panel."""
    import logging

    from ..server.idle_choice import ChoiceFile

    choice = ChoiceFile.of_this_user(logging.getLogger(__name__)).read()
    if choice is None or choice.price is None:
        return None
    return {"per_hour": choice.price, "currency": choice.currency}


def _folder() -> str:
    """The folder that the user is in; nothing where it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


@contextmanager
def _watcher() -> Iterator[Watcher]:
    """On a terminal a line with a bar, on stderr, which goes when it ends; else nothing."""
    if not sys.stderr.isatty():
        yield _Nobody()
        return
    from rich.progress import BarColumn, Progress, TextColumn

    from .output import terminal

    console = terminal(stderr=True)
    with Progress(
        BarColumn(20),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
    ) as progress:
        yield _Bar(progress)


class _Nobody:
    def found(self, finding: Finding, done: int, total: int | None) -> None:
        """Nobody looks."""

    def reading(self, doing: str, done: float, total: float) -> None:
        """Nobody looks."""


class _Bar:
    """A bar of the checks; of the bytes, while files are read."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("examining", total=None)

    def found(self, finding: Finding, done: int, total: int | None) -> None:
        """A check has ended."""
        said = name(finding.title, 60)
        self._progress.update(self._task, completed=done, total=total, description=said)

    def reading(self, doing: str, done: float, total: float) -> None:
        """So many bytes have been read."""
        said = f"{done / total:.0%} {name(doing, 50)}" if total else name(doing, 50)
        self._progress.update(self._task, completed=done, total=total or None, description=said)
