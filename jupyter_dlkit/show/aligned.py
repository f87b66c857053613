"""The shapes below each other, aligned at the last dimension, as the rule reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    # At run time only where there is something of it to show: a list of tensors need not wait.
    from ..shapes import Dimension, Operand, Problem, Result

#: What a size does in its column; colours alone are not for everybody.
SIGNS = {"equal": "=", "stretch": "↔", "missing": "·", "clash": "✕", "plain": ""}


class Cell(NamedTuple):
    """A size of an operand.  ``part``: equal, stretch, missing, clash, or plain (nothing is known
    of this column but the size)."""

    size: str
    part: str
    aloud: str

    @property
    def sign(self) -> str:
        """What stands behind the size; what is equal needs no word."""
        return "" if self.part == "equal" else SIGNS[self.part]


class Row(NamedTuple):
    """An operand; None where it has no such column.  ``about``: dtype and device, or the number."""

    name: str
    about: str
    cells: tuple[Cell | None, ...]


class Picture(NamedTuple):
    """``positions``: −1 is the last dimension.  ``together``: the verdict on each column, empty
    where the rule is not one of columns.  ``outcome``: sizes of the result; or, where that has
    another shape (a loss), of what the operands are broadcast to; empty where there are none."""

    positions: tuple[str, ...]
    rows: tuple[Row, ...]
    together: tuple[str | None, ...]
    outcome: tuple[str, ...]
    outcome_name: str


def picture(
    operands: Sequence[object],
    dimensions: Sequence[Dimension],
    problems: Sequence[Problem],
    result: Result | None,
    source: str = "",
) -> Picture | None:
    """None where there is nothing to align.  ``source``: what is checked, as it is written."""
    from ..shapes import Operand, Scalar

    tensors = [one for one in operands if isinstance(one, Operand)]
    shape = () if result is None else result.shape
    width = max(
        [len(one.shape) for one in tensors]
        + [-one.position for one in dimensions]
        + [len(shape)] * bool(tensors),
        default=0,
    )
    if width == 0:
        return None
    positions = range(-width, 0)
    columns = {one.position: one for one in dimensions}
    wrong = {one for problem in problems for one in _concerned(problem, operands, source)}
    rows = []
    place = 0
    for index, operand in enumerate(operands):
        label = _label(operand, index)
        if isinstance(operand, Operand):
            cells = tuple(
                _cell(operand, position, columns.get(position), place, (index, position) in wrong)
                for position in positions
            )
            about = f"{operand.dtype} on {plain.name(operand.device, 40)}"
            rows.append(Row(label, about, cells))
            place += 1
        elif isinstance(operand, Scalar):
            number = plain.name(repr(operand.value), 40)
            rows.append(Row((operand.name and label) or number, "a number", (None,) * width))
    together = tuple(None if p not in columns else _joint(columns[p].verdict) for p in positions)
    name, outcome = "result", shape
    if result is not None and not shape and columns:
        name, outcome = "broadcast", tuple(_size(columns[p]) for p in positions if p in columns)
    return Picture(
        tuple(f"−{-position}" for position in positions),
        tuple(rows),
        together if columns else (),
        tuple(str(outcome[p]) if len(outcome) + p >= 0 else "" for p in positions)
        if outcome
        else (),
        name,
    )


def _concerned(
    problem: Problem, operands: Sequence[object], source: str
) -> Iterator[tuple[int, int]]:
    """Indices of operands, and the positions in them, that do not match one another."""
    from ..shapes import Operand

    if not problem.operands or problem.dimension is None:
        return
    first, *others = problem.operands
    yield first, problem.dimension
    if len(others) != 1:
        return
    one, other = operands[first], operands[others[0]]
    if not isinstance(one, Operand) or not isinstance(other, Operand):
        return
    position = problem.dimension
    # The rule of matrix products; torch.inner sums over the last dimension of both.
    if problem.code == "inner" and not re.match(r"(.*\.)?inner\(", source):
        position = -2 if len(other.shape) > 1 else -1
    elif problem.code not in ("inner", "features", "batch", "shape"):
        return
    if -position <= len(other.shape) and other.shape[position] != one.shape[problem.dimension]:
        yield others[0], position


def _size(dimension: Dimension) -> int:
    """What a column becomes: the size that is not 1."""
    return next((one for one in dimension.sizes if one is not None and one != 1), 1)


def _label(operand: object, index: int) -> str:
    named = getattr(operand, "name", None)
    return plain.name(named, 40) if named else f"operand {index + 1}"


def call(operation: str, operands: Sequence[object]) -> str:
    """As it could be written: ``mse_loss(x, y)``, ``add((2, 2), (3, 3))``."""
    from ..shapes import Operand, Scalar

    words = []
    for one in operands:
        if isinstance(one, Operand):
            words.append(plain.name(one.name, 40) if one.name else sizes.shape(one.shape))
        elif isinstance(one, Scalar):
            words.append(plain.name(one.name or repr(one.value), 40))
    return plain.name(f"{operation}({', '.join(words)})")


def _joint(verdict: str) -> str:
    # What is missing counts as a 1, and is stretched as such.
    return "stretch" if verdict == "missing" else verdict


def _cell(
    operand: Operand, position: int, dimension: Dimension | None, place: int, wrong: bool
) -> Cell | None:
    if dimension is None:
        if len(operand.shape) + position < 0:
            return None
        # Not of the broadcasting kind: only what a problem is about is known.
        written = str(operand.shape[position])
        return Cell(written, "clash" if wrong else "plain", written)
    given = dimension.sizes[place] if place < len(dimension.sizes) else None
    clash = dimension.verdict == "clash"
    to = _size(dimension)
    if given is None:
        return Cell("", "missing", "none" if clash else f"none, becomes {to}")
    if given == 1 and to != 1 and not clash:
        return Cell("1", "stretch", f"1, stretched to {to}")
    if clash and given != 1:
        return Cell(str(given), "clash", f"{given}, does not match")
    return Cell(str(given), "equal", str(given))
