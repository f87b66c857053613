"""The checks: how one is declared, and how they are run.

    @check("accelerator.driver", title="The driver fits this torch")
    def driver(facts: Facts) -> Seen:
        ...
        return Seen("problem", "The driver is too old for this torch", evidence=[...])

Each ends by its time limit, one that breaks is ``unknown`` and says why, the others go on.
"""

from __future__ import annotations

import importlib
import queue
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import (
    Any,
    Callable,
    Collection,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Tuple,
)

from . import report as reports
from .facts import Facts
from .report import GROUPS, VERDICTS, Finding, Report

#: Checks that run at once: one that waits for a process or a slow disk holds up no other.
AT_ONCE = 8


@dataclass(frozen=True)
class Seen:
    """What a check returns; ``title`` None is the check's own."""

    verdict: str
    title: Optional[str] = None
    evidence: Sequence[str] = ()
    command: Optional[str] = None
    next_step: Optional[str] = None


#: Told while a long check works: what it does, how much of it is done, of how much.
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Check:
    """One declared check. ``function`` gets the facts, a long one a ``Progress`` as well."""

    id: str
    group: str
    title: str
    function: Callable[..., Seen]
    seconds: float
    long: bool
    cause: int


_checks: Dict[str, Check] = {}


def check(
    id: str,
    *,
    title: str,
    group: Optional[str] = None,
    seconds: float = 1.0,
    long: bool = False,
    cause: int = 500,
) -> Callable[[Callable[..., Seen]], Callable[..., Seen]]:
    """Declares a check.

    ``group`` is by default what stands before the dot of ``id``. ``title`` is the statement
    for when all is well. ``seconds`` is its time limit. A ``long`` one runs only when it is
    asked for, and is called with ``(facts, progress)``. ``cause`` says which comes first among
    findings that are equally bad: what explains the others has the smaller number.
    """
    kind = group or id.partition(".")[0]
    if kind not in GROUPS:
        raise ValueError(f"{id}: no such group: {kind}")

    def declare(function: Callable[..., Seen]) -> Callable[..., Seen]:
        if id in _checks and _checks[id].function.__qualname__ != function.__qualname__:
            raise ValueError(f"two checks are called {id}")
        _checks[id] = Check(id, kind, title, function, seconds, long, cause)
        return function

    return declare


def checks(only: Optional[Collection[str]] = None, long: bool = False) -> List[Check]:
    """The declared checks, in the order of their groups and causes.

    ``only`` are ids or groups; a long check that is named in it runs as well. A word that names
    nothing raises ValueError.
    """
    return sorted(
        arriving(only, long), key=lambda one: (GROUPS.index(one.group), one.cause, one.id)
    )


def arriving(only: Optional[Collection[str]] = None, long: bool = False) -> Iterator[Check]:
    """The same checks, each as soon as its module is imported: the first can begin at once."""
    from . import checks as package

    given = set()
    for module in package.MODULES:
        try:
            importlib.import_module(f"{package.__name__}.{module}")
        except Exception as error:  # a Python that it does not know; the others go on
            yield _not_loaded(module, error)
        for one in list(_checks.values()):
            if one.id not in given and _is_asked(one, only, long):
                yield one
            given.add(one.id)
    wrong = [word for word in only or () if word not in _checks and word not in GROUPS]
    if wrong:
        raise ValueError(f"there is no check called {wrong[0]}")


def _not_loaded(module: str, error: Exception) -> Check:
    def tell(facts: Facts) -> Seen:
        raise error

    title = f"The checks of {module} can be loaded"
    return Check(f"extension.{module}_checks", "extension", title, tell, 1.0, False, 400)


def _is_asked(one: Check, only: Optional[Collection[str]], long: bool) -> bool:
    if only is None:
        return long or not one.long
    return one.id in only or (one.group in only and (long or not one.long))


def run(
    facts: Facts,
    only: Optional[Collection[str]] = None,
    long: bool = False,
    progress: Optional[Progress] = None,
) -> Iterator[Finding]:
    """The findings, each as soon as its check has ended or its time was up."""
    yield from run_these(checks(only, long), facts, progress)


def run_these(
    chosen: Iterable[Check],
    facts: Facts,
    progress: Optional[Progress] = None,
    beginning: Optional[Callable[[Check], None]] = None,
) -> Iterator[Finding]:
    """As ``run``, for these checks; ``beginning`` is called with each that begins."""
    waiting = iter(chosen)
    running: Dict[str, Tuple[Check, float]] = {}
    ended: queue.SimpleQueue[Finding] = queue.SimpleQueue()
    more = True
    while more or running:
        while more and len(running) < AT_ONCE and ended.empty():
            one = next(waiting, None)
            if one is None:
                more = False
                break
            if beginning is not None:
                beginning(one)
            running[one.id] = (one, time.monotonic())
            threading.Thread(
                target=lambda one=one: ended.put(_finding(one, facts, progress)),
                name=f"doctor {one.id}",
                daemon=True,  # one that hangs must not keep the process alive
            ).start()
        now = time.monotonic()
        left = min((one.seconds - (now - started) for one, started in running.values()), default=0)
        try:
            finding = ended.get(timeout=max(0.0, left))
        except queue.Empty:
            for one, started in list(running.values()):
                if time.monotonic() - started >= one.seconds:
                    del running[one.id]
                    yield _late(one)
        else:
            if running.pop(finding.id, None) is not None:
                yield finding


def _finding(one: Check, facts: Facts, progress: Optional[Progress]) -> Finding:
    started = time.monotonic()
    try:
        arguments: Tuple[Any, ...] = (facts, progress or _silent) if one.long else (facts,)
        seen = one.function(*arguments)
        if seen.verdict not in VERDICTS:
            raise ValueError(f"no such verdict: {seen.verdict}")
        return Finding(
            id=one.id,
            group=one.group,
            title=seen.title or one.title,
            verdict=seen.verdict,
            evidence=tuple(seen.evidence),
            command=seen.command,
            next_step=seen.next_step,
            cause=one.cause,
            seconds=round(time.monotonic() - started, 4),
        )
    except Exception as error:
        return _unknown(one, f"{type(error).__name__}: {error}", time.monotonic() - started)


def _silent(doing: str, done: float, total: float) -> None:
    """Progress that nobody wants to know."""


def _late(one: Check) -> Finding:
    return _unknown(one, f"It did not end within {one.seconds:g} s.", one.seconds)


def _unknown(one: Check, why: str, seconds: float) -> Finding:
    return Finding(
        id=one.id,
        group=one.group,
        title=f"Not known: {one.title[:1].lower()}{one.title[1:]}",
        verdict="unknown",
        evidence=(why,),
        cause=one.cause,
        seconds=round(seconds, 4),
    )


def report(
    facts: Facts,
    only: Optional[Collection[str]] = None,
    long: bool = False,
    progress: Optional[Progress] = None,
) -> Report:
    """The whole report of these facts, in this process."""
    started = time.monotonic()
    findings = list(run(facts, only, long, progress))
    return reported(findings, facts, time.monotonic() - started)


def reported(findings: Iterable[Finding], facts: Facts, seconds: float) -> Report:
    """The report of findings about these facts, taken now, after so many seconds."""
    return reports.build(
        findings,
        executable=facts.executable,
        python=facts.python,
        where=facts.where,
        seconds=seconds,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
    )
