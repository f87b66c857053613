"""Tensors put together: along a dimension that they have, or along a new one."""

from __future__ import annotations

from typing import List, Tuple

from ..arguments import axis
from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import meet
from ..registry import Outcome, rule
from ..values import Operand, Result

Listed = List[Tuple[int, Operand]]


def _some(call: Call) -> Listed:
    if not call.tensors:
        raise call.refuse("argument", f"{call.operation} needs at least one tensor.")
    return call.tensors


@rule("cat(tensors T*, dim=0)", "concat(tensors T*, dim=0)", "concatenate(tensors T*, dim=0)")
def cat(call: Call) -> Outcome:
    """All sizes but those along ``dim`` are equal; nothing stretches."""
    return _joined(call, _some(call), call["dim"])


def _joined(call: Call, listed: Listed, dim: object) -> Result:
    device = one_device(call)
    for index, one in listed:
        if not one.shape:
            raise call.refuse(
                "rank",
                f"{call.named(index)} has no dimensions and cannot be concatenated. "
                "stack makes a new dimension.",
                (index,),
            )
    # For compatibility torch skips tensors of shape (0,), whatever the others' rank.
    real = [(index, one) for index, one in listed if one.shape != (0,)] or listed
    first, head = real[0]
    if head.shape == (0,):
        return call.result((0,), meet(call, [one for _, one in listed]), device)
    along = axis(call, dim, len(head.shape), call.named(first), index=first)
    total = 0
    for index, one in real:
        if len(one.shape) != len(head.shape):
            raise call.refuse(
                "rank",
                f"{call.named(first)} has {len(head.shape)} dimensions, {shape_text(head.shape)}, "
                f"and {call.named(index)} has {len(one.shape)}, {shape_text(one.shape)}: "
                f"{call.operation} needs as many in all.",
                (first, index),
            )
        for position, (left, right) in enumerate(zip(head.shape, one.shape)):
            if position != along and left != right:
                raise call.refuse(
                    "shape",
                    f"{call.named(first)} has {left} and {call.named(index)} has {right} in "
                    f"dim {position}: all sizes but those of dim {along}, along which they are "
                    "joined, must be equal.",
                    (first, index),
                    position - len(head.shape),
                )
        total += one.shape[along]
    dtype = meet(call, [one for _, one in listed])
    shape = (*head.shape[:along], total, *head.shape[along + 1 :])
    return call.result(shape, dtype, device)


@rule("stack(tensors T*, dim=0)")
def stack(call: Call) -> Outcome:
    """All shapes are equal; a new dimension at ``dim``."""
    listed = _some(call)
    first, head = listed[0]
    along = axis(call, call["dim"], len(head.shape) + 1, "The result", index=first)
    for index, one in listed[1:]:
        if one.shape != head.shape:
            raise call.refuse(
                "shape",
                f"{call.named(first)} has shape {shape_text(head.shape)} and "
                f"{call.named(index)} {shape_text(one.shape)}: stack needs equal shapes.",
                (first, index),
            )
    device = one_device(call)
    dtype = meet(call, call.operands)
    return call.fresh((*head.shape[:along], len(listed), *head.shape[along:]), dtype, device)


@rule("hstack(tensors T*)", "vstack(tensors T*)", "row_stack(tensors T*)", "dstack(tensors T*)")
def simple_stack(call: Call) -> Outcome:
    """cat along dim 1, 0 or 2, of tensors with at least so many dimensions."""
    listed = _some(call)
    least = {"hstack": 1, "vstack": 2, "row_stack": 2, "dstack": 3}[call.operation]
    wide: Listed = []
    for index, one in listed:
        shape = one.shape
        if len(shape) < least:
            shape = {1: (1,), 2: (1, *(shape or (1,))), 3: _deep(shape)}[least]
        wide.append((index, Operand(shape, one.dtype, one.device, one.name)))
    dim = {1: 0 if len(wide[0][1].shape) == 1 else 1, 2: 0, 3: 2}[least]
    return _joined(call, wide, dim)


def _deep(shape: Tuple[int, ...]) -> Tuple[int, ...]:
    return (*shape, 1) if len(shape) == 2 else (1, *(shape or (1,)), 1)
