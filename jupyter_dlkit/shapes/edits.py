"""Small edits to one operand: candidates for mends, smallest first, not yet verified."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional, Sequence, Tuple

from .dtypes import is_floating, is_integral
from .judging import applied
from .layout import elements
from .names import as_atom
from .values import Operand, Shape

#: Ranks above this are not worth trying all pairs of dimensions.
_MOST_PAIRS = 5


class Edit(NamedTuple):
    """An operand changed: what is written after its name, what it becomes, how large it is."""

    code: str
    name: str
    written: str
    operand: Operand
    cost: int

    @property
    def source(self) -> str:
        """The code that makes the change."""
        return f"{as_atom(self.name)}{self.written}"


def _view(x: Operand, order: Sequence[int]) -> Operand:
    """Some dimensions of ``x`` in an order."""
    strides = None if x.strides is None else tuple(x.strides[dim] for dim in order)
    shape = tuple([x.shape[dim] for dim in order])
    return _shaped(x, shape, strides)


def _unsqueezed(x: Operand, dim: int) -> Operand:
    strides = None
    if x.strides is not None:
        step = x.shape[dim] * x.strides[dim] if dim < len(x.shape) else 1
        strides = (*x.strides[:dim], step, *x.strides[dim:])
    return _shaped(x, (*x.shape[:dim], 1, *x.shape[dim:]), strides)


def _shaped(x: Operand, shape: Shape, strides: Optional[Tuple[int, ...]]) -> Operand:
    leaf = not x.requires_grad
    return Operand(shape, x.dtype, x.device, x.name, x.requires_grad, leaf, strides, x.index_range)


def _edit(
    code: str, name: str, written: str, changed: Optional[Operand], cost: int
) -> Iterator[Edit]:
    if changed is not None:
        yield Edit(code, name, written, changed, cost)


def of_shape(name: str, x: Operand, others: Tuple[Tuple[str, Operand], ...]) -> Iterator[Edit]:
    """Dimensions of 1 added or taken, dimensions exchanged, flattened, another's shape."""
    rank = len(x.shape)
    for dim, size in enumerate(x.shape):
        if size == 1:
            written = -1 if dim == rank - 1 else dim
            kept = [place for place in range(rank) if place != dim]
            yield Edit("squeeze", name, f".squeeze({written})", _view(x, kept), 2)
    if rank < 12:
        for dim in range(rank + 1):
            yield Edit("unsqueeze", name, f".unsqueeze({dim})", _unsqueezed(x, dim), 2)
    if rank == 2:
        yield Edit("transpose", name, ".T", _view(x, (1, 0)), 3)
    elif 2 < rank <= _MOST_PAIRS:
        for one in range(rank):
            for two in range(one + 1, rank):
                if x.shape[one] == x.shape[two]:
                    continue
                order = list(range(rank))
                order[one], order[two] = two, one
                last = (one, two) == (rank - 2, rank - 1)
                written_so = ".mT" if last else f".transpose({one}, {two})"
                yield Edit("transpose", name, written_so, _view(x, order), 4 if last else 5)
        for channels in _channel_orders(rank):
            text = ", ".join(str(dim) for dim in channels)
            # A channel brought to its place keeps the picture upright: before a transpose.
            yield Edit("permute", name, f".permute({text})", _view(x, channels), 4)
    if rank > 2:
        yield from _edit("flatten", name, ".flatten(1)", applied("flatten", x, start_dim=1), 3)
    if rank > 1:
        yield from _edit("flatten", name, ".flatten()", applied("flatten", x), 5)
    for other_name, other in others:
        same = elements(other.shape) == elements(x.shape)
        if same and other.shape != x.shape and len(other.shape) != rank:
            changed = applied("reshape_as", x, other)
            yield from _edit("reshape", name, f".reshape_as({other_name})", changed, 8)


def _channel_orders(rank: int) -> Tuple[Tuple[int, ...], ...]:
    if rank == 3:
        return ((2, 0, 1), (1, 2, 0))
    if rank == 4:
        return ((0, 3, 1, 2), (0, 2, 3, 1))
    return ((0, 4, 1, 2, 3), (0, 2, 3, 4, 1))


def twice_unsqueezed(name: str, x: Operand) -> Iterator[Edit]:
    """Two new dimensions of 1 side by side: a mask of (batch, keys), a mean of channels."""
    if len(x.shape) > 4:
        return
    for dim in range(len(x.shape) + 1):
        changed = _unsqueezed(_unsqueezed(x, dim), dim)
        written = f".unsqueeze({dim}).unsqueeze({dim})"
        yield from _edit("unsqueeze", name, written, changed, 3)


def of_device(name: str, x: Operand, others: Tuple[Tuple[str, Operand], ...]) -> Iterator[Edit]:
    """To the device of another operand; rather to an accelerator, rather not a parameter."""
    for other_name, other in others:
        if other.device != x.device:
            changed = applied("to", x, device=other.device)
            cost = 2 + (other.device == "cpu") + 2 * (x.requires_grad and x.is_leaf)
            yield from _edit("device", name, f".to({as_atom(other_name)}.device)", changed, cost)


def of_dtype(
    name: str, x: Operand, others: Tuple[Tuple[str, Operand], ...], asked: bool
) -> Iterator[Edit]:
    """To the dtype of another operand, or (``asked``) to those that operations ask for."""
    parameter = 2 * (x.requires_grad and x.is_leaf)
    seen = {x.dtype}
    for other_name, other in others:
        loses = is_floating(x.dtype) and not is_floating(other.dtype)
        if other.dtype not in seen and not loses:
            seen.add(other.dtype)
            changed = applied("to", x, dtype=other.dtype)
            widens = other.dtype == "float64"
            text = f".to({as_atom(other_name)}.dtype)"
            yield from _edit("dtype", name, text, changed, 2 + parameter + widens)
    if not asked:
        return
    for method, dtype, cost in (
        ("float", "float32", 3 if x.dtype != "float64" else 4),
        ("long", "int64", 3 if is_integral(x.dtype) else 4),
        ("bool", "bool", 5),
    ):
        if dtype not in seen:
            changed = applied(method, x)
            yield from _edit("dtype", name, f".{method}()", changed, cost + parameter)


def of_classes(name: str, x: Operand) -> Iterator[Edit]:
    """One-hot targets as class numbers; class numbers from 1 as from 0."""
    if len(x.shape) > 1 and x.shape[1] > 1:
        yield from _edit("argmax", name, ".argmax(1)", applied("argmax", x, dim=1), 4)
    if x.index_range is not None and x.index_range[0] >= 1:
        low, high = x.index_range
        changed = Operand(x.shape, x.dtype, x.device, x.name, index_range=(low - 1, high - 1))
        yield Edit("from_zero", name, " - 1", changed, 3)


def of_layout(name: str, x: Operand) -> Iterator[Edit]:
    """A copy that lies in memory in order."""
    yield from _edit("contiguous", name, ".contiguous()", applied("contiguous", x), 3)
