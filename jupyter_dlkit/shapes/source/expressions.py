"""Expressions, followed from their leaves up; nothing is evaluated."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Optional, Sequence, Type

from ..values import Operand, Scalar
from .attributes import attribute
from .calls import call
from .comprehensions import comprehension
from .items import item
from .operators import Operators
from .record import MOST_VISITS
from .values import (
    ABSENT,
    UNKNOWN,
    Constant,
    Items,
    Layer,
    Method,
    Named,
    Size,
    Table,
    Unknown,
    Value,
    elements,
    plain_value,
)

#: Names that hold for every module of Python's.
_ALWAYS: Dict[str, Value] = {"__name__": Constant("__main__")}


class Expressions(Operators):
    """Follows expressions over `names`; what it finds goes into `record`."""

    def value(self, node: ast.expr) -> Value:
        """What the expression is known to be."""
        self.record.visits += 1
        follow = _FOLLOW.get(type(node))
        if follow is None or self.record.visits > MOST_VISITS:
            return UNKNOWN  # and so is all that is bound from now on
        return follow(self, node)

    def _name(self, node: ast.Name) -> Value:
        value = self.names.get(node.id)
        if value is ABSENT:
            return _ALWAYS.get(node.id, Named(f"builtins.{node.id}"))
        return value

    def _constant(self, node: ast.Constant) -> Value:
        return plain_value(node.value)

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Unknown):
            value = self.outside(node)
            if isinstance(value, Unknown):
                self.names.outside.stirred = True  # a property, perhaps
            return value
        value = attribute(self, node, owner)
        if isinstance(owner, Layer) and isinstance(value, Method):
            inner = self.outside(node)  # net.conv1
            if isinstance(inner, (Layer, Operand)):
                return inner
        return value

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Unknown):
            self.value(node.slice)
            value = self.outside(node)
            if isinstance(value, Unknown):
                self.names.outside.stirred = True
            return value
        return item(self, node, owner)

    def _tuple(self, node: ast.Tuple) -> Value:
        items = self.listed(node.elts)
        return UNKNOWN if items is None else Size(tuple(items))

    def _list(self, node: ast.List) -> Value:
        items = self.listed(node.elts)
        return Items(items)

    def listed(self, nodes: Sequence[ast.expr]) -> Optional[List[Value]]:
        """The values of a display; None where a starred one is not known."""
        items: Optional[List[Value]] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                more = elements(self.value(node.value))
                if more is None:
                    items = None
                elif items is not None:
                    items.extend(more)
            else:
                value = self.value(node)
                if items is not None:
                    items.append(value)
        return items

    def _dict(self, node: ast.Dict) -> Value:
        found: Optional[Dict[Any, Value]] = {}
        for key, part in zip(node.keys, node.values):
            value = self.value(part)
            name = self.value(key) if key is not None else UNKNOWN
            if isinstance(name, (Constant, Scalar)) and found is not None:
                if isinstance(name, Scalar) and not name.known:
                    found = None
                else:
                    found[name.value] = value
            else:
                found = None
        return Table(found)

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        if isinstance(node.target, ast.Name):
            self.names.bind(node.target.id, value)
        return value

    def _formatted(self, node: ast.JoinedStr) -> Value:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.value(part.value)
                if part.format_spec is not None:
                    self.value(part.format_spec)
        return UNKNOWN

    def _set(self, node: ast.Set) -> Value:
        self.listed(node.elts)
        return UNKNOWN

    def _starred(self, node: ast.Starred) -> Value:
        self.value(node.value)
        return UNKNOWN

    def _await(self, node: ast.Await) -> Value:
        self.value(node.value)
        return UNKNOWN

    def _lambda(self, node: ast.Lambda) -> Value:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.value(default)
        self.capture(node)
        return UNKNOWN

    def _comprehension(self, node: ast.expr) -> Value:
        return comprehension(self, node)

    def _call(self, node: ast.Call) -> Value:
        return call(self, node)

    def _slice(self, node: ast.Slice) -> Value:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.value(part)
        return UNKNOWN


_FOLLOW: Dict[Type[ast.AST], Callable[[Any, Any], Value]] = {
    ast.Name: Expressions._name,
    ast.Constant: Expressions._constant,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._compare,
    ast.BoolOp: Expressions._boolean,
    ast.IfExp: Expressions._ternary,
    ast.Tuple: Expressions._tuple,
    ast.List: Expressions._list,
    ast.Dict: Expressions._dict,
    ast.Set: Expressions._set,
    ast.NamedExpr: Expressions._walrus,
    ast.JoinedStr: Expressions._formatted,
    ast.Starred: Expressions._starred,
    ast.Await: Expressions._await,
    ast.Lambda: Expressions._lambda,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Call: Expressions._call,
    ast.Slice: Expressions._slice,
}
