"""From an expression, as the list prints it, to the object.

Parsed, never evaluated: each step reads what the walk would have read, so that
no attribute access, key comparison or index of the user's runs.
"""

from __future__ import annotations

import ast
from collections import deque
from itertools import islice
from typing import Any, Dict, List

from . import kinds as k
from .errors import Refusal

#: Steps in an expression.
_DEEPEST = 200


class Gone(Exception):
    """The expression reaches nothing any more."""


class Resolver:
    """Resolves expressions in a namespace."""

    def __init__(self, namespace: Dict[str, Any], outputs: Dict[Any, Any]) -> None:
        self.namespace = namespace
        self.outputs = outputs
        self.kinds = k.Kinds()

    def resolve(self, expression: str) -> Any:
        """The object.  Raises ``Refusal`` (400) for what is not such an expression, and
        (404) when nothing is there."""
        try:
            tree = ast.parse(expression, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise _not_a_path(expression) from None
        try:
            return self._step(tree, expression, 0)
        except Gone:
            raise Refusal(
                "gone",
                f"{expression} does not reach anything any more.",
                "It was deleted or replaced; refresh the list.",
                404,
            ) from None

    def _step(self, node: ast.expr, whole: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise _not_a_path(whole)
        depth += 1
        if isinstance(node, ast.Name):
            if node.id == "Out":
                return self.outputs
            return _get(self.namespace, node.id)
        if isinstance(node, ast.Attribute):
            if node.attr == "cell_contents":
                return self._cell(node.value, whole, depth)
            return self._attribute(self._step(node.value, whole, depth), node.attr)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, whole, depth)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get_submodule"
            and len(node.args) == 1
        ):  # model.get_submodule('a-b')
            owner = self._step(node.func.value, whole, depth)
            return _get(self._attribute(owner, "_modules"), _constant(node.args[0], whole))
        raise _not_a_path(whole)

    def _subscript(self, node: ast.Subscript, whole: str, depth: int) -> Any:
        index: Any = node.slice
        if index.__class__.__name__ == "Index":  # Python 3.8's tree
            index = index.value
        called = node.value
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Name):
            return self._builtin(called, _constant(index, whole), whole, depth)
        owner = self._step(node.value, whole, depth)
        if isinstance(index, (ast.Constant, ast.Tuple, ast.UnaryOp)):
            return self._item(owner, _constant(index, whole))
        key = self._step(index, whole, depth)  # optimizer.state[model.weight]
        for other, value in list(dict.items(owner)) if self._kind(owner) == k.DICT else ():
            if other is key:
                return value
        raise Gone

    def _builtin(self, call: ast.Call, index: Any, whole: str, depth: int) -> Any:
        """``vars(x)['k']``, ``globals()['k']``, ``list(x)[0]``, ``list(x.values())[0]``."""
        name = call.func.id  # type: ignore[attr-defined]
        if name == "globals" and not call.args:
            return _get(self.namespace, index)
        if len(call.args) != 1 or call.keywords:
            raise _not_a_path(whole)
        argument = call.args[0]
        if name == "vars":
            return self._attribute(self._step(argument, whole, depth), index)
        if name != "list" or type(index) is not int:
            raise _not_a_path(whole)
        if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
            if argument.func.attr != "values":
                raise _not_a_path(whole)
            owner = self._step(argument.func.value, whole, depth)
            if self._kind(owner) != k.DICT:
                raise Gone
            return _nth(list(dict.values(owner)), index)
        owner = self._step(argument, whole, depth)
        kind = self._kind(owner)
        if kind == k.SET:
            return _nth(list(islice(set.__iter__(owner), index + 1)), index)
        if kind == k.FROZENSET:
            return _nth(list(islice(frozenset.__iter__(owner), index + 1)), index)
        raise Gone

    def _item(self, owner: Any, key: Any) -> Any:
        kind = self._kind(owner)
        if kind == k.DICT:
            return _get(owner, key)
        if kind == k.LIST and type(key) is int:
            return _nth(list.__getitem__(owner, slice(None)), key)
        if kind == k.TUPLE and type(key) is int:
            return _nth(list(tuple.__getitem__(owner, slice(None))), key)
        if kind == k.DEQUE and type(key) is int:
            return _nth(list(deque.__iter__(owner)), key)
        if kind == k.MODULE:
            for registry in ("_modules", "_parameters", "_buffers"):
                try:
                    return _get(self._attribute(owner, registry), str(key))
                except Gone:
                    continue
        raise Gone

    def _attribute(self, owner: Any, name: str) -> Any:
        kind = self._kind(owner)
        if kind == k.CLASS:
            return _get(k.class_namespace(owner), name)
        if kind == k.PARTIAL and name in ("func", "args", "keywords"):
            from functools import partial

            return partial.__dict__[name].__get__(owner)
        if name == "grad" and kind == k.TENSOR:
            return self._gradient(owner)
        where = k.layout(type(owner))
        attributes = k.instance_dict(owner, where) or {}
        if name in attributes:
            return attributes[name]
        for registry in ("_parameters", "_buffers", "_modules") if kind == k.MODULE else ():
            entries = attributes.get(registry)
            if isinstance(entries, dict) and name in entries:
                return entries[name]
        for slot, descriptor in where.slots:
            if slot == name:
                try:
                    return descriptor.__get__(owner)
                except AttributeError:
                    break
        raise Gone

    def _gradient(self, tensor: Any) -> Any:
        """``x.grad``: the caller is on the main thread, between bytecodes of nobody's backward."""
        from . import loaded

        base = loaded.torch()._C.TensorBase
        if not base.is_leaf.__get__(tensor) and not base.retains_grad.__get__(tensor):
            raise Gone
        gradient = base.grad.__get__(tensor)
        if gradient is None:
            raise Gone
        return gradient

    def _cell(self, node: ast.expr, whole: str, depth: int) -> Any:
        """``f.__closure__[0].cell_contents``."""
        if (
            not isinstance(node, ast.Subscript)
            or not isinstance(node.value, ast.Attribute)
            or node.value.attr != "__closure__"
        ):
            raise _not_a_path(whole)
        function = self._step(node.value.value, whole, depth)
        if self._kind(function) != k.FUNCTION:
            raise Gone
        try:
            return _nth(
                list(function.__closure__ or ()), _constant(node.slice, whole)
            ).cell_contents
        except ValueError:
            raise Gone from None

    def _kind(self, value: Any) -> int:
        return (self.kinds.of([value]) or [k.ATOM])[0]


def _constant(node: Any, whole: str) -> Any:
    if node.__class__.__name__ == "Index":
        node = node.value
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise _not_a_path(whole) from None


def _get(entries: Any, key: Any) -> Any:
    """A value by key, comparing only keys of exactly the same type."""
    kind = type(key)
    for other, value in list(dict.items(entries)):
        if type(other) is kind and other == key:
            return value
    raise Gone


def _nth(values: List[Any], index: int) -> Any:
    if not -len(values) <= index < len(values):
        raise Gone
    return values[index]


def _not_a_path(expression: str) -> Refusal:
    return Refusal(
        "not_a_path",
        f"{expression!r} is not a path to a tensor as the list prints it.",
        "Use names, attributes, indices and keys only, such as model.layers[0].weight.",
        400,
    )
