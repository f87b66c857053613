"""What the processes of kernels do, seen from outside; blocking, for a worker thread."""

from __future__ import annotations

import os
from typing import Any

#: CUDA opens this in each process that has initialised it; NVML alone does not.  WSL's is dxg.
_OPENED_BY_CUDA = ("/dev/nvidia-uvm", "/dev/dxg")


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


def has_opened_cuda(pids: list[int], proc_root: str = "/proc") -> bool:
    """Whether one of the processes has an accelerator open.

    In a container the driver's pids may be another namespace's, or not be told at all: then
    this is how a kernel that holds a device is recognised.
    """
    for pid in pids:
        folder = os.path.join(proc_root, str(pid), "fd")
        try:
            numbers = os.listdir(folder)
        except OSError:  # gone, or another user's
            continue
        for number in numbers:
            try:
                if os.readlink(os.path.join(folder, number)) in _OPENED_BY_CUDA:
                    return True
            except OSError:
                continue
    return False
