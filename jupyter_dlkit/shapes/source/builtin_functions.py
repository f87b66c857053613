"""Python's own functions, math's, and the few of NumPy's that lead to tensors."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

from ..values import Operand, Scalar
from . import comprehensions
from .creation import size_of
from .torch_names import words
from .values import (
    NOTHING,
    UNKNOWN,
    Array,
    Constant,
    Items,
    Layer,
    Named,
    Range,
    Size,
    Table,
    Value,
    elements,
    is_known_number,
    whole,
)

if TYPE_CHECKING:
    from .expressions import Expressions

Argument = Tuple[ast.expr, Value]

#: Functions that change nothing and keep nothing of what they are given.
_PURE = words(
    "print repr str format hash id type callable hasattr bool sorted any all sum min max "
    "round divmod chr ord hex bin oct ascii iter next input open issubclass bytes complex "
    "float int abs pow len list tuple range enumerate zip reversed isinstance set frozenset "
    "dict map filter slice display"
)

#: Functions after which any name may be anything.
_ANYTHING = frozenset({"exec", "eval", "globals", "locals", "vars", "__import__", "compile"})


def called(
    follow: Expressions,
    node: ast.Call,
    name: str,
    positional: Sequence[Argument],
    named: Dict[str, Value],
) -> Optional[Value]:
    """A builtin called; None for what is not known."""
    values = [value for _, value in positional]
    if name in _ANYTHING:
        follow.names.forget_all()
        return UNKNOWN
    if name in ("setattr", "delattr"):
        follow.names.outside.inner_changed = True
        follow.escape_all()
        return UNKNOWN
    if name == "getattr":
        return UNKNOWN
    if name not in _PURE:
        return None  # no builtin: a name that is not there
    if name in ("map", "filter", "iter", "sorted"):
        for value in values:
            follow.escape(value)
    if named:
        return UNKNOWN
    rule = _RULES.get(name)
    return UNKNOWN if rule is None else rule(follow, positional, values)


_INFINITIES = tuple(Constant(sign + text) for sign in ("", "-", "+") for text in ("inf", "Inf"))


def _len(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    if len(values) != 1:
        return UNKNOWN
    value = values[0]
    if isinstance(value, Operand):
        return Scalar(value.shape[0]) if value.shape else UNKNOWN
    if isinstance(value, Range):
        return Scalar(len(value))
    if isinstance(value, Constant) and isinstance(value.value, (str, bytes)):
        return Scalar(len(value.value))
    if isinstance(value, Array) and value.shape:
        return Scalar(value.shape[0])
    if isinstance(value, (Size, Items, Table)):
        return UNKNOWN if value.items is None else Scalar(len(value.items))
    if isinstance(value, Layer) and value.kind == "Sequential":
        return Scalar(len(value.children))
    return UNKNOWN


def _range(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    numbers = [whole(value) for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) != len(values) or not 1 <= len(known) <= 3:
        return UNKNOWN
    if any(abs(number) > 2**31 for number in known) or (len(known) == 3 and known[2] == 0):
        return UNKNOWN
    counted = range(*known)
    return Range(counted.start, counted.stop, counted.step)


def _listed(kind: Any) -> Any:
    def rule(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
        if not values:
            return kind([]) if kind is Items else kind(())
        if len(values) > 1:
            return UNKNOWN
        items = comprehensions.iterated(follow, positional[0][0], values[0])
        if items is None:
            return UNKNOWN
        return kind(list(items)) if kind is Items else kind(tuple(items))

    return rule


def _enumerate(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    items = comprehensions.iterated(follow, positional[0][0], values[0]) if values else None
    if items is None or len(values) > 1:
        return UNKNOWN
    return Size(tuple(Size((Scalar(n), item)) for n, item in enumerate(items)))


def _zip(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    columns = [comprehensions.iterated(follow, node, value) for node, value in positional]
    known = [column for column in columns if column is not None]
    if len(known) != len(columns) or not columns:
        return UNKNOWN
    return Size(tuple(Size(tuple(row)) for row in zip(*known)))


def _reversed(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    items = elements(values[0]) if len(values) == 1 else None
    return UNKNOWN if items is None else Size(tuple(items[::-1]))


def _number(kind: Any) -> Any:
    def rule(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
        if len(values) == 1 and kind is float and values[0] in _INFINITIES:
            return Scalar(float(values[0].value))
        if len(values) != 1 or not isinstance(values[0], Scalar):
            return UNKNOWN
        if not values[0].known:
            return Scalar(kind(0), known=False)
        try:
            return Scalar(kind(values[0].value))
        except (TypeError, ValueError, OverflowError):
            return UNKNOWN

    return rule


def _extreme(pick: Any) -> Any:
    def rule(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
        items = elements(values[0]) if len(values) == 1 else values
        if not items or not all(map(is_known_number, items)):
            return UNKNOWN
        try:
            return Scalar(pick(one.value for one in items))
        except TypeError:
            return UNKNOWN

    return rule


def _isinstance(follow: Expressions, positional: Sequence[Argument], values: List[Value]) -> Value:
    if len(values) != 2 or not isinstance(values[1], Named):
        return UNKNOWN
    value, path = values[0], values[1].path
    if isinstance(value, Operand):
        if path == "torch.Tensor":
            return Scalar(True)
        if path in ("builtins.list", "builtins.tuple", "builtins.dict", "builtins.str"):
            return Scalar(False)
    if isinstance(value, Size) and path in ("builtins.list", "builtins.dict", "torch.Tensor"):
        return Scalar(False)
    if isinstance(value, Items) and path == "builtins.list":
        return Scalar(True)
    return UNKNOWN


_RULES: Dict[str, Any] = {
    "len": _len,
    "range": _range,
    "list": _listed(Items),
    "tuple": _listed(Size),
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "int": _number(int),
    "float": _number(float),
    "abs": _number(abs),
    "min": _extreme(min),
    "max": _extreme(max),
    "isinstance": _isinstance,
    "print": lambda follow, positional, values: NOTHING,
}


def of_math(name: str, values: List[Value]) -> Value:
    """``math.prod(x.shape)`` and a few others."""
    if name == "prod" and len(values) == 1:
        items = elements(values[0])
        numbers = [whole(one) for one in items] if items is not None else [None]
        known = [number for number in numbers if number is not None]
        if len(known) == len(numbers) and len(known) <= 64:
            total = math.prod(known)
            return Scalar(total) if abs(total) < 2**64 else UNKNOWN
    if name in ("sqrt", "floor", "ceil", "log2", "log", "exp", "isqrt") and len(values) == 1:
        value = values[0]
        if not isinstance(value, Scalar) or isinstance(value.value, complex):
            return UNKNOWN
        if not value.known:
            whole_number = name in ("floor", "ceil", "isqrt")
            return Scalar(0 if whole_number else 0.0, known=False)
        try:
            return Scalar(getattr(math, name)(value.value))
        except (ValueError, OverflowError, TypeError):
            return UNKNOWN
    return UNKNOWN


def of_numpy(path: str, values: List[Value], named: Dict[str, Value]) -> Value:
    """Arrays that are made of a shape: NumPy's default is float64."""
    if named:
        return UNKNOWN
    name = path.rpartition(".")[2]
    if path in ("numpy.zeros", "numpy.ones", "numpy.empty") and len(values) == 1:
        shape = size_of(values)
    elif path in ("numpy.random.rand", "numpy.random.randn") and values:
        shape = size_of(values) if whole(values[0]) is not None else None
    elif path == "numpy.eye" and len(values) == 1 and name:
        shape = size_of([values[0], values[0]])
    else:
        return UNKNOWN
    return UNKNOWN if shape is None else Array(shape, "float64")
