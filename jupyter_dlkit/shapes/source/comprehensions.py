"""Comprehensions: a scope of their own, item by item where the items are known."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from ..values import Operand, Scalar
from .values import UNKNOWN, Items, Layer, Range, Size, Unknown, Value, elements, truth

if TYPE_CHECKING:
    from .expressions import Expressions

#: Items of one comprehension, its inner loops included.
_MOST_ITEMS = 256


class _TooMany(Exception):
    """The items are not followed one by one."""


def comprehension(follow: Expressions, node: Any) -> Value:
    """A list where every item is known; its first iterable is of the outer scope."""
    outer = follow.names
    first = follow.value(node.generators[0].iter)
    inner = outer.branch()
    follow.names = inner
    # A list that the items change is changed an unknown number of times.
    follow.unsure += 1
    found: List[Value] = []
    try:
        try:
            known = not isinstance(node, ast.DictComp) and _each(follow, node, 0, first, found, [0])
        except _TooMany:
            known = False
        if not known and not found:
            _once(follow, node, first)
    finally:
        follow.unsure -= 1
        follow.names = outer
        _export(follow, node, inner)
    if not known or isinstance(node, (ast.SetComp, ast.DictComp)):
        return UNKNOWN
    return Size(tuple(found)) if isinstance(node, ast.GeneratorExp) else Items(found)


def _each(
    follow: Expressions,
    node: Any,
    depth: int,
    iterable: Value,
    found: List[Value],
    count: List[int],
) -> bool:
    """Whether every item was known."""
    generator = node.generators[depth]
    items = iterated(follow, generator.iter, iterable)
    if items is None or generator.is_async:
        return False
    for one in items:
        count[0] += 1
        if count[0] > _MOST_ITEMS:
            raise _TooMany
        bind_target(follow, generator.target, one)
        taken = True
        for condition in generator.ifs:
            known = truth(follow.value(condition)) if taken else False
            if known is None:
                return False
            taken = taken and known
        if not taken:
            continue
        if depth + 1 < len(node.generators):
            inner = follow.value(node.generators[depth + 1].iter)
            if not _each(follow, node, depth + 1, inner, found, count):
                return False
        else:
            found.append(follow.value(node.elt))
    return True


def _once(follow: Expressions, node: Any, first: Value) -> None:
    """One round with targets that are what is the same for every item, or not known."""
    guarded = False
    for number, generator in enumerate(node.generators):
        iterable = first if number == 0 else follow.value(generator.iter)
        bind_target(follow, generator.target, any_item(follow, generator.iter, iterable))
        for condition in generator.ifs:
            guarded = guarded or truth(follow.value(condition)) is not True
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for part in parts:
        if guarded:
            follow.quietly(part)
        else:
            follow.value(part)


def _export(follow: Expressions, node: ast.AST, inner: Any) -> None:
    """``:=`` in a comprehension binds in the scope around it."""
    for part in ast.walk(node):
        if isinstance(part, ast.NamedExpr) and isinstance(part.target, ast.Name):
            follow.names.bind(part.target.id, UNKNOWN)


def iterated(follow: Expressions, node: ast.expr, value: Value) -> Optional[Sequence[Value]]:
    """The items in order, where they are known and few."""
    if isinstance(value, Unknown):
        follow.names.outside.stirred = True  # a generator of the user's, perhaps
    if isinstance(value, Operand):
        if not value.shape or value.shape[0] > 64:
            return None
        row = _row(value)
        return [row] * value.shape[0]
    if isinstance(value, Layer):
        return value.children if value.kind in ("Sequential", "ModuleList") else None
    return elements(value)


def any_item(follow: Expressions, node: ast.expr, value: Value) -> Value:
    """What every item is, where they are all alike; else UNKNOWN."""
    if isinstance(value, Operand) and value.shape:
        return _row(value)
    if isinstance(value, Range):
        return Scalar(0, known=False)
    return UNKNOWN


def _row(value: Operand) -> Operand:
    """``value[0]``, when iterating."""
    return Operand(
        value.shape[1:],
        value.dtype,
        value.device,
        requires_grad=value.requires_grad,
        is_leaf=value.is_leaf and not value.requires_grad,
        strides=None if value.strides is None else value.strides[1:],
    )


def bind_target(follow: Expressions, target: ast.expr, value: Value) -> None:
    """``for target in …``: names, tuples of names; anything else changes an object."""
    if isinstance(target, ast.Name):
        follow.names.bind(target.id, value)
        return
    if isinstance(target, (ast.Tuple, ast.List)):
        items = iterated(follow, target, value)
        starred = any(isinstance(one, ast.Starred) for one in target.elts)
        if items is not None and len(items) == len(target.elts) and not starred:
            for one, part in zip(target.elts, items):
                bind_target(follow, one, part)
            return
        for one in target.elts:
            bind_target(follow, one, UNKNOWN)
        return
    if isinstance(target, ast.Starred):
        bind_target(follow, target.value, UNKNOWN)
