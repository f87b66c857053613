"""A memory bar, and what its parts are."""

from __future__ import annotations

from .. import sizes
from ..blocks import BLOCKS, blocks
from ..memory_parts import Memory
from . import width as cells
from .ink import Ink


def bar(memory: Memory, width: int, ink: Ink) -> str:
    """As wide as ``width``."""
    drawn = zip(memory.parts, blocks(memory, width), strict=True)
    return "".join(ink(part.kind, text) for part, text in drawn)


def legend(memory: Memory, width: int, ink: Ink) -> list[str]:
    """``█ tensors 3 GiB  ▓ cache 200 MiB``, in as many lines as it takes."""
    lines: list[tuple[str, int]] = []
    for part in memory.parts:
        text = f"{part.label} {sizes.size(part.bytes)}"
        wide = 2 + cells.of(text)
        one = f"{ink(part.kind, BLOCKS[part.kind])} {text}"
        if lines and lines[-1][1] + 2 + wide <= width:
            lines[-1] = (f"{lines[-1][0]}  {one}", lines[-1][1] + 2 + wide)
        else:
            lines.append((one, wide))
    return [line for line, _ in lines]
