"""Normalisation: layer, batch, group, RMS; along a dimension; distances."""

from __future__ import annotations

import math
from typing import Optional, Sequence

from ..arguments import axis, whole, wholes
from ..broadcasting import broadcast
from ..call import Call, shape_text
from ..devices import common_device, one_device
from ..dtype_rules import demand, meet, same_dtype
from ..errors import UnknownArgument
from ..registry import Outcome, rule
from ..values import Operand


@rule(
    "layer_norm(input T, normalized_shape, weight T=None, bias T=None, eps=1e-5)",
    "rms_norm(input T, normalized_shape, weight T=None, eps=None)",
)
def layer_norm(call: Call) -> Outcome:
    """The input ends in normalized_shape; weight and bias have it."""
    x = call.tensor(0)
    shape = wholes(call, "normalized_shape", call["normalized_shape"])
    if not shape:
        raise call.refuse("argument", f"normalized_shape of {call.operation} is empty.")
    for index in range(1, len(call.operands)):
        one = call.optional(index)
        if one is not None and one.shape != shape:
            raise call.refuse(
                "shape",
                f"{call.named(index)} has shape {shape_text(one.shape)} and must have "
                f"{shape_text(shape)}, the normalized_shape.",
                (index,),
            )
    if len(x.shape) < len(shape) or x.shape[-len(shape) :] != shape:
        raise call.refuse(
            "shape",
            f"{call.named(0)} has shape {shape_text(x.shape)} and must end in "
            f"{shape_text(shape)}, the normalized_shape.",
            (0,),
            -1,
        )
    device = one_device(call)
    return call.result(x.shape, _mixed(call, device), device)


def _mixed(call: Call, device: str) -> str:
    """One floating dtype; half-width inputs may have float32 parameters."""
    x = call.tensor(0)
    demand(call, x.dtype, "f" if call.operation != "rms_norm" else "fc", device, (0,))
    for index, one in call.tensors[1:]:
        mixed = x.dtype in ("bfloat16", "float16") and one.dtype == "float32"
        if one.dtype != x.dtype and not mixed and not call.problems:
            same_dtype(call, (0, index))
    return x.dtype


@rule(
    "batch_norm(input T, running_mean T=None, running_var T=None, weight T=None, bias T=None, "
    "training=False, momentum=0.1, eps=1e-5)"
)
def batch_norm(call: Call) -> Outcome:
    """One number for each channel, dim 1 of the input."""
    x = call.tensor(0)
    if 0 in x.shape:
        raise UnknownArgument("batch_norm of an empty tensor.")
    if len(x.shape) < 2:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions: batch_norm takes "
            "(batch, channels, …).",
            (0,),
        )
    channels = x.shape[1]
    for index in range(1, 5):
        one = call.optional(index)
        if one is not None and one.shape != (channels,):
            raise call.refuse(
                "channels",
                f"{call.named(0)} has {channels} channels (dim 1 of {shape_text(x.shape)}) and "
                f"{call.named(index)} has shape {shape_text(one.shape)}.",
                (0, index),
                1 - len(x.shape),
            )
    if call["training"]:
        each = x.shape[0] * math.prod(x.shape[2:])
        if each == 1:
            raise call.refuse(
                "batch", "Training a batch_norm needs more than one value for each channel.", (0,)
            )
    elif call.operands[1] is None or call.operands[2] is None:
        raise call.refuse(
            "argument", "Without training, batch_norm needs running_mean and running_var.", (1, 2)
        )
    device = one_device(call)
    return call.result(x.shape, _mixed(call, device), device)


@rule("group_norm(input T, num_groups, weight T=None, bias T=None, eps=1e-5)")
def group_norm(call: Call) -> Outcome:
    """The channels, dim 1, divide into the groups."""
    x = call.tensor(0)
    groups = whole(call, "num_groups", call["num_groups"])
    if len(x.shape) < 2:
        raise call.refuse("rank", f"{call.named(0)} needs 2 dimensions for group_norm.", (0,))
    channels = x.shape[1]
    if groups < 1 or channels % groups:
        raise call.refuse(
            "groups", f"{call.named(0)} has {channels} channels: not {groups} equal groups.", (0,)
        )
    for index in (1, 2):
        one = call.optional(index)
        if one is not None and one.shape != (channels,):
            raise call.refuse(
                "channels",
                f"{call.named(0)} has {channels} channels and {call.named(index)} has shape "
                f"{shape_text(one.shape)}.",
                (0, index),
            )
    if x.shape[0] * channels // groups * math.prod(x.shape[2:]) == 1:
        raise call.refuse("batch", "group_norm needs more than one value for each group.", (0,))
    device = one_device(call)
    return call.result(x.shape, _mixed(call, device), device)


@rule("normalize(input T, p=2.0, dim=1, eps=1e-12)")
def normalize(call: Call) -> Outcome:
    """Divided by the norm along a dimension."""
    x = call.tensor(0)
    if isinstance(call["dim"], (list, tuple)):
        raise UnknownArgument("normalize along several dimensions.")
    axis(call, call["dim"], len(x.shape), call.named(0))
    demand(call, x.dtype, "fc", x.device, (0,))
    return call.result(x.shape, x.dtype, x.device)


@rule("cosine_similarity(x1 T, x2 T, dim=1, eps=1e-8)")
def cosine_similarity(call: Call) -> Outcome:
    """Two that broadcast; the dimension goes."""
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    demand(call, dtype, "f", device)
    dim = axis(call, call["dim"], len(shape), "Both together")
    return call.result(_without(shape, dim), dtype, device)


@rule("pairwise_distance(x1 T, x2 T, p=2.0, eps=1e-6, keepdim=False)")
def pairwise_distance(call: Call) -> Outcome:
    """Along the last dimension of two that broadcast."""
    device = common_device(call)
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    demand(call, dtype, "f", device, unsure=True)
    last: Sequence[int] = (1,) if call["keepdim"] else ()
    return call.result((*shape[:-1], *last), dtype, device)


@rule("cdist(x1 T, x2 T, p=2.0, compute_mode=None)")
def cdist(call: Call) -> Outcome:
    """Every row of one with every row of another; batches broadcast."""
    x, y = call.tensor(0), call.tensor(1)
    for index, one in ((0, x), (1, y)):
        if len(one.shape) < 2:
            raise call.refuse(
                "rank", f"{call.named(index)} needs 2 dimensions for cdist.", (index,)
            )
    if x.shape[-1] != y.shape[-1]:
        raise call.refuse(
            "features",
            f"{call.named(0)} has {x.shape[-1]} columns and {call.named(1)} has {y.shape[-1]}.",
            (0, 1),
            -1,
        )
    device = one_device(call)
    dtype = same_dtype(call)
    if dtype in ("float16", "bfloat16") and device == "cpu":
        raise UnknownArgument(f"cdist of {dtype} on the CPU.")
    demand(call, dtype, "f", device)
    pair = [(0, Operand(x.shape[:-2], name=x.name)), (1, Operand(y.shape[:-2], name=y.name))]
    batch = broadcast(call, pair)
    return call.result((*batch, x.shape[-2], y.shape[-2]), dtype, device)


@rule("glu(input T, dim=-1)")
def glu(call: Call) -> Outcome:
    """Half of a dimension opens and closes the other half."""
    x = call.tensor(0)
    if not x.shape:
        raise call.refuse("rank", "glu needs at least one dimension.", (0,))
    dim = axis(call, call["dim"], len(x.shape), call.named(0))
    if x.shape[dim] % 2:
        raise call.refuse("shape", f"{call.named(0)} has {x.shape[dim]} in dim {dim}: odd.", (0,))
    demand(call, x.dtype, "f", x.device, (0,))
    shape = (*x.shape[:dim], x.shape[dim] // 2, *x.shape[dim + 1 :])
    return call.result(shape, x.dtype, x.device)


@rule("prelu(input T, weight T)")
def prelu(call: Call) -> Outcome:
    """One weight, or one for each channel (dim 1)."""
    x, weight = call.tensor(0), call.tensor(1)
    device = one_device(call)
    dtype = same_dtype(call)
    demand(call, dtype, "f", device)
    count = math.prod(weight.shape)
    channels: Optional[int] = x.shape[1] if len(x.shape) > 1 else 1
    if len(weight.shape) > 1 or (count != 1 and count != channels):
        raise call.refuse(
            "channels",
            f"{call.named(1)} has {count} numbers and there are {channels} channels.",
            (0, 1),
        )
    return call.result(x.shape, dtype, device)


def _without(shape: Sequence[int], dim: int) -> Sequence[int]:
    return (*shape[:dim], *shape[dim + 1 :])
