"""On which device operands meet."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Optional, Tuple

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
    numbers_from_cpu: bool = True,
) -> str:
    """The device of the result; notes a problem where the operands are on several.

    ``numbers_from_cpu``: a 0-dim CPU tensor may join any device, as elementwise.
    """
    listed = call.tensors if tensors is None else list(tensors)
    device: Optional[str] = None
    first = 0
    for index, one in listed:
        if numbers_from_cpu and not one.shape and one.device == "cpu":
            continue
        if device is None:
            device, first = one.device, index
        elif one.device != device:
            call.problem(
                "device",
                f"{call.named(first)} is on {device} and {call.named(index)} is on {one.device}. "
                "Both must be on the same device.",
                (first, index),
            )
            return device
    if device is None:
        return listed[0][1].device if listed else "cpu"
    return device
