"""What every answer of the API can do: be shown, turned into plain values, or into a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from .errors import DLKitError

T = TypeVar("T")


class Result:
    """An answer: immutable, comparable, picklable; numbers and texts only."""

    __slots__ = ()

    #: What it is, and the name of the functions that show it (``show.html``, ``show.text``).
    kind: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The fields of the REST answer, ready for JSON."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``, where the answer is a table.

        Raises ``DLKitError`` where pandas is not installed, and where it is no table.
        """
        raise DLKitError(
            f"{type(self).__name__} is not a table.", "Ask for its fields, or for to_dict()."
        )

    def __repr__(self) -> str:
        from ..show import text

        return str(getattr(text, self.kind)(self))

    def _repr_html_(self) -> str:
        """HTML that needs no script and no other file; for notebooks."""
        from ..show import html

        return str(getattr(html, self.kind)(self))


class ByDevice(Mapping[str, T]):
    """Values by device, such as ``{"cpu": …, "cuda:0": …}``; immutable."""

    __slots__ = ("_items",)

    _items: dict[str, T]

    def __init__(self, items: Mapping[str, T] | None = None) -> None:
        object.__setattr__(self, "_items", dict(items or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("It cannot be changed.")

    def __getitem__(self, device: str) -> T:
        return self._items[device]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)

    def __repr__(self) -> str:
        return repr(self._items)


def frame(rows: list[dict[str, Any]], index: str) -> Any:
    """A ``pandas.DataFrame`` of rows; raises ``DLKitError`` without pandas."""
    try:
        import pandas
    except ImportError:
        raise DLKitError(
            "pandas is not installed here, and to_pandas() needs it.",
            "Install it (pip install pandas), or use to_dict().",
        ) from None
    table = pandas.DataFrame(rows)
    return table.set_index(index) if rows else table
