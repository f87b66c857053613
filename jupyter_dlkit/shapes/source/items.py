"""``x[…]``: of tensors by the engine's rule, of tuples, lists and dicts by Python's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, List, Optional

from ..values import Operand, Scalar
from .values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Items,
    Layer,
    NotPlain,
    Range,
    Size,
    Table,
    Value,
    elements,
    whole,
)

if TYPE_CHECKING:
    from .expressions import Expressions


#: Modules that are indexed by number.
_LISTS = ("Sequential", "ModuleList")


def item(follow: Expressions, node: ast.Subscript, owner: Value) -> Value:
    """``owner[node.slice]``."""
    if isinstance(owner, Operand):
        try:
            index = tensor_index(follow, node.slice)
        except NotPlain:
            return UNKNOWN
        return follow.operation(node, "getitem", [(node.value, owner)], {"index": index})
    if isinstance(node.slice, ast.Slice):
        return _slice(follow, node.slice, owner)
    key = follow.value(node.slice)
    if isinstance(owner, Table):
        if owner.items is None or not isinstance(key, (Scalar, Constant)):
            return UNKNOWN
        if isinstance(key, Scalar) and not key.known:
            return UNKNOWN
        return owner.items.get(key.value, UNKNOWN)
    position = whole(key)
    if position is None:
        return UNKNOWN
    sequence: Any = owner.children if isinstance(owner, Layer) else elements(owner)
    if sequence is None or (isinstance(owner, Layer) and owner.kind not in _LISTS):
        return UNKNOWN
    if -len(sequence) <= position < len(sequence):
        return sequence[position]
    if isinstance(owner, Size):
        text = follow.record.text
        follow.record.find(
            node,
            "index",
            "error",
            f"{text.of(node.value)} has {len(sequence)} "
            f"{'item' if len(sequence) == 1 else 'items'}: there is no [{position}].",
            (text.of(node.value),),
        )
    return UNKNOWN


def tensor_index(follow: Expressions, node: ast.expr) -> Any:
    """(node, Size of plain indices) as the engine's argument ``index``.  Raises NotPlain."""
    if isinstance(node, ast.Tuple):
        return node, _Index([_one(follow, part) for part in node.elts])
    value = None if isinstance(node, ast.Slice) else follow.value(node)
    if isinstance(value, Size):
        return node, _Index([_as_index(part) for part in value.items])
    return node, _Index([_one(follow, node) if value is None else _as_index(value)])


class _Index(Size):
    """Indices that are plain already; slices among them."""

    def __init__(self, items: Any) -> None:
        super().__init__(tuple(items))


def _one(follow: Expressions, node: ast.expr) -> Any:
    if isinstance(node, ast.Starred):
        raise NotPlain
    if isinstance(node, ast.Slice):
        return Constant(slice(*_bounds(follow, node)))
    return _as_index(follow.value(node))


def _bounds(follow: Expressions, node: ast.Slice) -> List[Optional[int]]:
    """Start, stop and step.  Raises NotPlain."""
    bounds: List[Optional[int]] = []
    for part in (node.lower, node.upper, node.step):
        value = NOTHING if part is None else follow.value(part)
        bound = whole(value)
        if bound is None and value != NOTHING:
            raise NotPlain
        bounds.append(bound)
    return bounds


def _as_index(value: Value) -> Any:
    if isinstance(value, (Operand, Constant)):
        return value
    if isinstance(value, Scalar) and value.known and isinstance(value.value, int):
        return value
    if isinstance(value, (Items, Range)):
        listed = as_tensor_of_ints(value)
        if listed is not None:
            return listed
    raise NotPlain


def as_tensor_of_ints(value: Value) -> Optional[Operand]:
    """``[0, 2]`` as the tensor that it becomes as an index."""
    if isinstance(value, Range):
        values = list(range(value.start, value.stop, value.step)[:4096])
        if len(values) != len(value):
            return None
    else:
        found = elements(value)
        if not found:
            return None
        values = []
        for one in found:
            number = whole(one)
            if number is None:
                return None
            values.append(number)
    if not values:
        return None
    return Operand((len(values),), "int64", index_range=(min(values), max(values)))


def _slice(follow: Expressions, node: ast.Slice, owner: Value) -> Value:
    try:
        bounds = _bounds(follow, node)
    except NotPlain:
        return UNKNOWN
    if bounds[2] == 0:
        return UNKNOWN
    if isinstance(owner, Size):
        return Size(owner.items[slice(*bounds)])
    if isinstance(owner, Items) and owner.items is not None:
        return Items(owner.items[slice(*bounds)])
    if isinstance(owner, Layer) and owner.kind == "Sequential":
        return Layer("Sequential", children=owner.children[slice(*bounds)])
    return UNKNOWN
