"""Which of the tensors were asked for, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .errors import DLKitError
from .nearest import nearest
from .row import TensorRow

#: What a list can be sorted by, and whether the largest then comes first.
SORTS = {
    "name": False,
    "bytes": True,
    "shape": True,
    "dtype": False,
    "device": False,
    "rank": True,
}


class Choice(NamedTuple):
    """What is asked of a list; checked."""

    pattern: str | None
    device: str | None
    sort: str
    descending: bool
    limit: int | None


def choice(
    pattern: Any,
    device: Any,
    sort: Any,
    descending: bool | None,
    limit: Any,
    devices: Iterable[str],
) -> Choice:
    """The same, checked.  ``devices`` are those that there are.

    Raises ``DLKitError`` for a device that is not there, and for what is no sort key or limit.
    """
    if pattern is not None and type(pattern) is not str:
        raise DLKitError(
            f"A pattern is text, not {type(pattern).__name__}.",
            'Write it in quotes: dlkit.tensors("model.*").',
        )
    if sort not in SORTS:
        near = nearest(str(sort), SORTS)
        keys = ", ".join(SORTS)
        raise DLKitError(
            f"Tensors cannot be sorted by {str(sort)[:60]!r}.",
            f"Did you mean {near}?" if near else f"Sort by one of {keys}.",
        )
    if limit is not None and (type(limit) is not int or limit < 0):
        raise DLKitError(f"A limit is a whole number, 0 or more, not {str(limit)[:60]}.")
    return Choice(
        pattern or None,
        None if device is None else _device(str(device), list(devices)),
        str(sort),
        SORTS[sort] if descending is None else bool(descending),
        limit,
    )


def _device(device: str, there: Sequence[str]) -> str:
    """A device (``cuda:0``) or all of a kind (``cuda``)."""
    if device == "meta" or any(_is_on(one, device) for one in there):
        return device
    near = nearest(device, there)
    raise DLKitError(
        f"There is no device {device[:60]!r} here.",
        f"Did you mean {near}?" if near and near != "cpu" else f"There is {', '.join(there)}.",
    )


def _is_on(device: str | None, asked: str) -> bool:
    return device is not None and (device == asked or device.partition(":")[0] == asked)


def chosen(rows: Iterable[TensorRow], asked: Choice) -> list[TensorRow]:
    """The rows that were asked for, sorted; those that do not have the key come last."""
    found = list(rows)
    if asked.device is not None:
        found = [row for row in found if _is_on(row.device, asked.device)]
    if asked.pattern is not None:
        matches = _matcher(asked.pattern)
        found = [row for row in found if matches(row)]
    known = [row for row in found if getattr(row, asked.sort) is not None]
    known.sort(key=_KEYS[asked.sort], reverse=asked.descending)
    return known + [row for row in found if getattr(row, asked.sort) is None]


def _matcher(pattern: str) -> Callable[[TensorRow], bool]:
    if "*" in pattern or "?" in pattern:
        # Brackets stand for themselves: names have them (layers[0]).
        wild = {"*": ".*", "?": "."}
        parts = (wild.get(part) or re.escape(part) for part in re.split(r"([*?])", pattern))
        whole = re.compile("".join(parts), re.DOTALL).fullmatch
        return lambda row: any(whole(name) for name in (row.name, *row.aliases))
    text = pattern.casefold()
    return lambda row: any(text in said.casefold() for said in _said(row))


def _said(row: TensorRow) -> list[str]:
    """Where text is looked for, as the panel's filter does."""
    fields = (row.name, row.type, row.dtype, row.device, *row.aliases)
    return [one for one in fields if one is not None]


def _natural(row: TensorRow) -> Any:
    """``layers[2]`` before ``layers[10]``."""
    parts = re.split(r"(\d+)", row.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], row.name


_KEYS: dict[str, Callable[[TensorRow], Any]] = {
    "name": _natural,
    "bytes": lambda row: row.bytes,
    "shape": lambda row: [-1 if size is None else size for size in row.shape or ()],
    "dtype": lambda row: row.dtype,
    "device": lambda row: row.device,
    "rank": lambda row: row.rank,
}
