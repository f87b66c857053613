"""Rows of a table by their numbers."""

from __future__ import annotations

from ..arguments import whole
from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import demand
from ..layout import elements
from ..registry import Outcome, rule


@rule(
    "embedding(input T, weight T, padding_idx=None, max_norm=None, norm_type=2.0, "
    "scale_grad_by_freq=False, sparse=False)"
)
def embedding(call: Call) -> Outcome:
    """The input holds row numbers of weight, which is (rows, width)."""
    indices, weight = call.tensor(0), call.tensor(1)
    if len(weight.shape) != 2:
        raise call.refuse(
            "rank",
            f"{call.named(1)} has {len(weight.shape)} dimensions, {shape_text(weight.shape)}: the "
            "table of embedding has 2.",
            (1,),
        )
    if indices.dtype not in ("int64", "int32"):
        call.problem(
            "dtype",
            f"{call.named(0)} is {indices.dtype}: embedding takes row numbers, int64 or int32.",
            (0,),
        )
    if call["max_norm"] is not None:
        demand(call, weight.dtype, "fc", weight.device, (1,))
    device = one_device(call)
    rows = weight.shape[0]
    if call["padding_idx"] is not None:
        place = whole(call, "padding_idx", call["padding_idx"])
        if not -rows <= place < rows:
            raise call.refuse("range", f"padding_idx is {place} and there are {rows} rows.", (1,))
    if indices.index_range is not None and elements(indices.shape):
        low, high = indices.index_range
        if low < 0 or high >= rows:
            raise call.refuse(
                "range",
                f"{call.named(0)} goes from {low} to {high} and {call.named(1)} has {rows} rows: "
                f"indices go from 0 to {rows - 1}.",
                (0, 1),
            )
    elif elements(indices.shape) and not rows:
        raise call.refuse("range", f"{call.named(1)} has no rows.", (1,))
    return call.fresh((*indices.shape, weight.shape[1]), weight.dtype, device)
