"""Where a result goes: into a new tensor, into the first operand, or into ``out=``."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from .call import Call, shape_text
from .dtype_rules import can_cast
from .layout import is_contiguous
from .names import place
from .registry import Outcome
from .values import Operand, Result, Shape, Trap


def in_place(call: Call) -> bool:
    """Whether the operation's name says so: one underscore at the end."""
    return call.operation.endswith("_") and not call.operation.endswith("__")


def finish(call: Call, shape: Shape, dtype: str, device: str, out: Optional[Any] = None) -> Outcome:
    """The result of an elementwise operation, with the rules of what is written into."""
    if in_place(call):
        return _into(call, 0, call.tensor(0), shape, dtype)
    if isinstance(out, Operand):
        return write_out(call, out, shape, dtype, device)
    differentiable = dtype != "bool"
    strides_known = all(_plain(one) for _, one in call.tensors)
    if strides_known:
        return call.fresh(shape, dtype, device, differentiable)
    return call.result(shape, dtype, device, differentiable=differentiable)


def _plain(one: Operand) -> bool:
    """Contiguous, so that a result of the same shape is too."""
    return one.strides is not None and is_contiguous(one.shape, one.strides)


def _into(call: Call, index: int, target: Operand, shape: Shape, dtype: str) -> Result:
    name = call.named(index)
    if shape != target.shape:
        extra = len(shape) - len(target.shape)
        position = next(
            (
                p
                for p in range(-1, -len(shape) - 1, -1)
                if -p > len(target.shape) or shape[p] != target.shape[p]
            ),
            None,
        )
        where = f"dimension (dim {len(shape) + (position or 0) - extra})"
        grows = (
            f"it would need {extra} more dimension{'s' if extra > 1 else ''}"
            if extra
            else f"its {place(position or -1)} {where} would become {shape[position or -1]}"
        )
        call.problem(
            "in_place",
            f"{name} has shape {shape_text(target.shape)} and the result {shape_text(shape)}: "
            f"{grows}. An in-place operation never changes the shape of what it writes into.",
            (index,),
            position,
        )
    writable(call, index, target)
    castable(call, name, target.dtype, dtype, (index,))
    return call.result(target.shape, target.dtype, target.device, strides=target.strides)


def writable(call: Call, index: int, target: Operand) -> None:
    """Notes a problem where a tensor may not be written into."""
    name = call.named(index)
    if expanded(target):
        call.problem(
            "expanded",
            f"{name} is expanded: several of its elements are one place in memory, and cannot be "
            "written one by one. Copy it first with .clone().",
            (index,),
        )
    if call.grad and target.requires_grad and target.is_leaf:
        call.problem(
            "leaf",
            f"{name} is a leaf that requires grad: autograd does not allow writing into it. "
            "Do it under torch.no_grad(), or write into a copy.",
            (index,),
        )


def castable(call: Call, name: str, target: str, dtype: str, operands: Tuple[int, ...]) -> None:
    """Notes a problem where a result of ``dtype`` cannot be stored in ``target``."""
    if not can_cast(dtype, target):
        call.problem(
            "dtype",
            f"The result is {dtype} and {name} is {target}: {dtype} cannot be stored in {target}.",
            operands,
        )


def expanded(target: Operand) -> bool:
    """Whether elements of a tensor share memory, by its strides."""
    return (
        target.strides is not None
        and 0 not in target.shape
        and any(stride == 0 and size > 1 for stride, size in zip(target.strides, target.shape))
    )


def write_out(call: Call, out: Operand, shape: Shape, dtype: str, device: str) -> Result:
    """The result in ``out=``: resized with a warning, of a dtype that takes the result."""
    name = out.name or "out"
    if out.device != device:
        call.problem("device", f"out ({name}) is on {out.device} and the result on {device}.")
    castable(call, name, out.dtype, dtype, ())
    if call.grad and (out.requires_grad or any(one.requires_grad for _, one in call.tensors)):
        call.problem(
            "out_grad", "out= does not work with autograd, and one of the tensors requires grad."
        )
    if out.shape != shape:
        if expanded(out):
            call.problem("expanded", f"{name} is expanded and cannot be written into.")
        elif 0 not in out.shape:
            call.traps.append(
                Trap(
                    "out_resized",
                    f"{name} has shape {shape_text(out.shape)} and the result "
                    f"{shape_text(shape)}: torch will resize {name}, with a warning.",
                    fix=f"out=torch.empty({shape_text(shape)})",
                )
            )
    elif expanded(out):
        call.problem("expanded", f"{name} is expanded: copy it first with .clone().")
    return call.result(shape, out.dtype, device)
