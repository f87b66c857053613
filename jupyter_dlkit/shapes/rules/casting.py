"""Another dtype, another device, another tensor of the same values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

from ..arguments import wholes
from ..call import Call
from ..devices import canonical_device
from ..dtype_rules import demand, real
from ..dtypes import BOOL, CATEGORY, FLOATING, INTEGER, canonical
from ..errors import Malformed, UnknownArgument
from ..layout import elements
from ..registry import Outcome, Undetermined, rule
from ..values import Operand, Result, Scalar

_METHODS = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "bfloat16": "bfloat16",
    "int": "int32",
    "long": "int64",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "bool": "bool",
    "cfloat": "complex64",
    "cdouble": "complex128",
}


def same(call: Call, dtype: str, device: str) -> Result:
    """The operand with its shape in another dtype, on another device."""
    x = call.tensor(0)
    unchanged = dtype == x.dtype and device == x.device
    final = call.result(x.shape, dtype, device, unchanged, x.strides)
    return replace(final, index_range=x.index_range) if unchanged else final


def dtype_or_device(value: Any) -> Optional[str]:
    """``dtype`` or ``device``: what a positional argument of ``to`` is; None for neither."""
    if not isinstance(value, str):
        return None
    try:
        canonical(value)
    except Malformed:
        return "device"
    return "dtype"


@rule(
    "to(input T, dtype=None, non_blocking=False, copy=False, *, device=None, memory_format=None)",
    "to(input T, device=None, dtype=None, non_blocking=False, copy=False, *, memory_format=None)",
    "to(input T, other T, non_blocking=False, copy=False)",
)
def to(call: Call) -> Outcome:
    """dtype, device, both, or another tensor's."""
    x = call.tensor(0)
    other = call.optional(1)
    if other is not None:
        return same(call, other.dtype, other.device)
    dtype, device = call["dtype"], call["device"]
    if dtype_or_device(dtype) == "device":
        dtype, device = (device, dtype)
    if isinstance(device, int) and not isinstance(device, bool):
        device = f"cuda:{device}"
    final = same(
        call,
        x.dtype if dtype is None else canonical(dtype),
        x.device if device is None else canonical_device(device),
    )
    if call.arguments.get("memory_format") is not None:
        return call.result(x.shape, final.dtype, final.device)
    return final


@rule(*[f"{name}(input T, memory_format=None)" for name in _METHODS])
def cast(call: Call) -> Outcome:
    """x.float() and its kin."""
    final = same(call, _METHODS[call.operation], call.tensor(0).device)
    return final if call["memory_format"] is None else replace(final, strides=None)


@rule("type_as(input T, other T)")
def type_as(call: Call) -> Outcome:
    """The dtype and the device of another."""
    other = call.tensor(1)
    return same(call, other.dtype, other.device)


@rule("type(input T, dtype, non_blocking=False)")
def to_type(call: Call) -> Outcome:
    """A dtype; names of tensor classes are not followed."""
    if not isinstance(call["dtype"], str) or "Tensor" in call["dtype"]:
        raise UnknownArgument("The checker follows type() with a dtype only.")
    return same(call, canonical(call["dtype"]), call.tensor(0).device)


@rule("cpu(input T)", "cuda(input T, device=None, non_blocking=False)")
def to_device(call: Call) -> Outcome:
    """x.cpu(), x.cuda()."""
    device = call.arguments.get("device")
    if isinstance(device, int) and not isinstance(device, bool):
        device = f"cuda:{device}"
    target = call.operation if device is None else device
    return same(call, call.tensor(0).dtype, canonical_device(target))


@rule(
    "clone(input T, *, memory_format=None)",
    "contiguous(input T, memory_format=None)",
    "detach(input T)",
    "detach_(input T)",
    "requires_grad_(input T, requires_grad=True)",
    "data(input T)",
    "pin_memory(input T)",
    "conj(input T)",
    "resolve_conj(input T)",
    "real(input T)",
    "imag(input T)",
    "dropout(input T, p=0.5, training=True, inplace=False)",
    "alpha_dropout(input T, p=0.5, training=False, inplace=False)",
    "feature_alpha_dropout(input T, p=0.5, training=False, inplace=False)",
    "dropout1d(input T, p=0.5, training=True, inplace=False)",
    "dropout2d(input T, p=0.5, training=True, inplace=False)",
    "dropout3d(input T, p=0.5, training=True, inplace=False)",
)
def as_it_is(call: Call) -> Outcome:
    """The same shape, dtype and device."""
    x = call.tensor(0)
    operation = call.operation
    if operation in ("real", "imag"):
        if operation == "imag":
            demand(call, x.dtype, "hc", x.device, (0,))
        return call.result(x.shape, real(x.dtype), x.device, view=True)
    if "dropout" in operation:
        return _dropped(call, x)
    if operation == "requires_grad_":
        if call["requires_grad"] and CATEGORY[x.dtype] < FLOATING:
            raise call.refuse(
                "dtype", f"{call.named(0)} is {x.dtype}: only floating point has gradients.", (0,)
            )
        final = call.result(x.shape, x.dtype, x.device, True, x.strides)
        wanted = bool(call["requires_grad"])
        return replace(final, requires_grad=wanted, index_range=x.index_range)
    if call.arguments.get("memory_format") is not None:
        return call.result(x.shape, x.dtype, x.device)
    if operation == "contiguous":
        return call.fresh(x.shape, x.dtype, x.device)
    view = operation != "clone"
    differentiable = operation not in ("detach", "detach_", "data")
    strides = x.strides if view else None
    final = call.result(x.shape, x.dtype, x.device, view, strides, differentiable)
    return replace(final, index_range=x.index_range)


def _dropped(call: Call, x: Operand) -> Result:
    p = call["p"]
    if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p <= 1:
        raise call.refuse("argument", f"p is a probability from 0 to 1, not {p!r:.40}.")
    if call["inplace"]:
        raise UnknownArgument("The checker does not follow inplace=True of dropout.")
    if CATEGORY[x.dtype] != FLOATING and call["training"]:
        raise UnknownArgument(f"dropout of {x.dtype}.")
    return call.result(x.shape, x.dtype, x.device)


@rule("item(input T)")
def item(call: Call) -> Outcome:
    """The one element as a Python number."""
    x = call.tensor(0)
    count = elements(x.shape)
    if count != 1:
        raise call.refuse(
            "numel", f"{call.named(0)} has {count} elements: item() takes exactly one.", (0,)
        )
    kinds = {BOOL: False, INTEGER: 0, FLOATING: 0.0}
    return Scalar(kinds.get(CATEGORY[x.dtype], 0j), known=False)


@rule("one_hot(input T, num_classes=-1)")
def one_hot(call: Call) -> Outcome:
    """A last dimension of num_classes, int64."""
    x = call.tensor(0)
    count = wholes(call, "num_classes", call["num_classes"])[0]
    if x.dtype != "int64":
        raise call.refuse("dtype", f"{call.named(0)} is {x.dtype}: one_hot takes int64.", (0,))
    if count < -1 or (count == 0 and 0 not in x.shape):
        raise call.refuse("argument", f"num_classes must be positive, not {count}.")
    if count == -1:
        if 0 in x.shape:
            raise call.refuse("empty", "one_hot of nothing needs num_classes.", (0,))
        if x.index_range is None:
            return Undetermined("How many classes one_hot finds depends on the values.")
        count = x.index_range[1] + 1
    if x.index_range is not None and (x.index_range[0] < 0 or x.index_range[1] >= count):
        low, high = x.index_range
        raise call.refuse(
            "range", f"{call.named(0)} goes from {low} to {high}, for {count} classes.", (0,)
        )
    return call.fresh((*x.shape, count), "int64", x.device)
