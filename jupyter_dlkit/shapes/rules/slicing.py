"""Parts of a tensor by number: one slice, several, a diagonal; and pictures made larger."""

from __future__ import annotations

import math
from typing import Dict, List, Tuple

from ..arguments import axis, for_each, whole, wholes
from ..broadcasting import broadcast
from ..call import Call, shape_text
from ..devices import common_device, one_device
from ..dtype_rules import demand, meet, same_dtype
from ..errors import UnknownArgument
from ..registry import Outcome, rule
from ..values import Scalar


@rule("select(input T, dim, index)", "narrow(input T, dim, start, length)")
def select(call: Call) -> Outcome:
    """One slice, which takes the dimension away, or several, which keep it."""
    x = call.tensor(0)
    if not x.shape:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions to select from.", (0,))
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    size = x.shape[dim]
    before, after = x.shape[:dim], x.shape[dim + 1 :]
    if call.operation == "select":
        place = whole(call, "index", call["index"])
        if not -size <= place < size:
            raise call.refuse(
                "range", f"{call.named(0)} has {size} in dim {dim}: no index {place}.", (0,)
            )
        return call.result((*before, *after), x.dtype, x.device, view=True)
    start, length = (whole(call, name, call[name]) for name in ("start", "length"))
    begin = start + size if start < 0 else start
    if length < 0 or not 0 <= begin <= size or begin + length > size:
        raise call.refuse(
            "range",
            f"{call.named(0)} has {size} in dim {dim}: not {length} from {start} on.",
            (0,),
        )
    return call.result((*before, length, *after), x.dtype, x.device, True, x.strides)


@rule("diagonal(input T, offset=0, dim1=0, dim2=1)")
def diagonal(call: Call) -> Outcome:
    """Two dimensions become one, the last."""
    x = call.tensor(0)
    one, two = (
        axis(call, call[name], len(x.shape), call.named(0), name) for name in ("dim1", "dim2")
    )
    if one == two or len(x.shape) < 2:
        raise call.refuse("dim", "diagonal needs two different dimensions.", (0,))
    offset = whole(call, "offset", call["offset"])
    rows, columns = x.shape[one], x.shape[two]
    length = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
    kept = [size for dim, size in enumerate(x.shape) if dim not in (one, two)]
    return call.result((*kept, max(length, 0)), x.dtype, x.device, view=True)


@rule("trace(input T)")
def trace(call: Call) -> Outcome:
    """The sum of a matrix's diagonal."""
    x = call.tensor(0)
    if len(x.shape) != 2:
        raise call.refuse("rank", f"{call.named(0)} has {len(x.shape)} dimensions, not 2.", (0,))
    demand(call, x.dtype, "ifc", x.device, (0,), unsure=True)
    whole_number = "int" in x.dtype
    return call.result((), "int64" if whole_number else x.dtype, x.device)


@rule("flipud(input T)", "fliplr(input T)")
def flipped(call: Call) -> Outcome:
    """The first or the second dimension in reverse order."""
    x = call.tensor(0)
    least = 1 if call.operation == "flipud" else 2
    if len(x.shape) < least:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions; {call.operation} needs {least}.",
            (0,),
        )
    demand(call, x.dtype, "bifc", x.device, (0,))
    return call.result(x.shape, x.dtype, x.device)


@rule("column_stack(tensors T*)")
def column_stack(call: Call) -> Outcome:
    """Vectors as columns beside matrices."""
    columns: List[int] = []
    rows = []
    for index, one in call.tensors:
        if len(one.shape) > 2:
            raise UnknownArgument("column_stack of more than 2 dimensions.")
        own = one.shape if len(one.shape) == 2 else (math.prod(one.shape), 1)
        rows.append((index, own[0]))
        columns.append(own[1])
    if not rows:
        raise call.refuse("argument", "column_stack needs at least one tensor.")
    for index, size in rows[1:]:
        if size != rows[0][1]:
            raise call.refuse(
                "shape",
                f"{call.named(rows[0][0])} has {rows[0][1]} rows and {call.named(index)} {size}.",
                (rows[0][0], index),
            )
    device = one_device(call)
    return call.result((rows[0][1], sum(columns)), meet(call, call.operands), device)


@rule("inner(input T, other T)")
def inner(call: Call) -> Outcome:
    """Sums over the last dimensions, which are equal."""
    x, y = call.tensor(0), call.tensor(1)
    if not x.shape or not y.shape:
        raise UnknownArgument("inner of a tensor without dimensions.")
    device = one_device(call)
    if x.shape[-1] != y.shape[-1]:
        raise call.refuse(
            "inner",
            f"{call.named(0)} has {x.shape[-1]} and {call.named(1)} has {y.shape[-1]} in the last "
            "dimension: they must be equal.",
            (0, 1),
            -1,
        )
    dtype = same_dtype(call)
    if not call.problems:
        demand(call, dtype, "fc", device, unsure=True)
    return call.result((*x.shape[:-1], *y.shape[:-1]), dtype, device)


@rule(
    "allclose(input T, other T, rtol=1e-05, atol=1e-08, equal_nan=False)",
    "equal(input T, other T)",
)
def compared(call: Call) -> Outcome:
    """True or False; allclose needs one dtype and shapes that broadcast."""
    if call.operation == "allclose":
        common_device(call)
        same_dtype(call)
        broadcast(call)
    else:
        demand(call, call.tensor(0).dtype, "bifc", one_device(call), (0,))
    return Scalar(False, known=False)


@rule("multinomial(input T, num_samples, replacement=False)")
def multinomial(call: Call) -> Outcome:
    """Numbers of categories, drawn by the probabilities of each row."""
    x = call.tensor(0)
    count = whole(call, "num_samples", call["num_samples"])
    if len(x.shape) not in (1, 2):
        raise call.refuse(
            "rank", f"{call.named(0)} has {len(x.shape)} dimensions, not 1 or 2.", (0,)
        )
    demand(call, x.dtype, "f", x.device, (0,))
    if x.shape[-1] > 2**24:
        raise call.refuse("argument", "multinomial takes at most 2**24 categories.", (0,))
    if count <= 0 or (not call["replacement"] and count > x.shape[-1]):
        raise call.refuse(
            "argument", f"Of {x.shape[-1]} categories not {count} can be drawn without replacement."
        )
    return call.result((*x.shape[:-1], count), "int64", x.device)


@rule("bernoulli(input T)")
def bernoulli(call: Call) -> Outcome:
    """0 or 1 by each probability."""
    x = call.tensor(0)
    demand(call, x.dtype, "f", x.device, (0,))
    return call.result(x.shape, x.dtype, x.device)


@rule("pixel_shuffle(input T, upscale_factor)")
def pixel_shuffle(call: Call) -> Outcome:
    """Channels become pixels: (…, C r², H, W) to (…, C, H r, W r)."""
    x = call.tensor(0)
    factor = whole(call, "upscale_factor", call["upscale_factor"])
    if len(x.shape) < 3 or factor < 1 or x.shape[-3] % (factor * factor):
        raise call.refuse(
            "channels",
            f"{call.named(0)}, {shape_text(x.shape)}, needs channels that divide by "
            f"{factor * factor}.",
            (0,),
        )
    demand(call, x.dtype, "bifc", x.device, (0,))
    channels, height, width = x.shape[-3:]
    after = (channels // factor**2, height * factor, width * factor)
    return call.result((*x.shape[:-3], *after), x.dtype, x.device)


@rule(
    "interpolate(input T, size=None, scale_factor=None, mode=nearest, align_corners=None, "
    "recompute_scale_factor=None, antialias=False)"
)
def interpolate(call: Call) -> Outcome:
    """(batch, channels, …) made larger or smaller to a size or by a factor."""
    x = call.tensor(0)
    ranks: Dict[str, Tuple[int, ...]] = {
        "nearest": (3, 4, 5),
        "nearest-exact": (3, 4, 5),
        "area": (3, 4, 5),
    }
    ranks.update({"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)})
    if call["mode"] not in ranks or call["antialias"] or call["recompute_scale_factor"]:
        raise UnknownArgument("The checker does not follow this mode of interpolate.")
    if len(x.shape) not in ranks[call["mode"]]:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions, {shape_text(x.shape)}: mode "
            f"{call['mode']!r} takes {' or '.join(str(rank) for rank in ranks[call['mode']])}.",
            (0,),
        )
    spatial = len(x.shape) - 2
    if (call["size"] is None) == (call["scale_factor"] is None):
        raise call.refuse("argument", "interpolate needs size or scale_factor, one of them.")
    if call["size"] is not None:
        after = for_each(call, "size", call["size"], spatial)
    else:
        factor = call["scale_factor"]
        factors = list(factor) if isinstance(factor, (list, tuple)) else [factor] * spatial
        if len(factors) != spatial or not all(type(one) in (int, float) for one in factors):
            raise call.refuse("argument", f"scale_factor is a number, or {spatial} of them.")
        after = tuple(math.floor(size * one) for size, one in zip(x.shape[2:], factors))
    if any(size < 1 for size in (*after, *x.shape[1:])):
        raise UnknownArgument("interpolate of or to nothing.")
    demand(call, x.dtype, "f", x.device, (0,), unsure=True)
    return call.result((*x.shape[:2], *after), x.dtype, x.device)


@rule("tensordot(a T, b T, dims=2)")
def tensordot(call: Call) -> Outcome:
    """Sums over the last of one and the first of the other, or over pairs of dimensions."""
    x, y = call.tensor(0), call.tensor(1)
    dims = call["dims"]
    if isinstance(dims, (list, tuple)):
        if len(dims) != 2:
            raise call.refuse("argument", "dims are a number or two lists.")
        left = [
            axis(call, one, len(x.shape), call.named(0), "dims")
            for one in wholes(call, "dims", dims[0])
        ]
        right = [
            axis(call, one, len(y.shape), call.named(1), "dims", 1)
            for one in wholes(call, "dims", dims[1])
        ]
    else:
        count = whole(call, "dims", dims)
        if not 0 <= count <= min(len(x.shape), len(y.shape)):
            raise call.refuse("argument", f"There are not {count} dimensions to sum over.", (0, 1))
        left = list(range(len(x.shape) - count, len(x.shape)))
        right = list(range(count))
    if len(left) != len(right) or len(set(left)) != len(left) or len(set(right)) != len(right):
        raise call.refuse("argument", "tensordot sums over pairs of different dimensions.", (0, 1))
    for one, two in zip(left, right):
        if x.shape[one] != y.shape[two]:
            if 1 in (x.shape[one], y.shape[two]):
                raise UnknownArgument("tensordot over a dimension of 1 and another.")
            raise call.refuse(
                "inner",
                f"{call.named(0)} has {x.shape[one]} in dim {one} and {call.named(1)} has "
                f"{y.shape[two]} in dim {two}: they must be equal.",
                (0, 1),
            )
    device = one_device(call)
    dtype = same_dtype(call)
    if not call.problems:
        demand(call, dtype, "fc", device, unsure=True)
    rows = [size for dim, size in enumerate(x.shape) if dim not in left]
    columns = [size for dim, size in enumerate(y.shape) if dim not in right]
    return call.result((*rows, *columns), dtype, device)
