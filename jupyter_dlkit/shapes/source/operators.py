"""Operators: of tensors by the engine, of what Python knows by Python's rules."""

from __future__ import annotations

import ast
from typing import Any, Dict, Optional, Tuple, Type

from ..values import Operand, Scalar
from . import arithmetic
from .following import Following
from .values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Device,
    Dtype,
    Items,
    NotPlain,
    Size,
    Unknown,
    Value,
    either,
    elements,
    plain,
    truth,
)

_OPERATORS: Dict[Type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "bitwise_and",
    ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor",
    ast.LShift: "bitwise_left_shift",
    ast.RShift: "bitwise_right_shift",
}

_COMPARISONS: Dict[Type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}

_UNARY: Dict[Type[ast.unaryop], str] = {ast.USub: "neg", ast.Invert: "bitwise_not"}


class Operators(Following):
    """``+``, ``==``, ``not``, ``and``, ``… if … else …``."""

    def _binary(self, node: ast.BinOp) -> Value:
        left = self.value(node.left)
        right = self.value(node.right)
        return self.combine(node, node.op, (node.left, left), (node.right, right))

    def combine(
        self,
        node: ast.AST,
        sign: ast.operator,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        """``left sign right``."""
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(a, Operand) or isinstance(b, Operand):
            if not _tensors_and_numbers(a, b):
                return UNKNOWN
            return self.operation(node, _OPERATORS[type(sign)], (left, right))
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return arithmetic.of_numbers(sign, a, b)
        return arithmetic.of_sequences(sign, a, b)

    def augment(
        self,
        node: ast.AST,
        sign: ast.operator,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        """``left sign= right``."""
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(a, Operand):
            if isinstance(sign, ast.MatMult):
                return UNKNOWN
            if not _tensors_and_numbers(a, b):
                self.forget_ranges()
                return UNKNOWN
            return self.in_place(node, _OPERATORS[type(sign)] + "_", (left, right))
        if isinstance(a, Items):
            added = elements(b) if isinstance(sign, ast.Add) else None
            if self.unsure or added is None or a.items is None:
                a.items = None
            else:
                a.items.extend(added)
            return a
        return self.combine(node, sign, left, right)

    def _stir(self, *values: Value) -> None:
        """What is not known may have operators of the user's."""
        if any(isinstance(value, Unknown) for value in values):
            self.names.outside.stirred = True

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            known = self.truth(node.operand, value)
            return UNKNOWN if known is None else Scalar(not known)
        if isinstance(value, Scalar):
            return arithmetic.unary(node.op, value)
        if isinstance(value, Operand):
            if isinstance(node.op, ast.UAdd):
                return value
            return self.operation(node, _UNARY[type(node.op)], [(node.operand, value)])
        return UNKNOWN

    def _compare(self, node: ast.Compare) -> Value:
        left_node, left = node.left, self.value(node.left)
        outcome: Value = UNKNOWN
        for number, (sign, right_node) in enumerate(zip(node.ops, node.comparators)):
            right = self.value(right_node) if number == 0 else self.quietly(right_node)
            if number:  # a < b < c: whether c is reached depends on a < b
                return UNKNOWN
            outcome = self._compared(node, sign, (left_node, left), (right_node, right))
            left_node, left = right_node, right
        return outcome

    def _compared(
        self,
        node: ast.Compare,
        sign: ast.cmpop,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(sign, (ast.Is, ast.IsNot)):
            if b == NOTHING and not isinstance(a, Unknown):
                return Scalar((a == NOTHING) is isinstance(sign, ast.Is))
            return UNKNOWN
        if isinstance(sign, (ast.In, ast.NotIn)):
            return UNKNOWN
        if isinstance(a, Operand) or isinstance(b, Operand):
            if not _tensors_and_numbers(a, b):
                return UNKNOWN
            return self.operation(node, _COMPARISONS[type(sign)], (left, right))
        if isinstance(a, (Dtype, Device)) or isinstance(b, (Dtype, Device)):
            if type(a) is type(b) and isinstance(a, Dtype):
                return arithmetic.compared(sign, a.name, b.name)
            return UNKNOWN
        try:
            return arithmetic.compared(sign, _comparable(a), _comparable(b))
        except NotPlain:
            return UNKNOWN

    def truth(self, node: ast.expr, value: Value) -> Optional[bool]:
        """``bool(value)``; a tensor of several elements has none, and that is an error."""
        if isinstance(value, Operand):
            numel = 1
            for size in value.shape:
                numel *= size
            if numel > 1:
                text = self.record.text.of(node)
                self.record.find(
                    node,
                    "ambiguous_truth",
                    "error",
                    f"{text} has {numel} elements: it is neither true nor false as a whole. "
                    "Say .any() or .all().",
                    (text,),
                )
            return None
        return truth(value)

    def _boolean(self, node: ast.BoolOp) -> Value:
        is_and = isinstance(node.op, ast.And)
        certain = True
        for number, part in enumerate(node.values):
            value = self.value(part) if certain else self.quietly(part)
            if number == len(node.values) - 1:
                return value if certain else UNKNOWN
            known = self.truth(part, value) if certain else None
            if known is None:
                certain = False
            elif known is not is_and:
                return value
        return UNKNOWN

    def _ternary(self, node: ast.IfExp) -> Value:
        known = self.truth(node.test, self.value(node.test))
        if known is not None:
            return self.value(node.body if known else node.orelse)
        return either([self.quietly(node.body), self.quietly(node.orelse)])


def _tensors_and_numbers(*values: Value) -> bool:
    return all(isinstance(value, (Operand, Scalar)) for value in values)


def _comparable(value: Value) -> Any:
    """Plain numbers, texts and tuples of them.  Raises NotPlain."""
    if isinstance(value, Size):
        return tuple(map(_comparable, value.items))
    if isinstance(value, Items) and value.items is not None:
        return list(map(_comparable, value.items))
    if isinstance(value, (Scalar, Constant)):
        return plain(value)
    raise NotPlain
