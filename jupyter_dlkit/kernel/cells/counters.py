"""What the allocators and the operating system count, read without changing it.

A backend that the user's code has not brought up is not asked, and the counter of the peak
is never reset: the user may be reading it.  From any thread.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, NamedTuple, Optional

from .. import loaded
from ..devices import accelerator, ask

#: How a peak is meant.
EXACT, AT_MOST, AT_LEAST = "exact", "at most", "at least"


class Counters(NamedTuple):
    """Bytes on one device; None where the backend does not say.

    ``peak``: the most that was allocated since the process began, or since the user reset it.
    """

    allocated: Optional[int]
    reserved: Optional[int]
    peak: Optional[int]


class Peak(NamedTuple):
    """The most that was allocated between two readings; ``meaning``: one of the three above."""

    bytes: Optional[int]
    meaning: str

    @property
    def is_exact(self) -> bool:
        """Whether it is that number, not a bound."""
        return self.bytes is not None and self.meaning == EXACT


def read() -> Dict[str, Counters]:
    """By device (``cuda:0``), of the accelerator that is in use; empty where none is."""
    torch = loaded.torch()
    kind = None if torch is None else accelerator(torch)
    if kind is None:
        return {}
    if kind == "cuda":
        return _cuda(torch)
    backend = torch.__dict__.get(kind)
    if kind == "mps":
        allocated = ask(backend, "current_allocated_memory")
        if not allocated and not ask(backend, "driver_allocated_memory"):
            return {}
        return {"mps:0": Counters(allocated, ask(backend, "driver_allocated_memory"), None)}
    if not ask(backend, "is_initialized"):
        return {}
    return {
        f"{kind}:{index}": Counters(
            ask(backend, "memory_allocated", index),
            ask(backend, "memory_reserved", index),
            ask(backend, "max_memory_allocated", index),
        )
        for index in range(ask(backend, "device_count") or 0)
    }


def _cuda(torch: Any) -> Dict[str, Counters]:
    cuda = torch.cuda
    if not cuda.is_initialized():
        return {}
    found = {}
    stats_of: Any = getattr(torch._C, "_cuda_memoryStats", None)
    for index in range(cuda.device_count()):
        try:  # one call into C; torch.cuda.memory_allocated makes and sorts all 200 figures
            stats = stats_of(index)
            allocated = stats["allocated_bytes"]["all"]
            counters = Counters(
                int(allocated["current"]),
                int(stats["reserved_bytes"]["all"]["current"]),
                int(allocated["peak"]),
            )
        except Exception:
            counters = Counters(
                ask(cuda, "memory_allocated", index),
                ask(cuda, "memory_reserved", index),
                ask(cuda, "max_memory_allocated", index),
            )
        found[f"cuda:{index}"] = counters
    return found


def peak_between(before: Optional[Counters], after: Counters) -> Peak:
    """The most that was allocated between two readings of one device.

    ``before`` None: the device was not in use then, and its counters began within.  Exact when
    the counter rose, or when it had been reached at one of the ends.  Else it is an upper
    bound; where the user reset the counter in between, a lower one.  (A counter that was reset
    *and* then rose above where it had been cannot be told from one that was not.)
    """
    if after.peak is None:
        return Peak(None, AT_MOST)
    if before is None or before.peak is None:
        return Peak(after.peak, EXACT)
    ends = max(before.allocated or 0, after.allocated or 0)
    if after.peak < before.peak:
        return Peak(max(ends, after.peak), AT_LEAST)
    if after.peak > before.peak or after.peak == ends:
        return Peak(after.peak, EXACT)
    return Peak(after.peak, AT_MOST)


class ProcessMemory(NamedTuple):
    """Resident bytes of this process, now and at most; None where not known."""

    resident: Optional[int]
    peak: Optional[int]


def process_memory() -> ProcessMemory:
    """Of this process."""
    resident, most = _resident(), _most_resident()
    if resident is not None and most is not None:
        most = max(most, resident)  # the system counts the two at different moments
    return ProcessMemory(resident, most)


def _resident() -> Optional[int]:
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(200).split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        pass
    psutil = sys.modules.get("psutil")
    if psutil is None:
        from ...hardware.host import psutil_or_none

        psutil = psutil_or_none()
    try:
        return None if psutil is None else int(psutil.Process().memory_info().rss)
    except Exception:
        return None


def _most_resident() -> Optional[int]:
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most) if sys.platform == "darwin" else int(most) * 1024


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
