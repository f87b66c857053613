"""What a move did, or would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import move_lines
from ..check_lines import SIGNS
from . import width as cells
from .ink import Ink

if TYPE_CHECKING:
    from ...api.moving import Moved

#: Lines of one list.
MOST_LINES = 10


def moved(result: Moved, width: int | None = None, colour: bool = False) -> str:
    """A sentence, what was measured, what refuses or stays behind, and what to do next."""
    ink, room = Ink(colour), cells.columns(width)
    said = move_lines.report(result)
    first, *rest = cells.wrapped(said.sentence, room - 2)
    lines = [f"{ink(said.tone, SIGNS[said.tone])} {first}", *(f"  {line}" for line in rest)]
    for text in said.facts:
        lines += cells.wrapped(text, room, "  ")
    for text in said.warnings:
        first, *rest = cells.wrapped(text, room - 4)
        lines += [f"  {ink('trap', '!')} {first}", *(f"    {line}" for line in rest)]
    for fold in said.folds:
        if not fold.open:
            continue
        lines.append(f"  {ink('strong', fold.title)}")
        for text in fold.lines[:MOST_LINES]:
            lines += cells.wrapped(text, room, "    ")
        if len(fold.lines) > MOST_LINES:
            lines.append(f"    and {len(fold.lines) - MOST_LINES:,} more")
    lines += cells.wrapped(said.advice, room, "  ")
    return "\n".join(lines)
