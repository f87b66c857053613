"""On which device operands meet."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Tuple

from .call import Call
from .errors import Malformed
from .values import Operand

_SEEN: Dict[str, str] = {"cpu": "cpu", "cuda": "cuda:0", "meta": "meta"}


def canonical_device(name: Any) -> str:
    """``cuda`` and ``cuda:0`` are one device, ``cpu`` has no number."""
    if not isinstance(name, str):
        raise Malformed(f"A device is a name such as 'cuda:0', not {ascii(name)[:40]}.")
    known = _SEEN.get(name)
    if known is not None:
        return known
    kind, colon, number = name.partition(":")
    if not kind.isidentifier() or len(name) > 60 or (colon and not number.isdigit()):
        raise Malformed(f"{ascii(name)[:60]} is not a device such as 'cpu' or 'cuda:0'.")
    if kind in ("cpu", "meta"):
        return kind
    final = f"{kind}:{int(number or 0)}"
    if len(_SEEN) < 100:
        _SEEN[name] = final
    return final


def common_device(
    call: Call,
    tensors: Optional[Iterable[Tuple[int, Operand]]] = None,
    numbers: int = 1,
    writes: bool = False,
) -> str:
    """The device of the result; notes a problem where the operands are on several.

    ``numbers``: how many 0-dim CPU tensors may join another device (1 elementwise; TensorIterator
    of torch says so).  ``writes``: the first operand is written into, and must be there itself.
    """
    listed = call.tensors if tensors is None else list(tensors)
    device: Optional[str] = None
    first = 0
    for index, one in listed:
        if one.device != "cpu":
            device, first = one.device, index
            break
    if device is None:
        return "cpu"
    joined: List[int] = []
    for position, (index, one) in enumerate(listed):
        if one.device == device:
            continue
        if not one.shape and one.device == "cpu" and not (writes and position == 0):
            joined.append(index)
            if len(joined) <= numbers:
                continue
        low, high = sorted((first, index))
        call.problem(
            "device",
            f"{call.named(low)} is on {call.tensor(low).device} and {call.named(high)} is on "
            f"{call.tensor(high).device}. Both must be on the same device.",
            (low, high),
        )
        break
    return device


def one_device(call: Call, tensors: Optional[Iterable[Tuple[int, Operand]]] = None) -> str:
    """The same without an exception for 0-dim tensors."""
    return common_device(call, tensors, numbers=0)
