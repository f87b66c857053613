"""Strides: how a shape lies in memory, and what a view can make of it."""

from __future__ import annotations

import math
from typing import Optional, Sequence, Tuple

from .values import Shape


def elements(shape: Sequence[int]) -> int:
    """How many elements a shape has."""
    return math.prod(shape)


def contiguous_strides(shape: Shape) -> Tuple[int, ...]:
    """The strides of a new tensor, in elements; a size of 0 counts as 1, as in torch."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def view_strides(
    shape: Shape, strides: Tuple[int, ...], wanted: Shape
) -> Optional[Tuple[int, ...]]:
    """The strides of a view of another shape; None where there is none without a copy.

    Dimensions are taken together as far as memory runs through them, from the last.
    """
    elements = 1
    for size in shape:
        elements *= size
    if elements == 0:
        return strides if shape == wanted else contiguous_strides(wanted)
    if not shape:
        return (1,) * len(wanted)
    found = [0] * len(wanted)
    at = len(wanted) - 1
    base = strides[-1]
    in_chunk = 1
    of_view = 1
    for dim in range(len(shape) - 1, -1, -1):
        in_chunk *= shape[dim]
        broken = dim > 0 and shape[dim - 1] != 1 and strides[dim - 1] != in_chunk * base
        if dim == 0 or broken:
            while at >= 0 and (of_view < in_chunk or wanted[at] == 1):
                found[at] = of_view * base
                of_view *= wanted[at]
                at -= 1
            if of_view != in_chunk:
                return None
            if dim > 0:
                base = strides[dim - 1]
                in_chunk = 1
                of_view = 1
    return None if at != -1 else tuple(found)


def is_contiguous(shape: Shape, strides: Tuple[int, ...]) -> bool:
    """Whether the elements lie one after another."""
    step = 1
    for size, stride in zip(reversed(shape), reversed(strides)):
        if size == 0:
            return True
        if size != 1:
            if stride != step:
                return False
            step *= size
    return True
