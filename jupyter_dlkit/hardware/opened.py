"""Which processes have an accelerator open, by their open files."""

from __future__ import annotations

import os
from typing import Iterable

#: CUDA opens this in each process that has initialised it; NVML alone does not.  WSL's is dxg.
_OPENED_BY_CUDA = ("/dev/nvidia-uvm", "/dev/dxg")


def has_opened_cuda(pids: Iterable[int], proc_root: str = "/proc") -> bool:
    """Whether one of the processes has CUDA initialised; False for those of other users.

    In a container the driver's pids may be another namespace's, or not be told at all: then
    this is how a process that holds a device is recognised. `proc_root` stands for /proc.
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
