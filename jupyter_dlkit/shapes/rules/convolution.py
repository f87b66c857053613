"""Windows over an image: convolutions and pooling."""

from __future__ import annotations

from typing import List, Tuple

from ..arguments import for_each, whole, wholes
from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import demand, same_dtype
from ..errors import UnknownArgument
from ..registry import Outcome, rule
from ..values import Operand, Result, Shape

_CONV = "(input T, weight T, bias T=None, stride=1, padding=0, dilation=1, groups=1)"
_TURNED = (
    "(input T, weight T, bias T=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)"
)


def batched(call: Call, x: Operand, spatial: int) -> Tuple[int, ...]:
    """The sizes before the channels: of a batch, or none; refuses other ranks."""
    rank = len(x.shape)
    if rank not in (spatial + 1, spatial + 2):
        axes = ("length", "height, width", "depth, height, width")[spatial - 1]
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {rank} dimensions, {shape_text(x.shape)}: {call.operation} "
            f"takes {spatial + 2} (batch, channels, {axes}) or {spatial + 1} without the batch.",
            (0,),
        )
    return x.shape[:1] if rank == spatial + 2 else ()


def _positive(call: Call, name: str, numbers: Tuple[int, ...], least: int = 1) -> None:
    if any(number < least for number in numbers):
        rule_text = "positive" if least else "not negative"
        raise call.refuse("argument", f"{name} of {call.operation} must be {rule_text}.")


@rule(f"conv1d{_CONV}", f"conv2d{_CONV}", f"conv3d{_CONV}")
def conv(call: Call) -> Outcome:
    """weight is (out, in / groups, kernel…); the input (batch, in, …)."""
    spatial = int(call.operation[4])
    x, weight = call.tensor(0), call.tensor(1)
    groups, channels = _weights(call, spatial)
    batch = batched(call, x, spatial)
    _bias(call, weight.shape[0])
    if weight.shape[0] % groups:
        raise call.refuse(
            "groups", f"{weight.shape[0]} output channels do not divide into {groups} groups.", (1,)
        )
    _channels(call, x.shape[len(batch)], weight.shape[1] * groups, len(batch), channels)
    stride = for_each(call, "stride", call["stride"], spatial)
    dilation = for_each(call, "dilation", call["dilation"], spatial)
    _positive(call, "stride", stride)
    _positive(call, "dilation", dilation)
    kernel = weight.shape[2:]
    _positive(call, "the kernel", kernel)
    before = x.shape[len(batch) + 1 :]
    wide = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
    if isinstance(call["padding"], str):
        after = _padded_by_name(call, before, wide, stride)
    else:
        padding = for_each(call, "padding", call["padding"], spatial)
        _positive(call, "padding", padding, 0)
        padded = [size + 2 * p for size, p in zip(before, padding)]
        if any(size < reach for size, reach in zip(padded, wide)):
            raise call.refuse(
                "kernel",
                f"The kernel {shape_text(kernel)} (with dilation {shape_text(wide)}) is larger "
                f"than {call.named(0)} with its padding, {shape_text(padded)}.",
                (0, 1),
            )
        after = [(size - reach) // s + 1 for size, reach, s in zip(padded, wide, stride)]
    return _made(call, (*batch, weight.shape[0], *after))


def _padded_by_name(
    call: Call, before: Shape, wide: List[int], stride: Tuple[int, ...]
) -> List[int]:
    if call["padding"] == "same":
        if any(step != 1 for step in stride):
            raise call.refuse("argument", "padding='same' needs a stride of 1.")
        return list(before)
    if call["padding"] != "valid":
        raise call.refuse("argument", "padding is a number, 'same' or 'valid'.")
    if any(size < reach for size, reach in zip(before, wide)):
        raise call.refuse(
            "kernel", f"The kernel is larger than {call.named(0)}, {shape_text(before)}.", (0, 1)
        )
    return [(size - reach) // step + 1 for size, reach, step in zip(before, wide, stride)]


def _weights(call: Call, spatial: int) -> Tuple[int, int]:
    weight = call.tensor(1)
    groups = whole(call, "groups", call["groups"])
    if groups < 1:
        raise call.refuse("argument", f"groups of {call.operation} must be positive.")
    if len(weight.shape) != spatial + 2:
        raise call.refuse(
            "rank",
            f"{call.named(1)} has {len(weight.shape)} dimensions, {shape_text(weight.shape)}: a "
            f"weight of {call.operation} has {spatial + 2}.",
            (1,),
        )
    return groups, weight.shape[1]


def _channels(call: Call, own: int, wanted: int, dim: int, each: int) -> None:
    if own == wanted:
        return
    x = call.tensor(0)
    raise call.refuse(
        "channels",
        f"{call.named(0)} has {own} channels (dim {dim} of {shape_text(x.shape)}) and "
        f"{call.named(1)} takes {wanted}.",
        (0, 1),
        dim - len(x.shape),
    )


def _bias(call: Call, channels: int) -> None:
    bias = call.optional(2)
    if bias is not None and bias.shape != (channels,):
        raise call.refuse(
            "shape",
            f"{call.named(2)} has shape {shape_text(bias.shape)} and must have "
            f"{shape_text((channels,))}, one for each output channel.",
            (2,),
        )


def _made(call: Call, shape: Shape) -> Result:
    device = one_device(call)
    dtype = same_dtype(call, why="does not convert")
    if not call.problems:
        demand(call, dtype, "fc", device, unsure=True)
    return call.result(shape, dtype, device)


@rule(f"conv_transpose1d{_TURNED}", f"conv_transpose2d{_TURNED}", f"conv_transpose3d{_TURNED}")
def conv_transpose(call: Call) -> Outcome:
    """weight is (in, out / groups, kernel…)."""
    spatial = int(call.operation[14])
    x, weight = call.tensor(0), call.tensor(1)
    groups, _ = _weights(call, spatial)
    batch = batched(call, x, spatial)
    _channels(call, x.shape[len(batch)], weight.shape[0], len(batch), weight.shape[1])
    if weight.shape[0] % groups:
        raise call.refuse(
            "groups", f"{weight.shape[0]} input channels do not divide into {groups} groups.", (1,)
        )
    if 0 in x.shape:
        raise UnknownArgument("conv_transpose of an empty tensor.")
    channels = weight.shape[1] * groups
    _bias(call, channels)
    stride = for_each(call, "stride", call["stride"], spatial)
    dilation = for_each(call, "dilation", call["dilation"], spatial)
    padding = for_each(call, "padding", call["padding"], spatial)
    extra = for_each(call, "output_padding", call["output_padding"], spatial)
    _positive(call, "stride", stride)
    _positive(call, "dilation", dilation)
    _positive(call, "padding", padding, 0)
    _positive(call, "output_padding", extra, 0)
    _positive(call, "the kernel", weight.shape[2:])
    if any(more >= max(s, d) for more, s, d in zip(extra, stride, dilation)):
        raise call.refuse("argument", "output_padding must be less than stride or dilation.")
    before = x.shape[len(batch) + 1 :]
    after = [
        (size - 1) * s - 2 * p + d * (k - 1) + more + 1
        for size, s, p, d, k, more in zip(
            before, stride, padding, dilation, weight.shape[2:], extra
        )
    ]
    if any(size < 0 for size in after):
        raise call.refuse(
            "kernel", f"The result would be {shape_text(after)}: the input is too small.", (0,)
        )
    if 0 in after:
        raise UnknownArgument("conv_transpose with an empty result.")
    return _made(call, (*batch, channels, *after))


_POOL = "(input T, kernel_size, stride=None, padding=0, "


@rule(
    *[f"max_pool{n}d{_POOL}dilation=1, ceil_mode=False, return_indices=False)" for n in (1, 2, 3)],
    f"avg_pool1d{_POOL}ceil_mode=False, count_include_pad=True)",
    *[
        f"avg_pool{n}d{_POOL}ceil_mode=False, count_include_pad=True, divisor_override=None)"
        for n in (2, 3)
    ],
)
def pool(call: Call) -> Outcome:
    """A window over the last dimensions; stride is the kernel's size if not given."""
    x = call.tensor(0)
    spatial = int(call.operation[8])
    batched(call, x, spatial)
    average = call.operation.startswith("avg")
    kernel = for_each(call, "kernel_size", call["kernel_size"], spatial)
    given = call["stride"]
    stride = kernel if given in (None, [], ()) else for_each(call, "stride", given, spatial)
    padding = for_each(call, "padding", call["padding"], spatial)
    dilation = for_each(call, "dilation", call.arguments.get("dilation", 1), spatial)
    _positive(call, "kernel_size", kernel)
    _positive(call, "stride", stride)
    _positive(call, "dilation", dilation)
    if any(p < 0 or p > k // 2 for p, k in zip(padding, kernel)):
        raise call.refuse("argument", "padding is at most half of kernel_size, and not negative.")
    after: List[int] = []
    for size, k, s, p, d in zip(x.shape[-spatial:], kernel, stride, padding, dilation):
        after.append(pooled(size, k, s, p, d, bool(call["ceil_mode"])))
    wide = call.operation == "avg_pool3d" and any(
        size < k for size, k in zip(x.shape[-spatial:], kernel)
    )
    if wide or any(size < 1 for size in after) or 0 in x.shape[-spatial - 1 :]:
        raise call.refuse(
            "kernel",
            f"A window of {shape_text(kernel)} over {shape_text(x.shape[-spatial:])} leaves "
            f"{shape_text(after)}: {call.named(0)} is too small.",
            (0,),
        )
    demand(call, x.dtype, "f", x.device, (0,), unsure=x.dtype == "int64" or not average)
    if call.operation == "avg_pool3d" and x.dtype in ("float16", "bfloat16"):
        raise UnknownArgument(f"avg_pool3d of {x.dtype}.")
    if call.arguments.get("divisor_override") == 0:
        raise call.refuse("argument", "divisor_override cannot be 0.")
    shape = (*x.shape[:-spatial], *after)
    values = call.result(shape, x.dtype, x.device)
    if call.arguments.get("return_indices"):
        return [values, call.result(shape, "int64", x.device, differentiable=False)]
    return values


def pooled(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> int:
    """How many windows fit; rounded up, the last must still begin in the input."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (room + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= size + padding:
        count -= 1
    return count


@rule(
    *[f"adaptive_avg_pool{n}d(input T, output_size)" for n in (1, 2, 3)],
    *[f"adaptive_max_pool{n}d(input T, output_size, return_indices=False)" for n in (1, 2, 3)],
)
def adaptive(call: Call) -> Outcome:
    """Any size to the one that is asked for; None keeps a dimension."""
    x = call.tensor(0)
    spatial = int(call.operation[-2])
    batched(call, x, spatial)
    asked = call["output_size"]
    listed = list(asked) if isinstance(asked, (list, tuple)) else [asked] * spatial
    if len(listed) != spatial:
        raise call.refuse("argument", f"output_size has {len(listed)} numbers, not {spatial}.")
    after: List[int] = []
    for one, size in zip(listed, x.shape[-spatial:]):
        after.append(size if one is None else whole(call, "output_size", one))
    _positive(call, "output_size", tuple(after), 0)
    if 0 in x.shape:
        raise UnknownArgument(f"{call.operation} of an empty tensor.")
    demand(call, x.dtype, "f", x.device, (0,), unsure=True)
    values = call.result((*x.shape[:-spatial], *after), x.dtype, x.device)
    if call.arguments.get("return_indices"):
        return [values, call.result(values.shape, "int64", x.device, differentiable=False)]
    return values


@rule("pad(input T, pad, mode=constant, value=None)")
def pad(call: Call) -> Outcome:
    """Pairs of numbers from the last dimension on: so many before, so many after."""
    x = call.tensor(0)
    amounts = wholes(call, "pad", call["pad"])
    if len(amounts) % 2 or len(amounts) > 2 * len(x.shape):
        raise call.refuse(
            "argument",
            f"pad is pairs of numbers, at most {len(x.shape)} for {call.named(0)}; these are "
            f"{len(amounts)} numbers.",
        )
    if call["mode"] != "constant":
        raise UnknownArgument("The checker follows mode='constant' of pad only.")
    shape = list(x.shape)
    for pair in range(len(amounts) // 2):
        at = len(shape) - 1 - pair
        shape[at] += amounts[2 * pair] + amounts[2 * pair + 1]
        if shape[at] < 0:
            raise call.refuse("argument", f"pad would leave {shape[at]} in dim {at}.", (0,))
    return call.result(shape, x.dtype, x.device)
