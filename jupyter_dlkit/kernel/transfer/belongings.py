"""What belongs to the target of a move: the tensors that move with it."""

from __future__ import annotations

from collections import deque
from typing import Any, Dict, List, NamedTuple, Set

from .. import names
from ..held import Held
from ..kinds import (
    ATOM,
    DEQUE,
    DICT,
    FROZENSET,
    LIST,
    MODULE,
    SET,
    TENSOR,
    TUPLE,
    WRAPPED,
    Kinds,
    instance_dict,
)
from ..modules import MODULE_INTERNALS, index_style
from ..walk import Walk

_CONTAINERS = (DICT, LIST, TUPLE, SET, FROZENSET, DEQUE)

#: Seconds of CPU that looking into one target may take.
_BUDGET = 20.0


class Belonging(NamedTuple):
    """A tensor, and how it is reached through the target."""

    tensor: Any
    name: str
    owner: str


class Belongings(NamedTuple):
    """What moves with a target, and what is only reached through it."""

    tensors: List[Belonging]
    others: List[Belonging]
    modules: List[Any]


def of(kinds: Kinds, value: Any, path: str) -> Belongings:
    """Tensors of a tensor, module, optimizer, container or object that ``path`` reaches."""
    kind = kinds.one(value)
    if kind in (TENSOR, WRAPPED):
        return Belongings([Belonging(value, path, "variable")], [], [])
    walk = Walk(kinds, Held(list.clear), _BUDGET, names.Paths())
    walk.inside(value, path)
    found = walk.found
    reached = [
        Belonging(value, name, owner)
        for value, name, owner, kind in zip(found.objects, found.names, found.owners, found.kinds)
        if kind in (TENSOR, WRAPPED)
    ]
    if kind != MODULE:
        return Belongings(reached, [], [])
    own = _Own(kinds)
    own.module(value, path)
    present = {id(belonging.tensor) for belonging in own.tensors}
    others = [belonging for belonging in reached if id(belonging.tensor) not in present]
    return Belongings(own.tensors, others, own.modules)


class _Own:
    """The module's own: parameters, buffers, submodules, and tensors and modules that it keeps
    as plain attributes or in built-in containers.  What is behind other objects (a trainer, a
    data set) is not the module's."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.tensors: List[Belonging] = []
        self.modules: List[Any] = []
        self._seen: Set[int] = set()

    def module(self, module: Any, path: str) -> None:
        """Add a module and all below it."""
        if id(module) in self._seen:
            return
        self._seen.add(id(module))
        self.modules.append(module)
        attributes = instance_dict(module, self.kinds.layout(type(module)))
        if attributes is None:
            return
        style = index_style(type(module))
        for registry, owner in (("_parameters", "parameter"), ("_buffers", "buffer")):
            for name, value in _entries(attributes.get(registry)).items():
                self._add(value, names.submodule(path, name, style), owner)
        for name, value in _entries(attributes.get("_modules")).items():
            if self.kinds.one(value) == MODULE:
                self.module(value, names.submodule(path, name, style))
        for name, value in list(attributes.items()):
            if type(name) is str and name not in MODULE_INTERNALS:
                self._add(value, names.attribute(path, name), "container")

    def _add(self, value: Any, path: str, owner: str) -> None:
        kind = self.kinds.one(value)
        if kind == ATOM:
            return
        if kind in (TENSOR, WRAPPED):
            if id(value) not in self._seen:
                self._seen.add(id(value))
                self.tensors.append(Belonging(value, path, owner))
        elif kind == MODULE:
            self.module(value, path)
        elif kind in _CONTAINERS and id(value) not in self._seen:
            self._seen.add(id(value))
            self._items(value, kind, path)

    def _items(self, value: Any, kind: int, path: str) -> None:
        if kind == DICT:
            for position, (key, item) in enumerate(list(dict.items(value))):
                self._add(item, names.key(path, key, position), "container")
            return
        if kind == LIST:
            taken = list.__getitem__(value, slice(None))
        elif kind == TUPLE:
            taken = list(tuple.__getitem__(value, slice(None)))
        elif kind == SET:
            taken = list(set.__iter__(value))
        elif kind == FROZENSET:
            taken = list(frozenset.__iter__(value))
        else:
            taken = list(deque.__iter__(value))
        name = names.member if kind in (SET, FROZENSET) else names.index
        for position, item in enumerate(taken):
            self._add(item, name(path, position), "container")


def _entries(registry: Any) -> Dict[str, Any]:
    if not isinstance(registry, dict):
        return {}
    return {k: v for k, v in list(dict.items(registry)) if type(k) is str and v is not None}
