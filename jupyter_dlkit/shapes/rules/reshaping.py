"""The same elements in another shape: views, copies of views, repetitions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import List, Optional, Sequence, Tuple

from ..arguments import axes, axis, sizes, whole, wholes
from ..broadcasting import broadcast
from ..call import MOST, Call, shape_text
from ..dtype_rules import demand
from ..errors import Malformed, UnknownArgument
from ..layout import contiguous_strides, is_contiguous, view_strides
from ..registry import Outcome, rule
from ..values import Operand, Result, Shape

Strides = Optional[Tuple[int, ...]]


def seen(call: Call, x: Operand, shape: Sequence[int], strides: Strides = None) -> Result:
    """A view of ``x``."""
    final = call.result(shape, x.dtype, x.device, view=True, strides=strides)
    return replace(final, index_range=x.index_range) if x.index_range else final


def inferred(call: Call, x: Operand, wanted: Shape, about: str) -> Shape:
    """A shape in which one size may be -1; refuses where the elements do not fit."""
    elements = math.prod(x.shape)
    if any(size < -1 for size in wanted):
        raise call.refuse("argument", f"A size is -1 or not negative: {shape_text(wanted)}.", (0,))
    if len(wanted) > 64:
        raise Malformed(f"torch has no tensors of {len(wanted)} dimensions; 64 are the most.")
    open_places = [i for i, size in enumerate(wanted) if size == -1]
    if len(open_places) > 1:
        raise call.refuse("argument", f"Only one size can be -1: {shape_text(wanted)}.", (0,))
    rest = math.prod(size for size in wanted if size != -1)
    if rest > MOST:
        raise call.refuse("numel", f"{shape_text(wanted)} is more than torch can count.", (0,))
    if open_places and rest == 0:
        raise call.refuse(
            "numel",
            f"{shape_text(wanted)} leaves -1 open: with a size of 0 it could be anything.",
            (0,),
        )
    if elements % rest if open_places else elements != rest:
        needs = f"a multiple of {rest}" if open_places else str(rest)
        raise call.refuse(
            "numel",
            f"{about} has shape {shape_text(x.shape)}, {elements} elements; "
            f"{shape_text(wanted)} needs {needs}.",
            (0,),
        )
    return tuple(elements // rest if size == -1 else size for size in wanted)


@rule("reshape(input T, *shape)", "view(input T, *shape)")
def reshape(call: Call) -> Outcome:
    """As many elements; a view must also fit how they lie in memory."""
    if isinstance(call["shape"], str):
        raise UnknownArgument("The checker does not follow view(dtype).")
    x = call.tensor(0)
    shape = inferred(call, x, wholes(call, "shape", call["shape"]), call.named(0))
    if x.strides is None:
        return seen(call, x, shape)
    strides = view_strides(x.shape, x.strides, shape)
    if strides is None:
        if call.operation != "view":
            return call.fresh(shape, x.dtype, x.device)
        raise call.refuse(
            "strides",
            f"{call.named(0)} does not lie in memory so that it can be seen as "
            f"{shape_text(shape)} (it was transposed, permuted or sliced). reshape copies it.",
            (0,),
        )
    return seen(call, x, shape, strides)


@rule("view_as(input T, other T)", "reshape_as(input T, other T)")
def reshape_as(call: Call) -> Outcome:
    """reshape or view to another's shape."""
    x, other = call.tensor(0), call.tensor(1)
    shape = inferred(call, x, other.shape, call.named(0))
    strides = None if x.strides is None else view_strides(x.shape, x.strides, shape)
    if x.strides is not None and strides is None:
        if call.operation == "reshape_as":
            return call.fresh(shape, x.dtype, x.device)
        raise call.refuse("strides", f"{call.named(0)} cannot be viewed so; reshape_as can.", (0,))
    return seen(call, x, shape, strides)


@rule("flatten(input T, start_dim=0, end_dim=-1)", "ravel(input T)")
def flatten(call: Call) -> Outcome:
    """Dimensions from start_dim to end_dim become one."""
    x = call.tensor(0)
    rank = len(x.shape)
    about = call.named(0)
    first = axis(call, call.arguments.get("start_dim", 0), rank, about, "start_dim")
    last = axis(call, call.arguments.get("end_dim", -1), rank, about, "end_dim")
    if first > last:
        raise call.refuse("dim", "start_dim comes after end_dim.", (0,))
    if not rank:
        return seen(call, x, (1,), (1,))
    middle = math.prod(x.shape[first : last + 1])
    shape = (*x.shape[:first], middle, *x.shape[last + 1 :])
    if x.strides is None:
        return seen(call, x, shape)
    strides = view_strides(x.shape, x.strides, shape)
    copied = call.operation == "ravel" and not is_contiguous(x.shape, x.strides)
    if strides is None or copied:
        return call.fresh(shape, x.dtype, x.device)
    return seen(call, x, shape, strides)


@rule("unflatten(input T, dim, *sizes)")
def unflatten(call: Call) -> Outcome:
    """One dimension becomes several."""
    x = call.tensor(0)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    parts = wholes(call, "sizes", call["sizes"])
    if not x.shape or not parts:
        raise call.refuse("argument", "unflatten needs a dimension and at least one size.", (0,))
    one = Operand((x.shape[dim],))
    inside = inferred(call, one, parts, f"dim {dim} of {call.named(0)}")
    strides: Strides = None
    if x.strides is not None:
        step = x.strides[dim]
        within = tuple(step * size for size in contiguous_strides(inside))
        strides = (*x.strides[:dim], *within, *x.strides[dim + 1 :])
    return seen(call, x, (*x.shape[:dim], *inside, *x.shape[dim + 1 :]), strides)


@rule("squeeze(input T)", "squeeze(input T, dim)")
def squeeze(call: Call) -> Outcome:
    """Dimensions of size 1 go: all, or those named if they are of size 1."""
    x = call.tensor(0)
    rank = len(x.shape)
    named = set(range(rank))
    if "dim" in call.arguments:
        named = set(axes(call, call["dim"], rank, call.named(0)))
    kept = [i for i in range(rank) if x.shape[i] != 1 or i not in named]
    return _chosen(call, x, kept)


def _chosen(call: Call, x: Operand, kept: Sequence[int]) -> Result:
    strides = None if x.strides is None else tuple(x.strides[i] for i in kept)
    return seen(call, x, [x.shape[i] for i in kept], strides)


@rule("unsqueeze(input T, dim)")
def unsqueeze(call: Call) -> Outcome:
    """A new dimension of size 1 at dim."""
    x = call.tensor(0)
    dim = axis(call, call["dim"], len(x.shape) + 1, "The result")
    strides: Strides = None
    if x.strides is not None:
        step = x.shape[dim] * x.strides[dim] if dim < len(x.shape) else 1
        strides = (*x.strides[:dim], step, *x.strides[dim:])
    return seen(call, x, (*x.shape[:dim], 1, *x.shape[dim:]), strides)


@rule(
    "transpose(input T, dim0, dim1)",
    "swapaxes(input T, axis0, axis1)",
    "swapdims(input T, dim0, dim1)",
)
def transpose(call: Call) -> Outcome:
    """Two dimensions change places."""
    x = call.tensor(0)
    rank = len(x.shape)
    names = ("axis0", "axis1") if call.operation == "swapaxes" else ("dim0", "dim1")
    one, two = (axis(call, call[name], rank, call.named(0), name) for name in names)
    order = list(range(rank))
    if rank:
        order[one], order[two] = order[two], order[one]
    return _chosen(call, x, order)


@rule("t(input T)", "T(input T)", "mT(input T)", "H(input T)", "mH(input T)", "adjoint(input T)")
def turned(call: Call) -> Outcome:
    """A matrix transposed; ``T`` turns all dimensions round, ``mT`` the last two."""
    x = call.tensor(0)
    rank = len(x.shape)
    operation = call.operation
    if operation == "t" and rank > 2:
        raise call.refuse(
            "rank", f"t takes at most 2 dimensions and {call.named(0)} has {rank}: use mT.", (0,)
        )
    if operation in ("mT", "mH", "adjoint") and rank == 1:
        raise call.refuse(
            "rank", f"{operation} needs 2 dimensions and {call.named(0)} has {rank}.", (0,)
        )
    if operation == "H" and rank not in (0, 2):
        raise call.refuse("rank", f"H takes a matrix and {call.named(0)} has {rank}.", (0,))
    order = list(range(rank))
    if operation in ("t", "T", "H"):
        order.reverse()
    elif rank:
        order[-2:] = [rank - 1, rank - 2]
    return _chosen(call, x, order)


@rule("permute(input T, *dims)")
def permute(call: Call) -> Outcome:
    """All dimensions in another order."""
    x = call.tensor(0)
    dims = wholes(call, "dims", call["dims"])
    if len(dims) != len(x.shape):
        raise call.refuse(
            "dim",
            f"{call.named(0)} has {len(x.shape)} dimensions and permute names {len(dims)}: "
            "it names each once.",
            (0,),
        )
    return _chosen(call, x, axes(call, dims, len(x.shape), call.named(0), "dims"))


@rule("movedim(input T, source, destination)", "moveaxis(input T, source, destination)")
def movedim(call: Call) -> Outcome:
    """Dimensions go to other places; the others keep their order."""
    x = call.tensor(0)
    rank = len(x.shape)
    origin = axes(call, call["source"], rank, call.named(0), "source")
    target = axes(call, call["destination"], rank, call.named(0), "destination")
    if len(origin) != len(target):
        raise call.refuse("dim", "movedim needs as many destinations as sources.", (0,))
    if not rank:
        return seen(call, x, (), x.strides)
    order: List[int] = [-1] * rank
    for one, two in zip(origin, target):
        order[two] = one
    others = iter([i for i in range(rank) if i not in origin])
    return _chosen(call, x, [next(others) if one < 0 else one for one in order])


@rule("expand(input T, *sizes)", "broadcast_to(input T, *size)")
def expand(call: Call) -> Outcome:
    """Dimensions of 1 become any size without a copy; -1 keeps one."""
    name = "sizes" if call.operation == "expand" else "size"
    return _expanded(call, wholes(call, name, call[name]))


@rule("expand_as(input T, other T)")
def expand_as(call: Call) -> Outcome:
    """expand to another's shape."""
    return _expanded(call, call.tensor(1).shape)


def _expanded(call: Call, wanted: Shape) -> Result:
    x = call.tensor(0)
    if len(wanted) > 64:
        raise Malformed(f"torch has no tensors of {len(wanted)} dimensions; 64 are the most.")
    extra = len(wanted) - len(x.shape)
    if extra < 0:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions and cannot be expanded to "
            f"{shape_text(wanted)}, which has fewer.",
            (0,),
        )
    final: List[int] = []
    strides: List[int] = []
    for position, size in enumerate(wanted):
        own = x.shape[position - extra] if position >= extra else None
        if size == -1:
            if own is None:
                raise call.refuse(
                    "argument", "-1 keeps a size, and a new dimension has none.", (0,)
                )
            size = own
        elif size < 0:
            raise call.refuse("argument", f"A size cannot be negative: {size}.", (0,))
        if own not in (None, 1, size):
            raise call.refuse(
                "shape",
                f"{call.named(0)} has {own} in dim {position - extra}, and {size} is asked for: "
                "only a dimension of 1 expands.",
                (0,),
                position - len(wanted),
            )
        final.append(size)
        if x.strides is not None:
            kept = own is not None and own == size
            strides.append(x.strides[position - extra] if kept else 0)
    if math.prod(final) > MOST:
        raise call.refuse("too_large", f"{shape_text(final)} is more than torch can count.", (0,))
    return seen(call, x, final, tuple(strides) if x.strides is not None else None)


@rule("repeat(input T, *repeats)", "tile(input T, *dims)")
def repeat(call: Call) -> Outcome:
    """Copies along each dimension, counted from the right."""
    x = call.tensor(0)
    name = "repeats" if call.operation == "repeat" else "dims"
    times = sizes(call, name, call[name])
    if call.operation == "tile" and len(times) < len(x.shape):
        times = (1,) * (len(x.shape) - len(times)) + times
    extra = len(times) - len(x.shape)
    if extra < 0:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions and repeat names {len(times)}: "
            "it names at least as many.",
            (0,),
        )
    padded = (1,) * extra + x.shape
    return call.fresh([a * b for a, b in zip(padded, times)], x.dtype, x.device)


@rule("repeat_interleave(input T, repeats, dim=None)")
def repeat_interleave(call: Call) -> Outcome:
    """Each element (or slice along dim) so many times."""
    x = call.tensor(0)
    times = whole(call, "repeats", call["repeats"])
    if times < 0:
        raise call.refuse("argument", "repeats cannot be negative.")
    if call["dim"] is None:
        return call.fresh((math.prod(x.shape) * times,), x.dtype, x.device)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    if not x.shape:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions to repeat along.", (0,))
    shape = list(x.shape)
    shape[dim] *= times
    return call.result(shape, x.dtype, x.device)


@rule("unbind(input T, dim=0)")
def unbind(call: Call) -> Outcome:
    """The slices along a dimension, which goes."""
    x = call.tensor(0)
    if not x.shape:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions to unbind.", (0,))
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    if x.shape[dim] > 4096:
        raise UnknownArgument(f"unbind into {x.shape[dim]} tensors.")
    kept = [i for i in range(len(x.shape)) if i != dim]
    return [_chosen(call, x, kept)] * x.shape[dim]


@rule("chunk(input T, chunks, dim=0)", "split(input T, split_size, dim=0)")
def chunk(call: Call) -> Outcome:
    """Pieces along a dimension: so many, or of such sizes."""
    x = call.tensor(0)
    if not x.shape:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions to cut.", (0,))
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    size = x.shape[dim]
    if call.operation == "split" and isinstance(call["split_size"], (list, tuple)):
        pieces = list(wholes(call, "split_size", call["split_size"]))
        if sum(pieces) != size or any(piece < 0 for piece in pieces):
            raise call.refuse(
                "split",
                f"{call.named(0)} has {size} in dim {dim}, and the pieces add up to {sum(pieces)}.",
                (0,),
            )
    elif call.operation == "split":
        piece = whole(call, "split_size", call["split_size"])
        if piece < 0 or (piece == 0 and size):
            raise call.refuse("argument", "split_size must be positive.", (0,))
        pieces = _cut(size, piece, max(-(-size // piece), 1) if piece else 1)
    else:
        count = whole(call, "chunks", call["chunks"])
        if count < 1:
            raise call.refuse("argument", "chunks must be positive.", (0,))
        piece = -(-size // count)
        pieces = _cut(size, piece, -(-size // piece)) if piece else [0] * min(count, 4097)
    if len(pieces) > 4096:
        raise UnknownArgument(f"{call.operation} into {len(pieces)} tensors.")
    return [
        seen(call, x, (*x.shape[:dim], piece, *x.shape[dim + 1 :]), x.strides) for piece in pieces
    ]


def _cut(size: int, piece: int, count: int) -> List[int]:
    if count > 4096:
        raise UnknownArgument(f"{count} pieces.")
    return [min(piece, size - piece * i) for i in range(count)]


@rule("broadcast_tensors(*tensors T*)")
def broadcast_tensors(call: Call) -> Outcome:
    """Each expanded to the shape of all together."""
    shape = broadcast(call)
    return [call.result(shape, one.dtype, one.device, view=True) for _, one in call.tensors]


@rule("flip(input T, *dims)")
def flip(call: Call) -> Outcome:
    """The order along dimensions reversed."""
    x = call.tensor(0)
    axes(call, call["dims"], len(x.shape), call.named(0), "dims")
    demand(call, x.dtype, "bifc", x.device, (0,))
    return call.result(x.shape, x.dtype, x.device)


@rule("roll(input T, shifts, dims=None)")
def roll(call: Call) -> Outcome:
    """Elements shifted round along dimensions."""
    x = call.tensor(0)
    shifts = wholes(call, "shifts", call["shifts"])
    if 0 in x.shape:
        raise UnknownArgument("roll of an empty tensor.")
    if call["dims"] is not None and call["dims"] != ():
        if not x.shape:
            raise call.refuse("rank", f"{call.named(0)} has no dimensions to roll.", (0,))
        named = [
            axis(call, one, len(x.shape), call.named(0), "dims")
            for one in wholes(call, "dims", call["dims"])
        ]
        if len(named) != len(shifts):
            raise call.refuse("argument", "roll needs as many shifts as dims.", (0,))
    elif len(shifts) != 1:
        raise call.refuse("argument", "roll without dims takes one shift.", (0,))
    return call.result(x.shape, x.dtype, x.device)
