"""A memory bar of block characters: for terminals, and for pages that take styles away."""

from __future__ import annotations

from .memory_parts import Memory

#: Each part has a character of its own: colours alone are not for everybody.
BLOCKS = {
    **{"tensors": "█", "cache": "▓", "mine": "▓", "kernels": "▚", "others": "▒", "free": "░"},
    **{"parameters": "█", "gradients": "▞", "optimizer": "▙", "activations": "▤"},
    **{"variables": "▥", "outputs": "▦", "exception": "▩", "unreachable": "▧"},
    **{"workspaces": "▨", "unaccounted": "▢"},
}


def blocks(memory: Memory, width: int) -> list[str]:
    """The blocks of each part, ``width`` together; whatever is there has one at least."""
    most = max(memory.total, 1)
    widths = [max(1, round(part.bytes * width / most)) for part in memory.parts]
    while widths and sum(widths) != width:
        largest = widths.index(max(widths))
        widths[largest] += 1 if sum(widths) < width else -1
    return [BLOCKS[part.kind] * n for part, n in zip(memory.parts, widths, strict=True)]
