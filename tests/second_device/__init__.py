"""A second device for machines that have none: ``toy:0`` and ``toy:1``, on host memory.

>>> from tests.second_device import load
>>> toy = load()
>>> x = torch.ones(3, device="toy:0")

Real errors of torch, exact bytes, and failures on demand.  Importing this brings up
nothing; ``load`` does, once in a process and for good.
"""

from __future__ import annotations

import ctypes
import types

from .build import library
from .device_module import device_module

#: What torch calls it.
NAME = "toy"

_loaded: ctypes.CDLL | None = None


def load(compatible: bool = True) -> types.ModuleType:
    """The module ``torch.toy``, with the device ready.

    ``compatible``: whether ``a.data = b`` works between CPU and this device (as between
    CPU and CUDA: ``Module.to`` keeps parameters) or not (``Module.to`` makes new ones).
    A later call changes that for all tensors.
    """
    global _loaded
    import torch

    if _loaded is None:
        handle = ctypes.CDLL(str(library()))
        for name in ("allocated", "peak", "reserved", "limit", "allocations", "copies"):
            getattr(handle, f"toy_{name}").restype = ctypes.c_int64
        handle.toy_limit.argtypes = [ctypes.c_int, ctypes.c_int64]
        torch.utils.rename_privateuse1_backend(NAME)
        torch._register_device_module(NAME, device_module(NAME, handle))
        torch.utils.generate_methods_for_privateuse1_backend()
        _loaded = handle
    _loaded.toy_set_compatible(int(compatible))
    module: types.ModuleType = torch.get_device_module(NAME)
    return module


def _library() -> ctypes.CDLL:
    if _loaded is None:
        raise RuntimeError("The second device is not loaded: tests.second_device.load()")
    return _loaded


def allocated(index: int = 0) -> int:
    """Bytes that tensors hold on ``toy:<index>``; exact."""
    return int(_library().toy_allocated(index))


def keep_freed(on: bool) -> None:
    """Whether freed memory stays reserved until ``torch.toy.empty_cache()``, as CUDA's does.

    Off at first.  What is kept gives way before memory runs out.
    """
    _library().toy_set_caching(int(on))


def limit(index: int, size: int | None) -> None:
    """``toy:<index>`` has ``size`` bytes in all; None: as many as at first."""
    _library().toy_limit(index, 8 << 30 if size is None else size)


def fail_at(k: int) -> None:
    """The ``k``-th allocation from now (1: the next) runs out of memory, once.  0: none."""
    _library().toy_fail_at(k)


def fail_copy_at(k: int) -> None:
    """The ``k``-th copy from now to, from or between devices raises, once.  0: none."""
    _library().toy_fail_copy_at(k)


def allocations() -> int:
    """How many there were since ``reset``, on all devices; those that failed included."""
    return int(_library().toy_allocations())


def copies() -> int:
    """How many copies to, from and between devices there were since ``reset``."""
    return int(_library().toy_copies())


def reset() -> None:
    """No limit, no cache, no failure to come, counters (not the bytes held) at nothing."""
    _library().toy_reset()
