"""Which kernel a process belongs to: the kernel itself, or one that it started."""

from __future__ import annotations

from typing import Iterable

#: How many parents are asked; a worker of a worker is found, a cycle is not followed.
GENERATIONS = 8


def kernels_of(pids: Iterable[int], kernels: dict[int, str]) -> dict[int | None, str | None]:
    """``{pid: kernel_id}`` for those processes that a kernel is, or has started."""
    found: dict[int | None, str | None] = {}
    for pid in pids:
        at: int | None = pid
        for _ in range(GENERATIONS):
            if at is None or at in kernels:
                break
            at = _parent(at)
        if at in kernels:
            found[pid] = kernels[at]
    return found


def _parent(pid: int) -> int | None:
    import psutil  # not at import of the extension: it takes as long as all the rest

    try:
        return psutil.Process(pid).ppid() or None
    except psutil.Error:  # it ended, or is somebody else's
        return None
