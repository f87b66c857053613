"""Strides: how a shape lies in memory, and what a view can make of it."""

from __future__ import annotations

from typing import Tuple

from .values import Shape


def contiguous_strides(shape: Shape) -> Tuple[int, ...]:
    """The strides of a new tensor, in elements; a size of 0 counts as 1, as in torch."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))
