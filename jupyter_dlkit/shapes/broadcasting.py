"""Broadcasting: shapes aligned at the right, equal or 1 or missing."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from .call import Call, Refused
from .names import place
from .values import Dimension, Operand, Shape


def aligned(shapes: Sequence[Shape]) -> Tuple[List[Dimension], Shape]:
    """The columns from the left, and the shape they broadcast to.

    In a column that clashes the shape has the first size that is not 1.
    """
    rank = max((len(shape) for shape in shapes), default=0)
    columns: List[Dimension] = []
    final: List[int] = []
    for position in range(-rank, 0):
        sizes = tuple(shape[position] if len(shape) >= -position else None for shape in shapes)
        there = [size for size in sizes if size is not None]
        others = [size for size in there if size != 1]
        size = others[0] if others else 1
        if any(other != size for other in others):
            verdict = "clash"
        elif len(there) < len(sizes):
            verdict = "missing"
        else:
            verdict = "stretch" if any(one != size for one in there) else "equal"
        columns.append(Dimension(position, sizes, verdict))
        final.append(size)
    return columns, tuple(final)


def broadcasts(shapes: Sequence[Shape]) -> bool:
    """Whether shapes broadcast, and nothing else."""
    final: List[int] = []
    for shape in shapes:
        for at, size in enumerate(reversed(shape)):
            if at == len(final):
                final.append(size)
            elif final[at] == 1:
                final[at] = size
            elif size not in (1, final[at]):
                return False
    return True


def broadcast(call: Call, tensors: Optional[Sequence[Tuple[int, Operand]]] = None) -> Shape:
    """The shape of the tensors together; raises Refused with the last dimension that clashes."""
    listed = call.tensors if tensors is None else list(tensors)
    columns, final = aligned([one.shape for _, one in listed])
    call.dimensions.extend(columns)
    for column in reversed(columns):
        if column.verdict == "clash":
            raise clash(call, listed, column)
    return final


def clash(call: Call, listed: Sequence[Tuple[int, Operand]], column: Dimension) -> Refused:
    """The sentence for a dimension in which two sizes differ and neither is 1."""
    (first, other), (one, two) = clashing(column)
    left, right = listed[first][0], listed[other][0]
    where = ", ".join(
        f"dim {len(listed[i][1].shape) + column.position} of {call.named(listed[i][0])}"
        for i in (first, other)
    )
    message = (
        f"{call.named(left)} has {one} and {call.named(right)} has {two} in the "
        f"{place(column.position)} dimension ({where}). They must be equal, or one of them 1."
    )
    return call.refuse("shape", message, (left, right), column.position)


def clashing(column: Dimension) -> Tuple[Tuple[int, int], Tuple[int, int]]:
    """Two operands of a column that clash, and their sizes."""
    first: Optional[Tuple[int, int]] = None
    for index, size in enumerate(column.sizes):
        if size is None or size == 1:
            continue
        if first is None:
            first = (index, size)
        elif size != first[1]:
            return (first[0], index), (first[1], size)
    raise ValueError("No two sizes of this column clash.")
