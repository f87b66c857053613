"""An object of the user's as the rules see it, by what it is and without asking it."""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Dict, List, Optional, Tuple

from ...shapes.source.values import (
    UNKNOWN,
    Array,
    Constant,
    Device,
    Dtype,
    Items,
    Layer,
    Named,
    Range,
    Size,
    Table,
    Value,
)
from ...shapes.values import Operand, Scalar
from .. import kinds as k
from .. import loaded
from ..modules import index_style
from ..names import submodule

#: Longer containers, and deeper ones, are not known item by item.
_LONGEST, _DEEPEST = 256, 4
#: Elements of an integer tensor whose smallest and largest are looked for.
_MOST_RANGED = 1_000_000
_PLAIN = (int, float, bool, complex, str, type(None))
#: Modules in which a function is documented, the one to name first.
_DOCUMENTED = ("torch", "torch.nn.functional", "torch.nn", "torch.linalg", "torch.special", "math")
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


class Seer:
    """Sees objects of one moment; lives as long as one explanation."""

    def __init__(self) -> None:
        self.kinds = k.Kinds()
        self._torch = loaded.torch()
        self._base: Any = None if self._torch is None else self._torch._C.TensorBase
        self._numpy = loaded.numpy()

    def value(self, thing: Any, name: Optional[str] = None, depth: int = 0) -> Value:
        """What the rules can know of it.  ``name``: how the user reaches it."""
        kind = type(thing)
        if kind in (int, float, bool, complex):
            return Scalar(thing)
        if kind in (str, bytes) or thing is None or thing is Ellipsis:
            return Constant(thing)
        what = self.kinds.one(thing)
        if what == k.TENSOR:
            return self.tensor(thing, name) or UNKNOWN
        if what == k.MODULE:
            return self.layer(thing, name, depth) or UNKNOWN
        if what == k.ARRAY:
            return self._array(thing)
        if what in (k.TUPLE, k.LIST, k.DICT):
            return self._container(thing, what, name, depth)
        if kind is range:
            return Range(thing.start, thing.stop, thing.step)
        return self._of_torch(thing, kind)

    # Tensors -----------------------------------------------------------------

    def tensor(self, thing: Any, name: Optional[str] = None) -> Optional[Operand]:
        """A tensor of torch's; None for one that cannot tell its shape."""
        base = self._base
        try:
            if base.is_nested.__get__(thing) or str(base.layout.__get__(thing)) != "torch.strided":
                return None
            if self._torch._C._functorch.is_functorch_wrapped_tensor(thing):
                return None
            operand = Operand(
                shape=tuple(base.shape.__get__(thing)),
                dtype=str(base.dtype.__get__(thing)).partition(".")[2],
                device=str(base.device.__get__(thing)),
                name=name,
                requires_grad=bool(base.requires_grad.__get__(thing)),
                is_leaf=bool(base.is_leaf.__get__(thing)),
                strides=tuple(base.stride(thing)),
                index_range=self._range(thing),
            )
        except Exception:  # not yet initialized, or of a transformation that is over
            return None
        return operand

    def _range(self, thing: Any) -> Optional[Tuple[int, int]]:
        """The smallest and the largest value, where looking at them costs nothing."""
        base, torch = self._base, self._torch
        dtype = base.dtype.__get__(thing)
        if dtype.is_floating_point or dtype.is_complex or dtype is torch.bool:
            return None
        size = base.numel(thing)
        if not 0 < size <= _MOST_RANGED or str(base.device.__get__(thing)) != "cpu":
            return None
        low, high = torch.aminmax(thing)
        return int(low), int(high)

    def _array(self, thing: Any) -> Value:
        if type(thing) is not self._numpy.ndarray:
            return UNKNOWN
        return Array(tuple(thing.shape), str(thing.dtype.name))

    # Modules -------------------------------------------------------------------

    def layer(
        self, thing: Any, name: Optional[str], depth: int = 0, inside: bool = False
    ) -> Optional[Layer]:
        """A module of torch's own; None for any other, and for one with hooks.

        ``inside``: its input is what reached ``forward``, so that hooks are past.
        """
        torch = self._torch
        cls = type(thing)
        kind = k.type_name(cls)
        if torch.nn.__dict__.get(kind) is not cls:
            return None
        attributes = k.instance_dict(thing, self.kinds.layout(cls))
        if attributes is None or "forward" in attributes:
            return None
        if not inside and any(attributes.get(hooks) for hooks in _HOOKS):
            return None
        owner = name or "self"
        operands: Dict[str, Operand] = {}
        for registry in ("_parameters", "_buffers"):
            for key, tensor in list((attributes.get(registry) or {}).items()):
                if tensor is not None and self.kinds.one(tensor) == k.TENSOR:
                    operand = self.tensor(tensor, f"{owner}.{key}")
                    if operand is not None:
                        operands[key] = operand
        settings = {
            key: value
            for key, value in list(attributes.items())
            if type(key) is str and not key.startswith("_") and _is_plain(value)
        }
        children: List[Value] = []
        if kind in ("Sequential", "ModuleList") and depth < _DEEPEST:
            for key, child in list((attributes.get("_modules") or {}).items())[:_LONGEST]:
                children.append(
                    self.layer(child, submodule(owner, key, "list"), depth + 1) or UNKNOWN
                    if self.kinds.one(child) == k.MODULE
                    else UNKNOWN
                )
        return Layer(kind, operands, settings, tuple(children))

    def children(self, module: Any, name: str) -> List[Tuple[Any, str]]:
        """The modules inside of a module, and how they are reached."""
        attributes = k.instance_dict(module, self.kinds.layout(type(module))) or {}
        inside = attributes.get("_modules")
        if not isinstance(inside, dict):
            return []
        style = index_style(type(module))
        return [
            (child, submodule(name, str(key), style))
            for key, child in list(dict.items(inside))
            if child is not None
        ]

    # The rest --------------------------------------------------------------------

    def _container(self, thing: Any, what: int, name: Optional[str], depth: int) -> Value:
        cls = type(thing)
        if what == k.DICT:
            if cls is not dict or depth >= _DEEPEST or len(thing) > _LONGEST:
                return UNKNOWN
            entries = list(thing.items())  # another thread may be changing it
            if not all(type(key) in _PLAIN for key, _ in entries):
                return UNKNOWN
            return Table(
                {key: self.value(one, f"{name}[{key!r}]", depth + 1) for key, one in entries}
            )
        sized = self._torch is not None and cls is self._torch.Size
        if cls not in (tuple, list) and not sized:
            return UNKNOWN
        if depth >= _DEEPEST or len(thing) > _LONGEST:
            return UNKNOWN
        listed = list(thing)
        items = [self.value(one, f"{name}[{i}]", depth + 1) for i, one in enumerate(listed)]
        return Items(items) if cls is list else Size(tuple(items))

    def _of_torch(self, thing: Any, kind: type) -> Value:
        torch = self._torch
        if kind is ModuleType:
            name = ModuleType.__getattribute__(thing, "__dict__").get("__name__")
            return Named(name) if type(name) is str else UNKNOWN
        if torch is not None:
            if kind is torch.dtype:
                return Dtype(str(thing).partition(".")[2])
            if kind is torch.device:
                return Device(str(thing))
        if kind is FunctionType or kind is BuiltinFunctionType or isinstance(kind, type):
            path = documented(thing)
            if path is not None:
                return Named(path)
        return UNKNOWN


def documented(thing: Any) -> Optional[str]:
    """The path under which something of torch's or Python's is documented, or None."""
    if type(thing) not in (FunctionType, BuiltinFunctionType, type):
        return None
    name = thing.__name__
    for module in _DOCUMENTED:
        found = sys.modules.get(module)
        if found is not None and vars(found).get(name) is thing:
            return f"{module}.{name}"
    return None


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return len(value) <= _LONGEST and all(type(one) in _PLAIN for one in value)
    return type(value) in _PLAIN
