"""What following is done with: the engine asked, names and lists that are no longer known."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..dtypes import is_floating
from ..values import Operand, Scalar
from .names import Names
from .record import Argument, Record
from .torch_names import words
from .values import (
    UNKNOWN,
    Items,
    Layer,
    Method,
    NotPlain,
    Size,
    Table,
    Value,
    plain,
)

_LISTED = words(
    "chunk split unbind tensor_split hsplit vsplit dsplit split_with_sizes unsafe_split "
    "unsafe_chunk broadcast_tensors meshgrid"
)

_BOUNDED = words("clamp clamp_ clip clip_")

_VALUES_AND_INDICES = ("values", "indices")
_FIELDS: Dict[str, Tuple[str, ...]] = dict.fromkeys(
    ["max", "min", "sort", "topk", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin"],
    _VALUES_AND_INDICES,
)

#: Operations whose result has all values of their operand, so that its range holds for it.
_SAME_VALUES = words(
    "view reshape view_as reshape_as t T mT transpose permute swapaxes swapdims movedim moveaxis "
    "unsqueeze squeeze flatten unflatten contiguous clone detach flip roll to ravel"
)


class Following(ABC):
    """Names, the record, and what is known to have happened so far."""

    def __init__(self, names: Names, record: Record, grad: Optional[bool]) -> None:
        self.names = names
        self.record = record
        #: Whether gradients are being recorded; None where that is not known.
        self.grad = grad
        #: More than 0: what is followed here may run never or several times.
        self.unsure = 0

    @abstractmethod
    def value(self, node: ast.expr) -> Value:
        """What the expression is known to be."""

    def quietly(self, node: ast.expr) -> Value:
        """The same for what may not run: nothing is found there."""
        self.record.quiet += 1
        self.unsure += 1
        try:
            return self.value(node)
        finally:
            self.record.quiet -= 1
            self.unsure -= 1

    def operation(
        self,
        node: ast.AST,
        name: str,
        positional: Sequence[Tuple[ast.expr, Value]],
        keywords: Optional[Mapping[str, Tuple[ast.expr, Value]]] = None,
    ) -> Value:
        """The result of one of the engine's operations, UNKNOWN where anything is not known."""
        try:
            arguments: List[Argument] = [(one, _engines(value)) for one, value in positional]
            named: Dict[str, Argument] = {
                word: (one, _engines(value)) for word, (one, value) in (keywords or {}).items()
            }
        except NotPlain:
            return UNKNOWN
        if name in _BOUNDED and any(
            isinstance(value, Operand) and not value.shape for _, value in positional[1:]
        ):
            return UNKNOWN  # a 0-dim tensor serves as a number there, or as a tensor
        self.record.devices_known = self.names.outside.devices_known
        verdict = self.record.ask(node, name, arguments, named, self.grad is True)
        if verdict is None or not verdict.ok:
            return UNKNOWN
        if not self.names.outside.usual and not any(
            isinstance(one, Operand) and is_floating(one.dtype) for _, one in arguments
        ):
            return UNKNOWN  # int / int is of torch's default dtype
        if verdict.scalar is not None:
            return verdict.scalar
        if verdict.undetermined is not None:
            return UNKNOWN
        results: Tuple[Value, ...] = tuple(result.operand() for result in verdict.results)
        if name not in _SAME_VALUES:
            results = tuple(map(_without_range, results))
        if name in _LISTED or len(results) > 1:
            return Size(results, _FIELDS.get(name, ()))
        return results[0] if results else UNKNOWN

    def in_place(
        self,
        node: ast.AST,
        name: str,
        positional: Sequence[Tuple[ast.expr, Value]],
        keywords: Optional[Mapping[str, Tuple[ast.expr, Value]]] = None,
    ) -> Value:
        """The same for an operation that writes into its first operand, and returns it."""
        target = positional[0][1]
        result = self.operation(node, name, positional, keywords)
        self.forget_ranges()
        if result is UNKNOWN or not isinstance(target, Operand):
            return UNKNOWN
        if target.index_range is not None:
            return _without_range(target)
        return target

    def forget_ranges(self) -> None:
        """Some tensor was written into: no values are known any more."""
        self._replace(_without_range)

    def _replace(self, change: Callable[[Value], Value]) -> None:
        """Exchanges every value that is held; that is work too."""
        if not self.record.spent:
            self.record.visits += len(self.names.bound) // 4
            self.names.replace(change)

    def path(self, node: ast.expr) -> Optional[Tuple[str, str]]:
        """(path, root) of names, attributes and constant items; None for anything else."""
        if isinstance(node, ast.Name):
            return node.id, node.id
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return owner and (f"{owner[0]}.{node.attr}", owner[1])
        if isinstance(node, ast.Subscript):
            key = constant_key(node.slice)
            owner = self.path(node.value) if key is not None else None
            return owner and (f"{owner[0]}[{key}]", owner[1])
        return None

    def outside(self, node: ast.expr) -> Value:
        """What the live namespace knows of a path below an object that is not known."""
        found = self.path(node)
        if found is None or found[1] in self.names.bound:
            return UNKNOWN
        return self.names.outside.answer(*found)

    def capture(self, node: ast.AST) -> None:
        """A function may change the lists that it sees, whenever it is called."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                self.escape(self.names.bound.get(part.id))

    def escape(self, value: Value) -> None:
        """Others may change this list or dict from now on."""
        if isinstance(value, Size):
            for one in value.items:
                self.escape(one)
        elif isinstance(value, (Items, Table)) and value.items is not None:
            inside = value.items
            value.items = None
            for one in inside.values() if isinstance(inside, dict) else inside:
                self.escape(one)

    def escape_all(self) -> None:
        """Whatever is called now may change any list or dict that it can reach."""
        if not self.record.spent:
            self.record.visits += len(self.names.bound) // 4
            for value in self.names.bound.values():
                self.escape(value)

    def reshaped(self, value: Value) -> None:
        """A tensor may have another shape from now on, under whatever name."""
        if not isinstance(value, Operand):
            self.names.forget_all()
            return
        shape = value.shape
        self.names.outside.reshaped.add(shape)

        def change(one: Value) -> Value:
            if isinstance(one, Operand) and one.shape == shape:
                return UNKNOWN
            return UNKNOWN if isinstance(one, (Layer, Method)) else one

        self._replace(change)

    def modules_changed(self) -> None:
        """Some module may have parameters of another dtype or on another device now."""
        self.names.outside.modules_changed = True

        def change(one: Value) -> Value:
            if isinstance(one, Operand) and one.requires_grad and one.is_leaf:
                return UNKNOWN
            return UNKNOWN if isinstance(one, (Layer, Method)) else one

        self._replace(change)


def constant_key(node: ast.expr) -> Optional[str]:
    """``'x'``, ``0``, ``-1`` as Python writes it; None for any other index."""
    sign = ""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = "-", node.operand
    if not isinstance(node, ast.Constant):
        return None
    if type(node.value) is int or (type(node.value) is str and not sign):
        return sign + repr(node.value)
    return None


def _engines(value: Value) -> Any:
    """A value as the engine takes it; numbers stay Scalars where they are operands."""
    if isinstance(value, Scalar):
        return value.value if value.known else value
    return plain(value)


def _without_range(value: Value) -> Value:
    if isinstance(value, Operand) and value.index_range is not None:
        return Operand(
            value.shape,
            value.dtype,
            value.device,
            value.name,
            value.requires_grad,
            value.is_leaf,
            value.strides,
        )
    return value
