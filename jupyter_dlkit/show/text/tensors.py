"""A list of tensors as an aligned table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import plain, sizes, tensor_lines
from ..tensor_lines import Folded
from . import width as cells
from .ink import Ink
from .table import RATHER, Column, table

if TYPE_CHECKING:
    from ...api.tensors import TensorRow, Tensors
    from ..tensor_lines import Line

#: Lines that are shown where not all were asked for.
MOST_LINES = 60
MOST_IN_GROUP = 40

_COLUMNS = (
    Column("name", least=16, cut="middle"),
    Column("shape", least=11),
    Column("rank", right=True, spare=RATHER, tone="quiet"),
    Column("dtype", spare=2, tone="quiet"),
    Column("device", least=6, spare=1, tone="quiet"),
    Column("bytes", right=True),
    Column("", least=12, spare=3, tone="quiet"),
)


def tensors(
    result: Tensors,
    width: int | None = None,
    colour: bool = False,
    more: str = "%tensors --all",
) -> str:
    """Lines of name, shape, rank, dtype, device and bytes; groups are folded into one.

    ``width``: columns of the terminal, its own when None.  ``colour``: with the codes of
    terminals.  ``more``: what shows the rest of a long list.
    """
    ink, room = Ink(colour), cells.columns(width)
    listing = tensor_lines.listing(result, MOST_LINES, MOST_IN_GROUP)
    lines: list[str] = []
    if listing.lines:
        rows = [row for line in listing.lines for row in _rows(line)]
        folds = any(isinstance(line, Folded) for line in listing.lines)
        if folds:
            rows = [("  " + row[0] if row[0][:1] not in "▸▾" else row[0], *row[1:]) for row in rows]
        lines += table(_COLUMNS, rows, room, ink)
        if listing.more:
            lines.append(ink("quiet", f"… and {listing.more:,} more: {more}"))
        hidden = result.total - len(result.rows)
        if hidden > 0:
            lines.append(
                ink("quiet", f"… and {hidden:,} more, beyond the limit that was asked for")
            )
        lines += cells.wrapped(listing.total, room)
    for note in tensor_lines.notes(result):
        lines += cells.wrapped(note, room)
    return "\n".join(lines)


def _rows(line: Line | Folded) -> list[tuple[str, ...]]:
    if not isinstance(line, Folded):
        return [tuple(line)]
    shown = line.lines if line.open else ()
    noun = sizes.count(line.tensors, "tensor")
    head = (
        f"{'▾' if shown else '▸'} {line.name} {line.type}",
        noun, "", line.dtype, line.device, line.bytes, line.note,
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [head, *((f"  {one.name}", *one[1:]) for one in shown)]
    if shown and len(shown) < line.tensors:
        rows.append((f"  … and {line.tensors - len(shown):,} more", *[""] * 6))
    return rows


def tensor(row: TensorRow, width: int | None = None, colour: bool = False) -> str:
    """One tensor: what is known of it, a line for each fact."""
    ink, room = Ink(colour), cells.columns(width)
    facts = tensor_lines.facts(row)
    wide = max(len(word) for word, _ in facts)
    lines = [ink("strong", cells.fit(plain.name(row.name), room, "middle"))]
    for word, fact in facts:
        first, *rest = cells.wrapped(fact, room - wide - 4) or [""]
        lines.append(f"  {ink('quiet', word.ljust(wide))}  {first}")
        lines += [" " * (wide + 4) + line for line in rest]
    return "\n".join(lines)
