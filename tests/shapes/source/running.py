"""What really happens when a cell runs, with the real torch."""

from __future__ import annotations

import sys
import traceback
import warnings
from typing import Any, Dict, NamedTuple, Optional, Set

from jupyter_dlkit.shapes import Operand, Scalar
from jupyter_dlkit.shapes.source import Constant, Device, Dtype, Items, Size, Table, Value

FILE = "<the cell>"


class Ran(NamedTuple):
    """Lines that ran, the line that raised (or None), the names afterwards."""

    lines: Set[int]
    failed: Optional[int]
    error: Optional[BaseException]
    namespace: Dict[str, Any]


def run(source: str, namespace: Optional[Dict[str, Any]] = None) -> Ran:
    """Executes it, and watches which of its lines run."""
    import torch

    torch.manual_seed(0)
    namespace = {"__name__": "__main__", **(namespace or {})}
    lines: Set[int] = set()

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != FILE:
            return None
        lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    code = compile(source, FILE, "exec")
    failed, raised = None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.settrace(trace)
        try:
            exec(code, namespace)
        except Exception as error:
            sys.settrace(before)
            raised = error
            frames = traceback.extract_tb(error.__traceback__)
            failed = next(frame.lineno for frame in frames if frame.filename == FILE)
        finally:
            sys.settrace(before)
    return Ran(lines, failed, raised, namespace)


def contradiction(known: Value, real: Any) -> Optional[str]:
    """Why what is said to be known is not so; None where it is."""
    import torch

    if isinstance(known, Operand):
        if not isinstance(real, torch.Tensor):
            return f"{type(real)} is no tensor"
        if tuple(real.shape) != known.shape:
            return f"shape {tuple(real.shape)}, not {known.shape}"
        if str(real.dtype) != f"torch.{known.dtype}":
            return f"{real.dtype}, not {known.dtype}"
        if str(real.device) != known.device:
            return f"{real.device}, not {known.device}"
        if known.strides is not None and real.numel() > 1:
            pairs = zip(real.shape, real.stride(), known.strides, strict=True)
            if any(size > 1 and there != said for size, there, said in pairs):
                return f"strides {real.stride()}, not {known.strides} of {known.shape}"
        if known.index_range is not None:
            low, high = known.index_range
            if real.numel() == 0 or int(real.min()) != low or int(real.max()) != high:
                return f"values not {known.index_range}"
    elif isinstance(known, Scalar):
        if type(real) is not type(known.value):
            return f"{type(real)}, not {type(known.value)}"
        if known.known and real != known.value:
            return f"{real}, not {known.value}"
    elif isinstance(known, Constant):
        if real != known.value:
            return f"{real!r}, not {known.value!r}"
    elif isinstance(known, Dtype):
        if str(real) != f"torch.{known.name}":
            return f"{real}, not {known.name}"
    elif isinstance(known, Device):
        if known.name not in ("?", str(real)):
            return f"{real}, not {known.name}"
    elif isinstance(known, (Size, Items)) and known.items is not None:
        kinds = tuple if isinstance(known, Size) else list
        if not isinstance(real, kinds) and not hasattr(real, "__next__"):
            return f"{type(real)}, not {kinds}"
        if hasattr(real, "__next__"):
            return None
        if len(real) != len(known.items):
            return f"{len(real)} items, not {len(known.items)}"
        for number, (said, there) in enumerate(zip(known.items, real, strict=True)):
            why = contradiction(said, there)
            if why is not None:
                return f"[{number}]: {why}"
    elif isinstance(known, Table) and known.items is not None:
        if not isinstance(real, dict) or set(real) != set(known.items):
            return f"keys {list(real)}, not {list(known.items)}"
        for key, said in known.items.items():
            why = contradiction(said, real[key])
            if why is not None:
                return f"[{key!r}]: {why}"
    return None
