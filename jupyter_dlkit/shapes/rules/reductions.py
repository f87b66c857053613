"""Dimensions taken together: sums, means, extremes; and those that run along one."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence

from ..arguments import axes, axis, number, whole
from ..call import Call, shape_text
from ..dtype_rules import SORT, demand, floated, real
from ..dtypes import CATEGORY, FLOATING, canonical
from ..errors import UnknownArgument
from ..registry import Outcome, Undetermined, rule
from ..values import Operand, Result, Shape


def remaining(call: Call, x: Operand, keepdim: bool, every: bool = True) -> Shape:
    """The shape after ``dim`` (none given: all; an empty list: all too, or refused)."""
    dim = call.arguments.get("dim")
    rank = len(x.shape)
    gone: Sequence[int]
    if dim is None or (every and isinstance(dim, (list, tuple)) and not dim):
        gone = range(rank)
    else:
        gone = axes(call, dim, rank, call.named(0))
    return reduced(x.shape, gone, keepdim)


def reduced(shape: Shape, gone: Sequence[int], keepdim: bool) -> Shape:
    """A shape without some of its dimensions, or with 1 in their place."""
    lost = set(gone)
    if keepdim:
        return tuple(1 if i in lost else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in lost)


def asked_dtype(call: Call) -> Optional[str]:
    """The dtype argument, if it is given."""
    dtype = call.arguments.get("dtype")
    return None if dtype is None else canonical(dtype)


@rule(
    "sum(input T, dim=None, keepdim=False, *, dtype=None)",
    "nansum(input T, dim=None, keepdim=False, *, dtype=None)",
)
def total(call: Call) -> Outcome:
    """Integers and bool add up to int64."""
    x = call.tensor(0)
    asked = asked_dtype(call)
    dtype = asked or ("int64" if SORT[x.dtype] in "biu" else x.dtype)
    if SORT[dtype] == "u" or (call.operation == "nansum" and CATEGORY[x.dtype] > FLOATING):
        demand(call, x.dtype, "bif", x.device, (0,))
    else:
        demand(call, dtype, "bifc", x.device, (0,))
    return call.fresh(remaining(call, x, bool(call["keepdim"])), dtype, x.device)


@rule("prod(input T, *, dtype=None)", "prod(input T, dim, keepdim=False, *, dtype=None)")
def prod(call: Call) -> Outcome:
    """Integers and bool multiply to int64; one dimension or all."""
    x = call.tensor(0)
    dtype = asked_dtype(call) or ("int64" if SORT[x.dtype] in "biu" else x.dtype)
    demand(call, dtype, "bifc", x.device, (0,))
    if call.arguments.get("dim") is None:
        return call.fresh((), dtype, x.device)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    return call.fresh(reduced(x.shape, [dim], bool(call["keepdim"])), dtype, x.device)


@rule("mean(input T, dim=None, keepdim=False, *, dtype=None)")
def mean(call: Call) -> Outcome:
    """Floating point or complex only; integers are refused."""
    x = call.tensor(0)
    dtype = asked_dtype(call) or x.dtype
    demand(call, dtype, "fc", x.device, (0,) if dtype == x.dtype else ())
    return call.fresh(remaining(call, x, bool(call["keepdim"])), dtype, x.device)


@rule("nanmean(input T, dim=None, keepdim=False, *, dtype=None)")
def nanmean(call: Call) -> Outcome:
    """mean of what is not NaN."""
    x = call.tensor(0)
    demand(call, x.dtype, "f", x.device, (0,))
    dtype = asked_dtype(call) or x.dtype
    return call.fresh(remaining(call, x, bool(call["keepdim"])), dtype, x.device)


@rule(
    "std(input T, dim=None, unbiased=True, keepdim=False)",
    "std(input T, dim=None, *, correction=1, keepdim=False)",
    "var(input T, dim=None, unbiased=True, keepdim=False)",
    "var(input T, dim=None, *, correction=1, keepdim=False)",
)
def spread(call: Call) -> Outcome:
    """Floating point or complex; the result is real."""
    x = call.tensor(0)
    if isinstance(call["dim"], bool):
        call.arguments["dim"] = None
    demand(call, x.dtype, "fc", x.device, (0,))
    shape = remaining(call, x, bool(call["keepdim"]))
    return call.fresh(shape, real(x.dtype), x.device)


@rule(
    "all(input T, dim=None, keepdim=False)",
    "any(input T, dim=None, keepdim=False)",
)
def truth(call: Call) -> Outcome:
    """bool, save that uint8 stays uint8."""
    x = call.tensor(0)
    dtype = "uint8" if x.dtype == "uint8" else "bool"
    demand(call, x.dtype, "bifc", x.device, (0,))
    shape = remaining(call, x, bool(call["keepdim"]), every=False)
    return call.fresh(shape, dtype, x.device)


@rule("count_nonzero(input T, dim=None)")
def count_nonzero(call: Call) -> Outcome:
    """int64."""
    x = call.tensor(0)
    demand(call, x.dtype, "bifhc", x.device, (0,))
    return call.fresh(remaining(call, x, False), "int64", x.device)


def _not_empty(call: Call, x: Operand, gone: Sequence[int]) -> None:
    for dim in gone:
        if dim < len(x.shape) and x.shape[dim] == 0:
            raise call.refuse(
                "empty",
                f"{call.named(0)} has nothing in dim {dim}: {call.operation} of nothing is not "
                "defined.",
                (0,),
            )


def _all_there(call: Call, x: Operand) -> None:
    if not math.prod(x.shape):
        raise call.refuse(
            "empty",
            f"{call.named(0)} has no elements, {shape_text(x.shape)}: say dim for "
            f"{call.operation}.",
            (0,),
        )


def _with_indices(call: Call, x: Operand, shape: Shape) -> List[Result]:
    indices = call.fresh(shape, "int64", x.device)
    return [call.fresh(shape, x.dtype, x.device), indices]


@rule(
    "max(input T)",
    "max(input T, other T)",
    "max(input T, dim, keepdim=False)",
    "min(input T)",
    "min(input T, other T)",
    "min(input T, dim, keepdim=False)",
    "median(input T)",
    "median(input T, dim, keepdim=False)",
    "nanmedian(input T)",
    "nanmedian(input T, dim, keepdim=False)",
    "mode(input T, dim=-1, keepdim=False)",
)
def extreme(call: Call) -> Outcome:
    """Of all: one tensor.  Along dim: values and indices.  Of two: elementwise."""
    x = call.tensor(0)
    if len(call.operands) == 2:
        from .elementwise import two_operands

        call.operation = "maximum" if call.operation == "max" else "minimum"
        return two_operands(call)
    accepts = "bif" if call.operation in ("max", "min", "mode") else "if"
    demand(call, x.dtype, accepts, x.device, (0,), unsure=not x.shape)
    if call.arguments.get("dim") is None:
        if call.operation in ("max", "min"):
            _all_there(call, x)
        return call.fresh((), x.dtype, x.device)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    _not_empty(call, x, [dim])
    return _with_indices(call, x, reduced(x.shape, [dim], bool(call["keepdim"])))


@rule(
    "amax(input T, dim=(), keepdim=False)",
    "amin(input T, dim=(), keepdim=False)",
)
def extreme_values(call: Call) -> Outcome:
    """Without indices, over any dimensions."""
    x = call.tensor(0)
    demand(call, x.dtype, "bif", x.device, (0,))
    dim = None if call["dim"] in ("()", ()) else call["dim"]
    call.arguments["dim"] = dim
    if dim is None:
        _all_there(call, x)
    else:
        _not_empty(call, x, axes(call, dim, len(x.shape), call.named(0)))
    return call.fresh(remaining(call, x, bool(call["keepdim"])), x.dtype, x.device)


@rule("argmax(input T, dim=None, keepdim=False)", "argmin(input T, dim=None, keepdim=False)")
def extreme_index(call: Call) -> Outcome:
    """int64; without dim the index into the flattened tensor."""
    x = call.tensor(0)
    demand(call, x.dtype, "if", x.device, (0,))
    if call["dim"] is None:
        _all_there(call, x)
    else:
        _not_empty(call, x, [axis(call, call["dim"], len(x.shape), call.named(0))])
    shape = remaining(call, x, bool(call["keepdim"]))
    return call.fresh(shape, "int64", x.device)


@rule("logsumexp(input T, dim, keepdim=False)")
def logsumexp(call: Call) -> Outcome:
    """Integers become the default float."""
    x = call.tensor(0)
    demand(call, x.dtype, "bifc", x.device, (0,))
    return call.fresh(remaining(call, x, bool(call["keepdim"])), floated(x.dtype), x.device)


@rule("norm(input T, p=2, dim=None, keepdim=False)")
def norm(call: Call) -> Outcome:
    """The p-norm over dim; the result is real."""
    x = call.tensor(0)
    if isinstance(call["p"], str) and call["p"] != "fro":
        raise UnknownArgument("The checker does not follow p='nuc' of norm.")
    if call["p"] != "fro":
        number(call, "p", call["p"])
    demand(call, x.dtype, "fc", x.device, (0,))
    shape = remaining(call, x, bool(call["keepdim"]))
    return call.fresh(shape, real(x.dtype), x.device)


@rule(
    "cumsum(input T, dim, *, dtype=None)",
    "cumprod(input T, dim, *, dtype=None)",
    "logcumsumexp(input T, dim)",
    "cummax(input T, dim)",
    "cummin(input T, dim)",
)
def running(call: Call) -> Outcome:
    """Along one dimension, of the same shape."""
    x = call.tensor(0)
    if call.operation in ("cummax", "cummin") and 0 in x.shape:
        raise UnknownArgument(f"{call.operation} of an empty tensor.")
    axis(call, call["dim"], len(x.shape), call.named(0))
    if call.operation in ("cummax", "cummin"):
        demand(call, x.dtype, "bif", x.device, (0,), unsure=not x.shape)
        return _with_indices(call, x, x.shape)
    if call.operation == "logcumsumexp":
        demand(call, x.dtype, "fc", x.device, (0,))
        return call.fresh(x.shape, x.dtype, x.device)
    dtype = asked_dtype(call) or ("int64" if SORT[x.dtype] in "biu" else x.dtype)
    demand(call, dtype, "ifc", x.device, (0,))
    return call.result(x.shape, dtype, x.device)


@rule(
    "sort(input T, dim=-1, descending=False)",
    "sort(input T, *, stable, dim=-1, descending=False)",
    "argsort(input T, dim=-1, descending=False, stable=False)",
)
def ordered(call: Call) -> Outcome:
    """Values and indices, or indices, of the same shape."""
    x = call.tensor(0)
    axis(call, call["dim"], len(x.shape), call.named(0))
    demand(call, x.dtype, "biuf", x.device, (0,))
    values = call.result(x.shape, x.dtype, x.device)
    indices = call.result(x.shape, "int64", x.device)
    return indices if call.operation == "argsort" else [values, indices]


@rule("topk(input T, k, dim=-1, largest=True, sorted=True)")
def topk(call: Call) -> Outcome:
    """The k largest along a dimension: values and indices."""
    x = call.tensor(0)
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    k = whole(call, "k", call["k"])
    size = x.shape[dim] if x.shape else 1
    if not 0 <= k <= size:
        raise call.refuse("range", f"{call.named(0)} has {size} in dim {dim}, and k is {k}.", (0,))
    demand(call, x.dtype, "if", x.device, (0,))
    shape = (*x.shape[:dim], k, *x.shape[dim + 1 :]) if x.shape else ()
    return _with_indices(call, x, shape)


@rule(
    "unique(input T, sorted=True, return_inverse=False, return_counts=False, dim=None)",
    "nonzero(input T)",
    "unique_consecutive(input T, return_inverse=False, return_counts=False, dim=None)",
)
def as_many_as_there_are(call: Call) -> Outcome:
    """Its size depends on the values."""
    if call.operation != "nonzero":
        demand(call, call.tensor(0).dtype, "bif", call.tensor(0).device, (0,))
    return Undetermined(f"How many {call.operation} returns depends on the values.")


@rule(
    "softmax(input T, dim, dtype=None)",
    "log_softmax(input T, dim, dtype=None)",
    "softmin(input T, dim, dtype=None)",
)
def softmax(call: Call) -> Outcome:
    """Floating point, along a dimension."""
    x = call.tensor(0)
    if call["dim"] is None:
        raise UnknownArgument(f"{call.operation} without dim guesses one.")
    axis(call, call["dim"], len(x.shape), call.named(0))
    dtype = asked_dtype(call) or x.dtype
    demand(call, dtype, "f", x.device, (0,))
    if call.operation == "softmin":
        demand(call, x.dtype, "ifc", x.device, (0,))
    return call.result(x.shape, dtype, x.device)
