"""Elements chosen by functions: rows by their numbers, gather and scatter, masks."""

from __future__ import annotations

from typing import List, Sequence, Union

from ..arguments import axis
from ..broadcasting import broadcast
from ..call import Call, shape_text
from ..devices import common_device, one_device
from ..dtype_rules import demand
from ..dtypes import CATEGORY, COMPLEX
from ..errors import UnknownArgument
from ..layout import elements
from ..promotion import scalar_dtype
from ..registry import Outcome, Undetermined, rule
from ..values import Operand, Result, Scalar
from ..writing import writable


@rule("index_select(input T, dim, index T)", "take_along_dim(input T, indices T, dim=None)")
def index_select(call: Call) -> Outcome:
    """The slices of one dimension that a vector of indices names."""
    if call.operation == "take_along_dim":
        return _take_along(call)
    x, index = call.tensor(0), call.tensor(1)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    device = one_device(call)
    if len(index.shape) > 1:
        raise call.refuse(
            "rank", f"{call.named(1)} has {len(index.shape)} dimensions, not 1.", (1,)
        )
    _whole_index(call, 1, ("int64", "int32"))
    demand(call, x.dtype, "bifhc", device, (0,))
    size = x.shape[dim] if x.shape else 1
    _check_range(call, 1, size, dim)
    count = index.shape[0] if index.shape else 1
    if not x.shape:
        if count != 1:
            raise call.refuse("index", f"{call.named(0)} has no dimensions to select from.", (0,))
        return call.fresh((), x.dtype, device)
    return call.fresh((*x.shape[:dim], count, *x.shape[dim + 1 :]), x.dtype, device)


def _whole_index(call: Call, index: int, dtypes: Sequence[str]) -> None:
    one = call.tensor(index)
    if one.dtype not in dtypes:
        call.problem(
            "dtype",
            f"{call.named(index)} is {one.dtype}: the indices of {call.operation} are "
            f"{' or '.join(dtypes)}.",
            (index,),
        )


def _check_range(call: Call, index: int, size: int, dim: int) -> None:
    one = call.tensor(index)
    if one.index_range is not None and elements(one.shape):
        low, high = one.index_range
        if low < 0 or high >= size:
            raise call.refuse(
                "range",
                f"{call.named(index)} goes from {low} to {high}, and {call.named(0)} has {size} "
                f"in dim {dim}: indices go from 0 to {size - 1}.",
                (0, index),
            )


def _take_along(call: Call) -> Result:
    x, index = call.tensor(0), call.tensor(1)
    device = one_device(call)
    demand(call, x.dtype, "bifc", device, (0,))
    _whole_index(call, 1, ("int64",))
    if call["dim"] is None:
        return call.fresh((elements(index.shape),), x.dtype, device)
    if len(x.shape) != len(index.shape):
        raise call.refuse("rank", "The tensor and the indices have different ranks.", (0, 1))
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    final: List[int] = []
    for position, (own, other) in enumerate(zip(x.shape, index.shape)):
        if position == dim:
            final.append(other)
        elif own != other and 1 not in (own, other):
            raise call.refuse(
                "shape",
                f"{call.named(0)} has {own} and {call.named(1)} has {other} in dim {position}.",
                (0, 1),
            )
        else:
            final.append(other if own == 1 else own)
    return call.fresh(final, x.dtype, device)


@rule(
    "gather(input T, dim, index T, *, sparse_grad=False)",
    "scatter(input T, dim, index T, src N)",
    "scatter_(input T, dim, index T, src N)",
    "scatter_add(input T, dim, index T, src T)",
    "scatter_add_(input T, dim, index T, src T)",
)
def gather(call: Call) -> Outcome:
    """index has the input's rank, and is not larger but along dim."""
    x, index = call.tensor(0), call.tensor(1)
    rank = len(x.shape)
    dim = axis(call, call["dim"], rank, call.named(0))
    device = one_device(call)
    reads = call.operation == "gather"
    if 0 in index.shape:
        raise UnknownArgument(f"{call.operation} with an empty index.")
    demand(call, x.dtype, "bifc", device, (0,))
    _whole_index(call, 1, ("int64", "int32"))
    source = call.optional(2)
    if source is not None and source.dtype != x.dtype:
        call.problem("dtype", f"{call.named(0)} and {call.named(2)} must have one dtype.", (0, 2))
    final = index.shape if reads else x.shape
    if elements(index.shape):
        for other, one in ((0, x), (2, source)):
            if one is None:
                continue
            if max(len(one.shape), 1) != max(len(index.shape), 1):
                raise call.refuse(
                    "rank",
                    f"{call.named(other)} has {len(one.shape)} dimensions and {call.named(1)} "
                    f"{len(index.shape)}: {call.operation} needs as many.",
                    (other, 1),
                )
            for position, (size, most) in enumerate(zip(index.shape, one.shape)):
                if size > most and (position != dim or other == 2):
                    raise call.refuse(
                        "shape",
                        f"{call.named(1)} has {size} in dim {position} and {call.named(other)} "
                        f"only {most}.",
                        (other, 1),
                        position - rank,
                    )
        _check_range(call, 1, x.shape[dim] if x.shape else 1, dim)
    if not reads and call.operation.endswith("_"):
        writable(call, 0, x)
    return call.fresh(final, x.dtype, device)


@rule(
    "masked_fill(input T, mask T, value N)",
    "masked_fill_(input T, mask T, value N)",
)
def masked_fill(call: Call) -> Outcome:
    """The mask broadcasts to the input (both ways out of place); the value is one number."""

    x, mask = call.tensor(0), call.tensor(1)
    value = call.operands[2]
    pair = ((0, x), (1, mask))
    device = common_device(call, pair, numbers=0)
    demand(call, x.dtype, "bifc", device, (0,))
    if mask.dtype != "bool":
        call.problem("dtype", f"{call.named(1)} is {mask.dtype}: a mask is bool.", (1,))
    if isinstance(value, Operand) and value.shape:
        call.problem("rank", f"{call.named(2)} must be one number (0 dimensions).", (2,))
    _fits(call, x, value)
    shape = broadcast(call, pair)
    if call.operation.endswith("_"):
        if shape != x.shape:
            call.problem(
                "in_place",
                f"{call.named(1)} {shape_text(mask.shape)} is larger than {call.named(0)} "
                f"{shape_text(x.shape)}, which is written into.",
                (0, 1),
            )
        writable(call, 0, x)
    return call.result(shape, x.dtype, device)


def _fits(call: Call, x: Operand, value: Union[Operand, Scalar, None]) -> None:

    dtype = value.dtype if isinstance(value, Operand) else None
    if isinstance(value, Scalar):
        dtype = scalar_dtype(value.value)
    if dtype is not None and CATEGORY[dtype] == COMPLEX > CATEGORY[x.dtype]:
        call.problem("dtype", f"{call.named(2)} is {dtype} and {call.named(0)} {x.dtype}.", (0, 2))


@rule("masked_select(input T, mask T)")
def masked_select(call: Call) -> Outcome:
    """The elements where the mask is true, in one dimension."""

    mask = call.tensor(1)
    one_device(call)
    demand(call, call.tensor(0).dtype, "bifc", mask.device, (0,))
    if mask.dtype != "bool":
        call.problem("dtype", f"{call.named(1)} is {mask.dtype}: a mask is bool.", (1,))
    broadcast(call)
    return Undetermined("How many elements the mask chooses depends on its values.")
