"""Methods of lists, dicts, tuples and texts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from ..values import Scalar
from .values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Items,
    Size,
    Table,
    Value,
    elements,
    plain_value,
    whole,
)

if TYPE_CHECKING:
    from .expressions import Expressions


def of_container(
    follow: Expressions, owner: Value, name: str, values: List[Value], keywords: bool
) -> Optional[Value]:
    """``owner.name(…)``; UNKNOWN where it is not followed."""
    if isinstance(owner, Items):
        return _of_list(follow, owner, name, values, keywords)
    if isinstance(owner, Table):
        return _of_dict(follow, owner, name, values, keywords)
    if isinstance(owner, Size):
        if name == "numel" and not values:
            numbers = [whole(one) for one in owner.items]
            if None not in numbers:
                return Scalar(math.prod(n for n in numbers if n is not None))
        return UNKNOWN
    return UNKNOWN


def _of_list(
    follow: Expressions, owner: Items, name: str, values: List[Value], keywords: bool
) -> Value:
    if name in ("index", "count"):
        return UNKNOWN
    if name == "copy":
        return UNKNOWN if owner.items is None else Items(list(owner.items))
    changed = _changed(owner.items, name, values) if not keywords and not follow.unsure else None
    if changed is None:
        owner.items = None
        for value in values:
            follow.escape(value)
        return NOTHING if name in ("append", "extend", "insert", "reverse") else UNKNOWN
    owner.items, result = changed
    return result


def _changed(items: Optional[List[Value]], name: str, values: Sequence[Value]) -> Any:
    """(the new items, what the method returns); None where that is not known."""
    if items is None:
        return None
    if name == "append" and len(values) == 1:
        return [*items, values[0]], NOTHING
    if name == "extend" and len(values) == 1:
        more = elements(values[0])
        return None if more is None else ([*items, *more], NOTHING)
    if name == "insert" and len(values) == 2:
        at = whole(values[0])
        if at is None:
            return None
        new = list(items)
        new.insert(at, values[1])
        return new, NOTHING
    if name == "pop" and len(values) < 2 and items:
        at = whole(values[0]) if values else -1
        if at is None or not -len(items) <= at < len(items):
            return None
        new = list(items)
        taken = new.pop(at)
        return new, taken
    if name == "reverse" and not values:
        return items[::-1], NOTHING
    if name == "clear" and not values:
        return [], NOTHING
    return None


def _of_dict(
    follow: Expressions, owner: Table, name: str, values: List[Value], keywords: bool
) -> Value:
    if name in ("keys", "values", "items") and not values and not keywords:
        if owner.items is None:
            return UNKNOWN
        if name == "keys":
            return Size(tuple(map(plain_value, owner.items)))
        if name == "values":
            return Size(tuple(owner.items.values()))
        return Size(tuple(Size((plain_value(k), v)) for k, v in owner.items.items()))
    if name == "get" and values and isinstance(values[0], Constant) and owner.items is not None:
        default = values[1] if len(values) > 1 else NOTHING
        return owner.items.get(values[0].value, default)
    if name == "copy":
        return UNKNOWN if owner.items is None else Table(dict(owner.items))
    owner.items = None
    for value in values:
        follow.escape(value)
    return UNKNOWN
