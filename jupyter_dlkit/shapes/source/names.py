"""What names stand for, and when that is no longer known."""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, Iterable, Optional, Set

from ..values import Operand
from .values import UNKNOWN, Items, Layer, Size, Table, Value, either, same

Look = Callable[[str], Value]

#: Attributes by which a looked-up path may lead to a tensor that a module holds.
_NONE: FrozenSet[str] = frozenset()


class Outside:
    """The live namespace, asked once for each path, and what may have changed in it since.

    Shared by all branches of a cell: what may have changed in one branch may have changed.
    """

    def __init__(self, look: Look, usual: bool = True) -> None:
        self._look = look
        #: New tensors are float32 on the CPU where nothing else is said.
        self.usual = usual
        self._answers: Dict[str, Value] = {}
        #: Nothing outside is known any more.
        self.forgotten = False
        #: Roots below which attributes and items may have changed.
        self.changed: Set[str] = set()
        #: Some attribute or item may have changed below any root.
        self.inner_changed = False
        #: Names that some function of the user's rebinds, and whether code of the user's that is
        #: not followed may have run: from then on these may be anything.
        self.volatile: Set[str] = set()
        self.stirred = False
        #: Tensors of these shapes may have another one by now (``x.unsqueeze_(0)``).
        self.reshaped: Set[object] = set()
        #: Modules may have another dtype or device by now.
        self.modules_changed = False
        #: False once a tensor went to a device that is not known: then none is relied upon.
        self.devices_known = True

    def answer(self, path: str, root: str) -> Value:
        """What stands at a path now, or UNKNOWN."""
        if self.forgotten or (self.stirred and root in self.volatile):
            return UNKNOWN
        if path != root and (self.inner_changed or root in self.changed):
            return UNKNOWN
        if path not in self._answers:
            self._answers[path] = self._look(path)
        value = self._answers[path]
        if self.reshaped or self.modules_changed:
            value = self._now(value)
            self._answers[path] = value
        return value

    def _now(self, value: Value) -> Value:
        if isinstance(value, Operand):
            if value.shape in self.reshaped:
                return UNKNOWN
            if self.modules_changed and value.requires_grad and value.is_leaf:
                return UNKNOWN
        elif isinstance(value, Layer):
            if self.modules_changed or self.reshaped:
                return UNKNOWN
        elif isinstance(value, Size):
            return Size(tuple(map(self._now, value.items)), value.fields)
        elif isinstance(value, Items):
            if value.items is not None:
                value.items = list(map(self._now, value.items))
        elif isinstance(value, Table) and value.items is not None:
            value.items = {key: self._now(one) for key, one in value.items.items()}
        return value


class Names:
    """The names bound by the cell so far, over the live namespace."""

    def __init__(self, outside: Outside, bound: Optional[Dict[str, Value]] = None) -> None:
        self.outside = outside
        self.bound: Dict[str, Value] = {} if bound is None else bound

    def get(self, name: str) -> Value:
        """The value of a name."""
        if self.outside.stirred and name in self.outside.volatile:
            return UNKNOWN
        if name in self.bound:
            return self.bound[name]
        return self.outside.answer(name, name)

    def bind(self, name: str, value: Value) -> None:
        """``name = value``."""
        self.bound[name] = value

    def forget(self, names: Iterable[str]) -> None:
        """These may be anything now."""
        for name in names:
            self.bound[name] = UNKNOWN

    def forget_all(self) -> None:
        """Any name may be anything now."""
        self.outside.forgotten = True
        self.bound.clear()

    def branch(self) -> Names:
        """These names, to be bound otherwise on one side of a branch."""
        return Names(self.outside, dict(self.bound))

    def take(self, sides: Iterable[Names]) -> None:
        """After a branch: what is the same on every side that may have been taken."""
        first, *others = list(sides)
        names = set(first.bound).union(*(other.bound for other in others))
        merged: Dict[str, Value] = {}
        for name in names:
            merged[name] = either([first.get(name), *(other.get(name) for other in others)])
        self.bound = merged

    def agrees(self, other: Names) -> bool:
        """Whether every name stands for the same in both."""
        names = set(self.bound).union(other.bound)
        return all(same(self.get(name), other.get(name)) for name in names)

    def replace(self, change: Callable[[Value], Value]) -> None:
        """Every value that is held, exchanged for what ``change`` makes of it."""
        for name, value in self.bound.items():
            self.bound[name] = _inside(value, change)


def _inside(value: Value, change: Callable[[Value], Value]) -> Value:
    if isinstance(value, Size):
        items = tuple(_inside(one, change) for one in value.items)
        return value if all(map(_is, items, value.items)) else Size(items, value.fields)
    if isinstance(value, Items):
        if value.items is not None:
            value.items = [_inside(one, change) for one in value.items]
        return value
    if isinstance(value, Table):
        if value.items is not None:
            value.items = {key: _inside(one, change) for key, one in value.items.items()}
        return value
    return change(value)


def _is(left: object, right: object) -> bool:
    return left is right
