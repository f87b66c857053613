"""Losses: those that broadcast (with a trap in it), those that refuse, those of classes."""

from __future__ import annotations

from typing import Sequence, Tuple

from ..arguments import one_of
from ..arguments import real as real_number
from ..broadcasting import broadcast
from ..call import Call, shape_text
from ..devices import common_device, one_device
from ..dtype_rules import demand, meet, real, same_dtype
from ..dtypes import is_complex, is_floating
from ..errors import UnknownArgument
from ..layout import elements
from ..registry import Outcome, rule
from ..traps import mismatched_loss
from ..values import Operand, Result, Shape
from ..writing import castable

_OLD = "size_average=None, reduce=None, reduction=mean"


def reduction(call: Call) -> str:
    """none, mean or sum."""
    if call.arguments.get("size_average") is not None or call.arguments.get("reduce") is not None:
        raise UnknownArgument("size_average and reduce are deprecated: use reduction.")
    return one_of(call, "reduction", call["reduction"], ("none", "mean", "sum"))


def reduced(call: Call, how: str, shape: Shape, dtype: str, device: str) -> Result:
    """One number, or all of them."""
    return call.result(shape if how == "none" else (), dtype, device)


@rule(
    f"mse_loss(input T, target T, {_OLD}, weight T=None)",
    f"l1_loss(input T, target T, {_OLD}, weight T=None)",
    f"smooth_l1_loss(input T, target T, {_OLD}, beta=1.0)",
    "huber_loss(input T, target T, reduction=mean, delta=1.0, weight T=None)",
)
def broadcast_loss(call: Call) -> Outcome:
    """Input and target broadcast: a target of another shape is hardly ever meant."""
    if call.optional(2) is not None:
        raise UnknownArgument(f"The checker does not follow weight of {call.operation}.")
    how = reduction(call)
    pair = call.tensors[:2]
    shape = broadcast(call, pair)
    # They are expanded first: neither is a number to the rules of dtypes and devices.
    device = common_device(call, pair, numbers=0 if shape else 1)
    x, y = (Operand(shape or (1,), one.dtype) for _, one in pair)
    dtype = meet(call, (x, y))
    absolute = call.operation == "l1_loss"
    if absolute and any(one.dtype == "bool" for _, one in pair):
        demand(call, "bool", "ifc", device)
    demand(call, dtype, "fc" if absolute else "f", device, unsure=absolute and how != "mean")
    if ("delta" in call.arguments and real_number(call, "delta") <= 0) or (
        "beta" in call.arguments and real_number(call, "beta") < 0
    ):
        raise call.refuse("argument", f"delta or beta of {call.operation} cannot be so small.")
    mismatched_loss(call, shape)
    if call.operation == "huber_loss":
        castable(call, call.named(0), call.tensor(0).dtype, dtype, (0, 1))
        dtype = call.tensor(0).dtype
    return reduced(call, how, shape, real(dtype), device)


@rule(
    f"binary_cross_entropy(input T, target T, weight T=None, {_OLD})",
    "binary_cross_entropy_with_logits(input T, target T, weight T=None, size_average=None, "
    "reduce=None, reduction=mean, pos_weight T=None)",
)
def binary_cross_entropy(call: Call) -> Outcome:
    """Target and input have one shape; torch refuses any other."""
    how = reduction(call)
    x, target = call.tensor(0), call.tensor(1)
    if x.shape != target.shape:
        raise call.refuse(
            "target",
            f"{call.named(0)} has shape {shape_text(x.shape)} and {call.named(1)} "
            f"{shape_text(target.shape)}: {call.operation} needs the same shape.",
            (0, 1),
            -1,
        )
    device = one_device(call)
    if any(is_complex(one.dtype) for _, one in call.tensors):
        raise UnknownArgument(f"{call.operation} of complex tensors.")
    if call.operation == "binary_cross_entropy":
        dtype = same_dtype(call, (0, 1))
    else:
        # It is computed in the target: (1 - target) times the input, in place.
        meet(call, call.operands)
        demand(call, target.dtype, "f", device, (1,))
        dtype = target.dtype
        demand(call, x.dtype, "f", device, (0,))
    if not call.problems:
        demand(call, dtype, "f", device)
    for index in (2, 3):
        weight = call.optional(index)
        if weight is not None:
            shape = broadcast(call, ((0, x), (index, weight)))
            if shape != x.shape:
                raise call.refuse(
                    "shape",
                    f"{call.named(index)} has shape {shape_text(weight.shape)} and does not "
                    f"expand to {shape_text(x.shape)}.",
                    (0, index),
                )
    return reduced(call, how, x.shape, dtype, device)


@rule(
    "cross_entropy(input T, target T, weight T=None, size_average=None, ignore_index=-100, "
    "reduce=None, reduction=mean, label_smoothing=0.0)",
    "nll_loss(input T, target T, weight T=None, size_average=None, ignore_index=-100, "
    "reduce=None, reduction=mean)",
)
def cross_entropy(call: Call) -> Outcome:
    """Input (C), (N, C) or (N, C, d…); target without C (class numbers) or like the input."""
    how = reduction(call)
    x, target, weight = call.tensor(0), call.tensor(1), call.optional(2)
    probabilities = call.operation == "cross_entropy" and x.shape == target.shape
    rank = len(x.shape)
    if not rank:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions: no classes.", (0,))
    dim = 0 if rank == 1 else 1
    classes = x.shape[dim]
    device = one_device(call)
    if probabilities:
        demand(call, target.dtype, "f", device, (1,))
        dtype = x.dtype
        if not call.problems:
            demand(call, dtype, "f", device, (0,))
        if weight is not None and weight.shape != (classes,):
            raise _weight(call, classes)
        shape = x.shape[:dim] + x.shape[dim + 1 :]
        final = meet(call, [one for _, one in call.tensors])
        return reduced(call, how, shape, final, device)
    _class_numbers(call, x, target, dim)
    demand(call, x.dtype, "f", device, (0,))
    if weight is not None:
        if weight.shape != (classes,):
            raise _weight(call, classes)
        if weight.dtype != x.dtype and not call.problems:
            same_dtype(call, (0, 2))
    return reduced(call, how, () if rank == 1 else target.shape, x.dtype, device)


def _weight(call: Call, classes: int) -> Exception:
    return call.refuse(
        "shape",
        f"{call.named(2)} has shape {shape_text(call.tensor(2).shape)} and must have one number "
        f"for each of {classes} classes.",
        (2,),
    )


def _class_numbers(call: Call, x: Operand, target: Operand, dim: int) -> None:
    wanted = x.shape[:dim] + x.shape[dim + 1 :]
    if len(x.shape) == 1 and target.shape == (1,):
        wanted = (1,)
    if target.shape != wanted:
        hint = "" if target.shape != x.shape else " (or probabilities, floating point)"
        raise call.refuse(
            "target",
            f"{call.named(0)} has shape {shape_text(x.shape)} with {x.shape[dim]} classes in dim "
            f"{dim}: the target must have shape {shape_text(wanted)}{hint}, and {call.named(1)} "
            f"has {shape_text(target.shape)}.",
            (0, 1),
        )
    if target.dtype != "int64" and (target.dtype != "uint8" or len(x.shape) > 2):
        call.problem(
            "dtype",
            f"{call.named(1)} is {target.dtype}: class numbers are int64.",
            (1,),
        )
    if target.index_range is not None and elements(target.shape):
        low, high = target.index_range
        ignored = call["ignore_index"]
        if any(not 0 <= edge < x.shape[dim] and edge != ignored for edge in (low, high)):
            call.problem(
                "range",
                f"{call.named(1)} goes from {low} to {high}, and {call.named(0)} has "
                f"{x.shape[dim]} classes, 0 to {x.shape[dim] - 1}.",
                (0, 1),
            )


@rule(f"kl_div(input T, target T, {_OLD}, log_target=False)")
def kl_div(call: Call) -> Outcome:
    """Broadcasts; batchmean divides by the batch."""
    how = one_of(call, "reduction", call["reduction"], ("none", "mean", "sum", "batchmean"))
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    if how == "batchmean" and not call.tensor(0).shape:
        raise call.refuse("rank", "batchmean needs a batch dimension.", (0,))
    for index, one in call.tensors:
        demand(call, one.dtype, "f", device, (index,))
    mismatched_loss(call, shape)
    return reduced(call, how, shape, dtype, device)


@rule(
    "poisson_nll_loss(input T, target T, log_input=True, full=False, size_average=None, "
    "eps=1e-8, reduce=None, reduction=mean)",
    f"hinge_embedding_loss(input T, target T, margin=1.0, {_OLD})",
    f"soft_margin_loss(input T, target T, {_OLD})",
)
def silent_loss(call: Call) -> Outcome:
    """Built of elementwise operations: broadcasts without a word (soft_margin refuses)."""
    how = reduction(call)
    x, target = call.tensor(0), call.tensor(1)
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    if call.operation == "soft_margin_loss":
        castable(call, call.named(0), x.dtype, dtype, (0, 1))
        dtype = x.dtype
    elif len({one.dtype for _, one in call.tensors}) > 1:
        raise UnknownArgument(f"{call.operation} of several dtypes.")
    if call.operation == "soft_margin_loss" and shape != x.shape:
        raise call.refuse(
            "target", f"{call.named(1)} {shape_text(target.shape)} is not shaped like it.", (0, 1)
        )
    demand(call, dtype, "f", device, unsure=True)
    mismatched_loss(call, shape)
    return reduced(call, how, shape, dtype, device)


@rule(
    "gaussian_nll_loss(input T, target T, var N, full=False, eps=1e-6, reduction=mean)",
)
def gaussian_nll_loss(call: Call) -> Outcome:
    """The variance has the input's shape, or it without the last dimension, or with one 1."""
    how = reduction(call)
    x, variance = call.tensor(0), call.optional(2)
    if variance is None:
        raise UnknownArgument("gaussian_nll_loss with a number as variance.")
    other = [mine for own, mine in zip(x.shape, variance.shape) if own != mine]
    one_stretches = len(x.shape) == len(variance.shape) and sum(other) == 1
    if variance.shape not in (x.shape, x.shape[:-1]) and not one_stretches:
        raise call.refuse(
            "shape",
            f"{call.named(2)} has shape {shape_text(variance.shape)} and must have that of "
            f"{call.named(0)}, {shape_text(x.shape)}, or 1 in one dimension.",
            (0, 2),
        )
    wide = variance
    if variance.shape != x.shape and variance.shape == x.shape[:-1]:
        wide = Operand((*variance.shape, 1), variance.dtype, variance.device, variance.name)
    listed: Sequence[Tuple[int, Operand]] = ((0, x), (1, call.tensor(1)), (2, wide))
    device = common_device(call, listed)
    if not is_floating(variance.dtype):
        call.problem("dtype", f"{call.named(2)} is {variance.dtype}: a variance is floating.", (2,))
    shape = broadcast(call, listed)
    dtype = meet(call, [one for _, one in listed])
    for index, one in listed:
        demand(call, one.dtype, "f", device, (index,), unsure=True)
    mismatched_loss(call, shape)
    return reduced(call, how, shape, dtype, device)


@rule(f"margin_ranking_loss(input1 T, input2 T, target T, margin=0.0, {_OLD})")
def margin_ranking_loss(call: Call) -> Outcome:
    """Three of one rank that broadcast."""
    how = reduction(call)
    ranks = {len(one.shape) for _, one in call.tensors}
    if len(ranks) > 1:
        listed = ", ".join(shape_text(one.shape) for _, one in call.tensors)
        raise call.refuse(
            "rank", f"margin_ranking_loss needs as many dimensions in all: {listed}.", (0, 1, 2)
        )
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    for index, one in call.tensors:
        demand(call, one.dtype, "f", device, (index,), unsure=True)
    mismatched_loss(call, shape)
    return reduced(call, how, shape, dtype, device)


@rule(f"cosine_embedding_loss(input1 T, input2 T, target T, margin=0.0, {_OLD})")
def cosine_embedding_loss(call: Call) -> Outcome:
    """Two of (N, D) and targets (N), or (D) and one target."""
    how = reduction(call)
    x, y, target = call.tensor(0), call.tensor(1), call.tensor(2)
    fits = len(target.shape) <= 1 and all(len(one.shape) == len(target.shape) + 1 for one in (x, y))
    if not fits:
        raise call.refuse(
            "rank",
            "cosine_embedding_loss takes inputs (N, D) with targets (N), or (D) with one target.",
            (0, 1, 2),
        )
    device = common_device(call)
    pair = broadcast(call, ((0, x), (1, y)))
    rows = Operand(pair[:-1], name=call.named(0))
    shape = broadcast(call, ((0, rows), (2, target)))
    dtype = meet(call, (x, y))
    demand(call, dtype, "f", device, unsure=True)
    return reduced(call, how, shape, dtype, device)


@rule(
    "triplet_margin_loss(anchor T, positive T, negative T, margin=1.0, p=2, eps=1e-6, swap=False, "
    f"{_OLD})"
)
def triplet_margin_loss(call: Call) -> Outcome:
    """Three of one rank that broadcast; the last dimension goes."""
    how = reduction(call)
    ranks = {len(one.shape) for _, one in call.tensors}
    if len(ranks) > 1:
        raise call.refuse("rank", "triplet_margin_loss needs as many dimensions in all.", (0, 1, 2))
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    for index, one in call.tensors:
        demand(call, one.dtype, "f", device, (index,), unsure=True)
    if not real_number(call, "margin") > 0:
        raise call.refuse("argument", "margin must be more than 0.")
    return reduced(call, how, shape[:-1], dtype, device)
