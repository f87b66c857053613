"""What the processes of kernels do, seen from outside; blocking, for a worker thread."""

from __future__ import annotations

from typing import Any


def processes(pid: int) -> list[Any]:
    """The process and its descendants, as psutil's; [] when it is gone."""
    import psutil  # not at import of the extension: it takes as long as all the rest

    try:
        kernel = psutil.Process(pid)
        return [kernel, *kernel.children(recursive=True)]
    except psutil.Error:
        return []


def spent(family: list[Any]) -> float | None:
    """Seconds of processor time that they have used, with children that have ended."""
    import psutil

    total, known = 0.0, False
    for process in family:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        known = True
        total += times.user + times.system
        total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total if known else None
