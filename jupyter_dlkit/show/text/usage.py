"""What a cell used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import usage_lines
from . import width as cells
from .ink import Ink
from .table import Column, table

if TYPE_CHECKING:
    from ...api.usage import Usage

_COLUMNS = (
    Column("", least=6),
    Column("before", right=True, spare=2),
    Column("after", right=True, spare=1),
    Column("change", right=True),
    Column("peak", right=True),
)


def usage(result: Usage, width: int | None = None, colour: bool = False) -> str:
    """Seconds, and a line of bytes for each device and for the RAM of the process."""
    ink, room = Ink(colour), cells.columns(width)
    rows = usage_lines.lines(result)
    lines = [usage_lines.sentence(result), *table(_COLUMNS, rows, room, ink)]
    return "\n".join([*lines, *cells.wrapped(usage_lines.note(result), room)])
