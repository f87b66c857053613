"""What an error of an allocator says: how much was asked for, and where."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Optional

from .. import loaded
from ..devices import accelerator
from ..memory.frames import errors


class Said(NamedTuple):
    """Bytes; None where the message does not tell."""

    device: str
    asked: Optional[int]


_SIZE = r"([\d.]+) ?(bytes?|[KMGT]i?B|B)\b"
_ASKED = re.compile(r"ried to allocate " + _SIZE)
_WHERE = re.compile(r"\b(?:GPU|Device|XPU|device) ?:?(\d+)\b")
#: How torch's allocators begin, besides those whose errors have a class of their own.
_OURS = (
    "CUDA out of memory",
    "CUDA error: out of memory",
    "HIP out of memory",
    "MPS backend out of memory",
    "XPU out of memory",
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
)
_UNITS = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def said(error: BaseException) -> Optional[Said]:
    """What the error, or one that it came from, says; None where none is about memory."""
    for one in errors(error):
        found = _said(one)
        if found is not None:
            return found
    return None


def _said(error: BaseException) -> Optional[Said]:
    kind = type(error)
    arguments: Any = _ARGS(error)
    text = arguments[0] if arguments and type(arguments[0]) is str else ""
    has_class = kind.__name__ == "OutOfMemoryError" and kind.__module__.split(".")[0] == "torch"
    if not has_class:
        if kind is not RuntimeError or not any(one in text for one in _OURS):
            return None
        if "DefaultCPUAllocator" in text:
            return Said("cpu", _asked(text))
    torch = loaded.torch()
    backend = None if torch is None else accelerator(torch)
    where = _WHERE.search(text)
    if backend is None:
        return Said("cpu", _asked(text))
    return Said(f"{backend}:{where.group(1) if where else _current(torch, backend)}", _asked(text))


def _current(torch: Any, kind: str) -> int:
    from ..devices import ask

    index = ask(getattr(torch, kind, None), "current_device")
    return index if type(index) is int else 0


def _asked(text: str) -> Optional[int]:
    found = _ASKED.search(text)
    if found is None:
        return None
    try:
        power = _UNITS.get(found.group(2)[:1].upper(), 0)
        return int(float(found.group(1)) * 1024.0**power + 0.5)
    except ValueError:
        return None


_ARGS = BaseException.__dict__["args"].__get__
