"""What a move did, or would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import move_lines
from .checked import notice, sign
from .markup import fold, lines, output, tag

if TYPE_CHECKING:
    from ...api.moving import Moved


def moved(result: Moved) -> str:
    """A sentence, what was measured, what refuses or stays behind, and what to do next."""
    said = move_lines.report(result)
    parts = [tag("p", sign(said.tone), " ", said.sentence, cls="verdict")]
    parts += [tag("p", text, cls="quiet") for text in said.facts]
    parts += [notice("trap", text) for text in said.warnings]
    parts += [fold(one.title, lines(list(one.lines)), open=one.open) for one in said.folds]
    if said.advice:
        parts.append(tag("p", said.advice, cls="quiet"))
    return output("moved", *parts)
