"""Aligned tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import width as cells
from .ink import Ink

#: A column that is rather left out than any other cut.
RATHER = 4


class Column(NamedTuple):
    """``spare``: columns with a larger number are left out first where there is no room, 0 never;
    ``RATHER`` before anything is cut.  ``least``: what it can be cut to; None: it is not cut."""

    title: str
    right: bool = False
    spare: int = 0
    least: int | None = None
    cut: str = "end"
    tone: str = ""


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, ink: Ink
) -> list[str]:
    """A line of titles and a line for each row, none wider than ``width``."""
    shown = [i for i, _ in enumerate(columns) if any(row[i] for row in rows)]
    natural = {i: max(cells.of(text) for text in _texts(columns, rows, i)) for i in shown}
    least = {i: min(natural[i], columns[i].least or natural[i]) for i in shown}
    if _together(natural, shown) > width:
        shown = [i for i in shown if columns[i].spare < RATHER]
    while _together(least, shown) > width:
        spare = max(shown, key=lambda i: columns[i].spare)
        if columns[spare].spare == 0:
            break
        shown.remove(spare)
    given = _given(natural, least, shown, width)
    titles = [column.title for column in columns]
    lines = [_line(columns, titles, shown, given, Ink(False))]
    lines += [_line(columns, row, shown, given, ink) for row in rows]
    return [ink("quiet", lines[0]), *lines[1:]]


_GAP = 2


def _texts(columns: Sequence[Column], rows: Sequence[Sequence[str]], i: int) -> Iterator[str]:
    yield columns[i].title
    for row in rows:
        yield row[i]


def _together(widths: dict[int, int], shown: Sequence[int]) -> int:
    return sum(widths[i] for i in shown) + _GAP * (len(shown) - 1)


def _given(
    natural: dict[int, int], least: dict[int, int], shown: Sequence[int], width: int
) -> dict[int, int]:
    """The widest gives way first, as long as it can."""
    given = {i: natural[i] for i in shown}
    over = _together(given, shown) - width
    while over > 0:
        soft = [i for i in shown if given[i] > least[i]]
        if not soft:
            break
        given[max(soft, key=lambda i: given[i] - least[i])] -= 1
        over -= 1
    return given


def _line(
    columns: Sequence[Column],
    row: Sequence[str],
    shown: Sequence[int],
    given: dict[int, int],
    ink: Ink,
) -> str:
    words = []
    for i in shown:
        column = columns[i]
        text = cells.pad(cells.fit(row[i], given[i], column.cut), given[i], column.right)
        words.append(ink(column.tone, text) if column.tone else text)
    return (" " * _GAP).join(words).rstrip()
