"""Scaled dot-product attention: queries, keys, values, and a mask."""

from __future__ import annotations

from typing import Tuple

from ..broadcasting import aligned
from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import demand, same_dtype
from ..dtypes import is_floating
from ..errors import UnknownArgument
from ..registry import Outcome, rule
from ..values import Operand, Shape


@rule(
    "scaled_dot_product_attention(query T, key T, value T, attn_mask T=None, dropout_p=0.0, "
    "is_causal=False, *, scale=None, enable_gqa=False)"
)
def scaled_dot_product_attention(call: Call) -> Outcome:
    """query (…, L, E), key (…, S, E), value (…, S, Ev); the mask broadcasts to (…, L, S)."""
    q, k, v = call.tensor(0), call.tensor(1), call.tensor(2)
    mask = call.optional(3)
    if any(0 in one.shape for one in (q, k, v)):
        raise UnknownArgument("Attention of empty tensors.")
    device = one_device(call)
    for index, one in ((0, q), (1, k), (2, v)):
        if len(one.shape) < 2:
            raise call.refuse(
                "rank",
                f"{call.named(index)} has {len(one.shape)} dimensions: attention needs at least 2 "
                "(sequence, width).",
                (index,),
            )
    if q.shape[-1] != k.shape[-1]:
        raise call.refuse(
            "features",
            f"{call.named(0)} has {q.shape[-1]} and {call.named(1)} has {k.shape[-1]} in the last "
            "dimension: queries and keys must be as wide as each other.",
            (0, 1),
            -1,
        )
    if k.shape[-2] != v.shape[-2]:
        raise call.refuse(
            "sequence",
            f"{call.named(1)} has {k.shape[-2]} and {call.named(2)} has {v.shape[-2]} in the "
            "second to last dimension: there is one value for each key.",
            (1, 2),
            -2,
        )
    heads_k, heads_v = _heads(call, q, k, v)
    batch = _batch(call, (0, q.shape[:-2]), (1, heads_k))
    batch = _batch(call, (0, batch), (2, heads_v))
    shape = (*batch, q.shape[-2], v.shape[-1])
    dtype = same_dtype(call, (0, 1, 2), "does not convert")
    if not call.problems:
        demand(call, dtype, "f", device)
    if mask is not None:
        _mask(call, mask, (*batch, q.shape[-2], k.shape[-2]), dtype)
    return call.result(shape, dtype, device)


def _heads(call: Call, q: Operand, k: Operand, v: Operand) -> Tuple[Shape, Shape]:
    heads_k, heads_v = k.shape[:-2], v.shape[:-2]
    if not call["enable_gqa"]:
        return heads_k, heads_v
    if min(len(q.shape), len(k.shape), len(v.shape)) < 3:
        raise call.refuse("rank", "enable_gqa needs heads: at least 3 dimensions.", (0, 1, 2))
    for index, one in ((1, k), (2, v)):
        if not one.shape[-3] or q.shape[-3] % one.shape[-3]:
            raise call.refuse(
                "heads",
                f"{call.named(0)} has {q.shape[-3]} heads, not a multiple of the "
                f"{one.shape[-3]} of {call.named(index)}.",
                (0, index),
                -3,
            )
    return (*heads_k[:-1], q.shape[-3]), (*heads_v[:-1], q.shape[-3])


def _batch(call: Call, one: Tuple[int, Shape], two: Tuple[int, Shape]) -> Shape:
    if 0 in (*one[1], *two[1]):
        raise UnknownArgument("Attention of an empty batch.")
    columns, batch = aligned([one[1], two[1]])
    for column in columns:
        if column.verdict == "clash":
            raise call.refuse(
                "batch",
                f"{call.named(one[0])} and {call.named(two[0])} have {column.sizes[0]} and "
                f"{column.sizes[1]} in the batch or heads "
                f"({shape_text(one[1])} against {shape_text(two[1])}).",
                (one[0], two[0]),
                column.position - 2,
            )
    return batch


def _mask(call: Call, mask: Operand, scores: Shape, dtype: str) -> None:
    if call["is_causal"]:
        raise UnknownArgument("Attention with is_causal and attn_mask.")
    if len(mask.shape) < 2:
        raise UnknownArgument("An attention mask of fewer than 2 dimensions.")
    if is_floating(mask.dtype) and mask.dtype != dtype:
        raise UnknownArgument("An attention mask of another floating dtype than the queries.")
    if mask.dtype not in ("bool", dtype):
        call.problem("dtype", f"{call.named(3)} is {mask.dtype}: a mask is bool or {dtype}.", (3,))
    columns, shape = aligned([mask.shape, scores])
    if shape != scores or any(column.verdict == "clash" for column in columns):
        raise call.refuse(
            "mask",
            f"{call.named(3)} has shape {shape_text(mask.shape)} and must broadcast to "
            f"{shape_text(scores)} (…, queries, keys).",
            (3,),
        )
