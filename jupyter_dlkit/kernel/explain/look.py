"""What stands at a path of names, attributes and items: ``self.fc.weight``, ``batch['x']``.

Parsed and read step by step; no attribute access, key comparison or index of the user's runs.
"""

from __future__ import annotations

import ast
from types import ModuleType, SimpleNamespace, WrapperDescriptorType
from typing import Any, Dict, List, Tuple

from ...shapes.source.values import ABSENT, UNKNOWN, Value
from .. import kinds as k
from ..modules import index_style
from .seen import Seer

_NOWHERE = object()
_DEEPEST = 60
#: Classes whose way of reading an attribute runs nothing of the user's.
_PLAIN_CLASSES = (object, SimpleNamespace)


class Look:
    """Answers paths from names, inner ones first (locals, globals)."""

    def __init__(self, seer: Seer, *names: Dict[str, Any]) -> None:
        self.seer = seer
        self._names = names

    def __call__(self, path: str) -> Value:
        """As ``shapes.source`` asks: the value, ABSENT for a name that is not there."""
        if path.isidentifier():
            thing = self._variable(path)
            if thing is _NOWHERE:
                return ABSENT
        else:
            thing = self.thing(path)
            if thing is _NOWHERE:
                return UNKNOWN
        return self.seer.value(thing, path)

    def has(self, path: str) -> bool:
        """Whether something is there."""
        return self.thing(path) is not _NOWHERE

    def thing(self, path: Any) -> Any:
        """The object at a path, or at the node of one; a private object where none is."""
        try:
            node = ast.parse(path, mode="eval").body if isinstance(path, str) else path
            return self._step(node, 0)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _NOWHERE

    def found(self, path: Any) -> Tuple[Any, ...]:
        """The object at a path as a tuple of one; empty where none is."""
        thing = self.thing(path)
        return () if thing is _NOWHERE else (thing,)

    def _variable(self, name: str) -> Any:
        for names in self._names:
            if name in names:
                return names[name]
        return _NOWHERE

    def _step(self, node: ast.AST, depth: int) -> Any:
        if depth > _DEEPEST:
            return _NOWHERE
        if isinstance(node, ast.Name):
            return self._variable(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._step(node.value, depth + 1)
            return _NOWHERE if owner is _NOWHERE else self._attribute(owner, node.attr)
        if isinstance(node, ast.Subscript):
            owner = self._step(node.value, depth + 1)
            if owner is _NOWHERE:
                return _NOWHERE
            try:
                key = ast.literal_eval(_index(node))
            except (ValueError, TypeError, SyntaxError):
                key = self._key(node)
            return _NOWHERE if key is _NOWHERE else self._item(owner, key)
        return _NOWHERE

    def _key(self, node: ast.Subscript) -> Any:
        """A key that is a variable: ``data[name]``."""
        key = self._step(_index(node), _DEEPEST - 2)
        return key if type(key) in (str, int, bool) else _NOWHERE

    def _attribute(self, owner: Any, name: str) -> Any:
        cls = type(owner)
        what = self.seer.kinds.one(owner)
        if what == k.CLASS or what == k.TENSOR or what == k.WRAPPED:
            return _NOWHERE
        if cls is ModuleType:
            return ModuleType.__getattribute__(owner, "__dict__").get(name, _NOWHERE)
        if not _reads_plainly(cls):
            return _NOWHERE
        where = self.seer.kinds.layout(cls)
        own = k.instance_dict(owner, where) or {}
        of_class = k.in_class(cls, name)
        if of_class is not None and _is_data_descriptor(of_class):
            for slot, descriptor in where.slots:
                if slot == name and descriptor is of_class:
                    try:
                        return descriptor.__get__(owner)
                    except AttributeError:
                        return _NOWHERE
            return _NOWHERE  # a property: it would run code
        if name in own:
            return own[name]
        if of_class is not None:
            return _NOWHERE if hasattr(type(of_class), "__get__") else of_class
        for registry in ("_parameters", "_buffers", "_modules") if what == k.MODULE else ():
            entries = own.get(registry)
            if isinstance(entries, dict) and name in entries:
                return entries[name]
        return _NOWHERE

    def _item(self, owner: Any, key: Any) -> Any:
        what = self.seer.kinds.one(owner)
        getter = k.in_class(type(owner), "__getitem__")
        if what == k.DICT:
            if getter is not dict.__getitem__:
                return _NOWHERE
            kind = type(key)
            for other, value in list(dict.items(owner)):  # no comparison of the user's
                if type(other) is kind and other == key:
                    return value
            return _NOWHERE
        if type(key) is not int:
            return _NOWHERE if what != k.MODULE else self._child(owner, key)
        if what == k.LIST and getter is list.__getitem__:
            return _nth(list.__getitem__(owner, slice(None)), key)
        if what == k.TUPLE and getter is tuple.__getitem__:
            return _nth(list(tuple.__iter__(owner)), key)
        if what == k.MODULE:
            return self._child(owner, key)
        return _NOWHERE

    def _child(self, owner: Any, key: Any) -> Any:
        """``model[2]``, ``heads['a']``: of torch's own containers."""
        style = index_style(type(owner))
        children = self.seer.children(owner, "")
        if style == "list" and type(key) is int:
            return _nth([child for child, _ in children], key)
        if style == "dict" and type(key) is str:
            for child, path in children:
                if path == f"[{key!r}]":
                    return child
        return _NOWHERE


def _index(node: ast.Subscript) -> Any:
    index: Any = node.slice
    return index.value if type(index).__name__ == "Index" else index


def _nth(values: List[Any], index: int) -> Any:
    return values[index] if -len(values) <= index < len(values) else _NOWHERE


def _reads_plainly(cls: type) -> bool:
    """Whether reading an attribute looks it up as every object does."""
    getter = k.in_class(cls, "__getattribute__")
    return type(getter) is WrapperDescriptorType and getter.__objclass__ in _PLAIN_CLASSES


def _is_data_descriptor(value: Any) -> bool:
    cls = type(value)
    return k.in_class(cls, "__set__") is not None or k.in_class(cls, "__delete__") is not None
