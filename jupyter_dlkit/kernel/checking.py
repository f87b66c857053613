"""Checks shapes with the names of this kernel: metadata only, while a cell runs as well.

What is read is of the first tier: no gradients, no values, nothing that runs the user's code.
Source is parsed by this kernel's own Python, and never evaluated.
"""

from __future__ import annotations

import json
from types import FunctionType
from typing import Any, Dict, List, Optional, Set, Tuple

from ..shapes.source.request import Circumstances, NotAnswered, answered
from ..shapes.source.values import UNKNOWN, Value
from ..shapes.values import Operand, Scalar
from . import kinds as k
from . import loaded
from .errors import Refusal
from .explain.look import Look
from .explain.seen import Seer
from .inventory import Inventory
from .resolve import Resolver
from .unseen import unseen

#: Functions of the user's that are looked through for names that they rebind.
_MOST_FUNCTIONS = 2000
_STORE_GLOBAL = "STORE_GLOBAL"


def checked(request: Dict[str, Any], inventory: Inventory) -> bytes:
    """JSON of a ``Check``; raises ``Refusal``."""
    try:
        return json.dumps(unseen(lambda: _answer(request, inventory))).encode()
    except NotAnswered as error:
        raise Refusal(error.code, error.message, error.hint, 400) from None


def _answer(request: Dict[str, Any], inventory: Inventory) -> Dict[str, Any]:
    seer = _Metadata(plain_only=True)
    names, outputs = inventory.namespace(), inventory.outputs()
    space: Dict[str, Any] = inventory.shell.user_ns
    look = Look(seer, names, space)  # Out, In and their like only where no other is called so

    def looked(path: str) -> Value:
        answer = _OF_DEVICES.get(path)
        return look(path) if answer is None else answer()

    def operand(path: str) -> Value:
        return _Metadata().value(_Paths(names, outputs).resolve(path), path)

    there = Circumstances(free(), _rebound(names, space, seer.kinds), _usual(space))
    return answered(request, looked, operand, there)


class _Metadata(Seer):
    """Sees shapes, dtypes and devices, no values; a list is one, however it is reached.

    ``plain_only``: a tensor of a class of the user's may do anything; it is not known.
    """

    def __init__(self, plain_only: bool = False) -> None:
        super().__init__()
        torch = loaded.torch()
        self._plain = (torch.Tensor, torch.nn.Parameter) if plain_only and torch else None
        self._lists: Dict[int, Tuple[Any, Value]] = {}

    def tensor(self, thing: Any, name: Optional[str] = None) -> Optional[Operand]:
        if self._plain is not None and type(thing) not in self._plain:
            return None
        return super().tensor(thing, name)

    def _range(self, thing: Any) -> Optional[Tuple[int, int]]:
        return None

    def _container(self, thing: Any, what: int, name: Optional[str], depth: int) -> Value:
        known = self._lists.get(id(thing))
        if known is None:
            known = thing, super()._container(thing, what, name, depth)
            self._lists[id(thing)] = known
        return known[1]


class _Paths(Resolver):
    """Paths as the list prints them; not to gradients, which a backward may be writing."""

    def _gradient(self, tensor: Any) -> Any:
        raise Refusal(
            "gradient",
            "A gradient is not looked at while something may be writing it.",
            "It has the shape, dtype and device of its tensor: name that.",
            409,
        )


def _current_device() -> Value:
    """The device that ``cuda`` is, where there is only one: the choice is each thread's own."""
    torch = loaded.torch()
    if torch is None or not torch.cuda.is_initialized() or torch.cuda.device_count() != 1:
        return UNKNOWN
    return Scalar(0)


def _has_cuda() -> Value:
    """Whether CUDA is available, as far as that can be known without bringing it up."""
    torch = loaded.torch()
    if torch is None:
        return UNKNOWN
    if torch.cuda.is_initialized():
        return Scalar(True)
    built = torch.version.cuda or getattr(torch.version, "hip", None)
    return UNKNOWN if built else Scalar(False)


def _has_mps() -> Value:
    torch = loaded.torch()
    mps = None if torch is None else getattr(torch.backends, "mps", None)
    return Scalar(False) if mps is not None and not mps.is_built() else UNKNOWN


#: What source asks about devices.
_OF_DEVICES = {
    "torch.cuda.current_device()": _current_device,
    "torch.cuda.is_available()": _has_cuda,
    "torch.backends.mps.is_available()": _has_mps,
}


def free() -> Dict[str, int]:
    """Bytes free on devices of this kernel's torch that are in use."""
    from .devices import devices, state

    if state() in ("", "torch"):
        return {}
    return {
        device["id"]: device["free"]
        for device in devices()["devices"]
        if device["free"] is not None
    }


def _usual(space: Dict[str, Any]) -> bool:
    """Whether new tensors are float32 on the CPU, as far as can be seen from this thread."""
    torch = loaded.torch()
    if torch is None:
        return True
    cells = space.get("In")
    for cell in list(cells) if type(cells) is list else ():
        if type(cell) is str and "set_default_" in cell:
            return False
    return torch.get_default_dtype() is torch.float32


def _rebound(names: Dict[str, Any], space: Dict[str, Any], kinds: k.Kinds) -> List[str]:
    """Names that some function of the user's rebinds with ``global``."""
    import opcode

    store = opcode.opmap[_STORE_GLOBAL]
    found: Set[str] = set()
    waiting: List[Any] = []
    for value in list(names.values()):
        kind = kinds.one(value)
        if kind == k.FUNCTION:
            waiting.append(value)
        elif kind == k.CLASS and k.module_of(value) == "__main__":
            waiting.extend(
                one for one in k.class_namespace(value).values() if type(one) is FunctionType
            )
    codes = [one.__code__ for one in waiting[:_MOST_FUNCTIONS] if one.__globals__ is space]
    while codes:
        code = codes.pop()
        codes.extend(one for one in code.co_consts if type(one) is type(code))
        raw = code.co_code
        if store not in raw[::2]:
            continue
        extended = 0
        for position in range(0, len(raw) - 1, 2):
            argument = raw[position + 1] | extended << 8
            if raw[position] == store:
                found.add(code.co_names[argument])
            extended = argument if raw[position] == opcode.EXTENDED_ARG else 0
    return sorted(found)
