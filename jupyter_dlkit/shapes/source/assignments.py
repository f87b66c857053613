"""Assignments: to names, tuples of names, attributes and items."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

from ..values import Operand, Scalar
from . import comprehensions
from .expressions import Expressions
from .items import tensor_index
from .names import Names
from .values import (
    UNKNOWN,
    Constant,
    Items,
    Layer,
    NotPlain,
    Size,
    Table,
    Unknown,
    Value,
)


class Assignments:
    """What a statement binds or changes."""

    def __init__(self, follow: Expressions) -> None:
        self.follow = follow
        self._loops = 0
        #: By ``id`` of an ``if``: the side that is known to be taken.
        self.chosen: Dict[int, Sequence[ast.stmt]] = {}
        #: Lines after which every name may be anything, and names that a magic assigns.
        self.forgotten: Set[int] = set()
        self.assigned: Dict[int, Tuple[str, ...]] = {}

    @property
    def names(self) -> Names:
        """The names as they are now."""
        return self.follow.names

    def _assign(self, node: ast.Assign) -> None:
        value = self.follow.value(node.value)
        for target in node.targets:
            self.assign(target, value, node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.follow.value(node.value), node.value)

    def assign(self, target: ast.expr, value: Value, source: Optional[ast.expr]) -> None:
        """``target = value``."""
        if isinstance(target, ast.Name):
            self.names.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, source)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN, None)
        elif isinstance(target, ast.Attribute):
            self._set_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(target, value, source)

    def _unpack(self, target: Any, value: Value, source: Optional[ast.expr]) -> None:
        items = comprehensions.iterated(self.follow, target, value)
        stars = [n for n, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
        wanted = len(target.elts)
        if items is None or len(stars) > 1:
            for one in target.elts:
                self.assign(one, UNKNOWN, None)
            return
        fits = len(items) >= wanted - 1 if stars else len(items) == wanted
        if not fits:
            if isinstance(value, (Size, Operand)) and source is not None:
                self._does_not_unpack(target, wanted - len(stars), len(items), source, value)
            for one in target.elts:
                self.assign(one, UNKNOWN, None)
            return
        if stars:
            first, after = stars[0], wanted - stars[0] - 1
            middle = Items(list(items[first : len(items) - after]))
            items = [*items[:first], middle, *items[len(items) - after :]]
        for one, part in zip(target.elts, items):
            if isinstance(one, ast.Starred):
                self.assign(one.value, part, None)
            else:
                self.assign(one, part, None)

    def _does_not_unpack(
        self, target: Any, wanted: int, there: int, source: ast.expr, value: Value
    ) -> None:
        text = self.follow.record.text.of(source)
        what = f"{there} {'item' if there == 1 else 'items'}"
        if isinstance(value, Size) and all(isinstance(one, Scalar) for one in value.items):
            sizes = [one.value for one in value.items]
            what = f"{what}: {tuple(sizes)}"
        self.follow.record.find(
            target,
            "unpack",
            "error",
            f"{wanted} names on the left, and {text} has {what}.",
            (text,),
        )

    def _set_attribute(self, target: ast.Attribute, value: Value) -> None:
        owner = self.follow.value(target.value)
        self.follow.escape(value)
        if isinstance(owner, Operand) and target.attr in ("data", "grad", "requires_grad"):
            if target.attr == "data":
                self.follow.reshaped(owner)
            return
        self.names.outside.inner_changed = True
        self.follow.modules_changed()

    def _set_item(self, target: ast.Subscript, value: Value, source: Optional[ast.expr]) -> None:
        owner = self.follow.value(target.value)
        if isinstance(owner, Operand):
            self.follow.forget_ranges()
            try:
                index = tensor_index(self.follow, target.slice)
            except NotPlain:
                return
            # Part of an expanded tensor may be written into: its strides say too much.
            whole = replace(owner, strides=None)
            written: List[Tuple[ast.expr, Value]] = [(target.value, whole), index]
            if source is not None and isinstance(value, (Operand, Scalar)):
                self.follow.operation(target, "setitem", [*written, (source, value)])
            else:
                self.follow.operation(target, "getitem", written)
            return
        if isinstance(owner, Layer):
            self.follow.modules_changed()  # model[1] = nn.Linear(…)
            return
        key = self.follow.value(target.slice)
        known = isinstance(key, Constant) or (isinstance(key, Scalar) and key.known)
        if isinstance(owner, Table) and owner.items is not None and not self.follow.unsure:
            if known:
                owner.items[key.value] = value
                return
            owner.items = None
        if isinstance(owner, Items) and owner.items is not None and not self.follow.unsure:
            position = key.value if isinstance(key, Scalar) and key.known else None
            if type(position) is int and -len(owner.items) <= position < len(owner.items):
                owner.items[position] = value
                return
        self.follow.escape(value)
        self.follow.escape(owner)
        if isinstance(owner, Unknown):
            found = self.follow.path(target.value)
            if found is not None and found[0] in ("globals()", "locals()"):
                self.names.forget_all()
            self.names.outside.inner_changed = True
            self.follow.escape_all()

    def _augmented(self, node: ast.AugAssign) -> None:
        target = node.target
        left = self.follow.value(target)
        right = self.follow.value(node.value)
        value = self.follow.augment(node, node.op, (target, left), (node.value, right))
        if isinstance(target, ast.Name):
            self.names.bind(target.id, value)
        elif isinstance(target, ast.Subscript):
            owner = self.follow.value(target.value)
            if isinstance(owner, Operand):
                self.follow.forget_ranges()
            elif isinstance(left, Operand) and value is left:
                pass  # the same tensor is put back
            else:
                self._set_item(target, UNKNOWN, None)
        elif not isinstance(left, Operand) or value is not left:
            self._set_attribute(target, UNKNOWN)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.names.bind(target.id, UNKNOWN)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self.names.forget(one.id for one in target.elts if isinstance(one, ast.Name))
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                owner = self.follow.value(target.value)
                self.follow.escape(owner)
                if isinstance(owner, Layer):
                    self.follow.modules_changed()
                self.names.outside.inner_changed = True
