"""How long the doctor takes: the first finding, all of them, and every file of torch."""

from __future__ import annotations

import time
from collections.abc import Iterator

from jupyter_dlkit.doctor.examine import OnFinding, examine
from tests.live.stack import stack as stack_named

from .figures import Figure, Sample


def examining(stack: str, rounds: int) -> Iterator[Figure]:
    """A fresh process of the stack's interpreter each time, which tells its own facts."""
    python = str(stack_named(stack).python)
    first, whole = Sample(), Sample()
    for _ in range(rounds):
        heard: list[float] = []
        started = time.perf_counter()
        report = examine(None, python, on_finding=_noting(heard))
        whole.values.append(1000 * (time.perf_counter() - started))
        first.values.append(1000 * (heard[0] - started))
        assert report.complete, report.summary
    note = f"{len(report.checks)} checks"
    yield Figure("doctor, first finding", stack, first.median, "ms", 300, note=str(first))
    yield Figure(
        "doctor, all but integrity", stack, whole.median, "ms", 2000, note=f"{whole}, {note}"
    )


def _noting(times: list[float]) -> OnFinding:
    return lambda *_: times.append(time.perf_counter())


def reading(stack: str) -> Figure:
    """Every file of torch, read and summed."""
    python = str(stack_named(stack).python)
    total: list[float] = []
    started = time.perf_counter()
    report = examine(
        None, python, only=["pytorch.integrity"], on_progress=lambda _, __, size: total.append(size)
    )
    seconds = time.perf_counter() - started
    assert report.complete, report.summary
    speed = total[-1] / 2**20 / seconds
    note = f"{total[-1] / 2**30:.2f} GiB in {seconds:.1f} s"
    return Figure("doctor, integrity", stack, speed, "MiB/s", note=note)
