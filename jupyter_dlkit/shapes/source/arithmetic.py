"""Python's own arithmetic on numbers, tuples and texts that are known."""

from __future__ import annotations

import ast
import operator
from typing import Any, Callable, Dict, Type

from ..values import Scalar
from .values import UNKNOWN, Constant, Items, Size, Value

#: Numbers beyond this are not followed; nothing takes long to compute below it.
_LARGEST = 2**64
_LONGEST = 4096

_BINARY: Dict[Type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}

_UNARY: Dict[Type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}

_COMPARE: Dict[Type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def of_numbers(sign: ast.operator, left: Scalar, right: Scalar) -> Value:
    """``left sign right``; a number of unknown value where one is not known."""
    known = left.known and right.known
    a, b = left.value, right.value
    if known and (_large(a) or _large(b)):
        return UNKNOWN
    steep = isinstance(sign, (ast.Pow, ast.LShift))
    if steep and known and not (isinstance(b, (int, float)) and abs(b) <= 64):
        return UNKNOWN
    if not known:
        return _number_like(sign, a, b)
    try:
        return _bounded(_BINARY[type(sign)](a, b))
    except (ArithmeticError, ValueError, TypeError, KeyError):
        return UNKNOWN


def unary(sign: ast.unaryop, value: Scalar) -> Value:
    """``-n``, ``+n``, ``~n``."""
    try:
        result = _bounded(_UNARY[type(sign)](value.value))
    except (TypeError, KeyError):
        return UNKNOWN
    return Scalar(result.value, known=value.known) if isinstance(result, Scalar) else UNKNOWN


def of_sequences(sign: ast.operator, left: Value, right: Value) -> Value:
    """``shape + (1,)``, ``[x] * 3``, ``"a" + "b"``."""
    if isinstance(sign, ast.Add) and type(left) is type(right):
        if isinstance(left, Size):
            items = left.items + right.items
            return Size(items) if len(items) <= _LONGEST else UNKNOWN
        if isinstance(left, Items):
            return _joined(left, right)
        if isinstance(left, Constant) and type(left.value) is type(right.value) is str:
            total = len(left.value) + len(right.value)
            return Constant(left.value + right.value) if total <= _LONGEST else UNKNOWN
    if isinstance(sign, ast.Mult):
        if isinstance(left, Scalar):
            left, right = right, left
        count = right.value if isinstance(right, Scalar) and right.known else None
        if isinstance(count, int) and isinstance(left, (Size, Items)):
            items_of = left.items
            if items_of is not None and len(items_of) * max(count, 0) <= _LONGEST:
                if isinstance(left, Size):
                    return Size(left.items * count)
                return Items(list(items_of) * count)
    return UNKNOWN


def compared(sign: ast.cmpop, left: Any, right: Any) -> Value:
    """A comparison of plain Python values."""
    try:
        return Scalar(bool(_COMPARE[type(sign)](left, right)))
    except (TypeError, KeyError):
        return UNKNOWN


def _joined(left: Items, right: Items) -> Value:
    if left.items is None or right.items is None or len(left.items) > _LONGEST:
        return UNKNOWN
    return Items(left.items + right.items)


def _large(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > _LARGEST


def _bounded(value: Any) -> Value:
    if isinstance(value, (bool, int, float, complex)) and not _large(value):
        return Scalar(value)
    return UNKNOWN


def _number_like(sign: ast.operator, a: Any, b: Any) -> Value:
    """A number whose value is not known: at least its type is."""
    if isinstance(sign, ast.Pow):
        return UNKNOWN  # 2 ** -1 is no int
    if isinstance(a, bool) or isinstance(b, bool):
        return UNKNOWN  # True & True is no int, True + True is one
    if isinstance(a, complex) or isinstance(b, complex):
        return Scalar(0j, known=False)
    if isinstance(sign, ast.Div) or isinstance(a, float) or isinstance(b, float):
        return Scalar(0.0, known=False)
    return Scalar(0, known=False)
