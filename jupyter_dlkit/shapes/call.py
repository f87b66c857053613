"""One operation being checked: its operands, its arguments, what is found about them."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .dtypes import CATEGORY, ITEMSIZE
from .layout import contiguous_strides
from .names import and_list, operand_phrase
from .signature import Bound
from .values import Dimension, Operand, Problem, Result, Scalar, Shape, Trap

#: The most bytes or elements that torch can count.
MOST = 2**63 - 1


class Refused(Exception):
    """The operation fails; its problems are in the call."""


class Call:
    """What a rule works on.

    ``operands`` are in the order of the operation's tensor parameters, None where one is
    not given, so that an index means the same everywhere.
    """

    def __init__(self, operation: str, bound: Bound, free: Mapping[str, int], grad: bool) -> None:
        self.operation = operation
        self.operands: Tuple[Optional[Union[Operand, Scalar]], ...] = bound.operands
        #: The tensors among the operands, with their indices.
        self.tensors: List[Tuple[int, Operand]] = [
            (i, one) for i, one in enumerate(bound.operands) if isinstance(one, Operand)
        ]
        self.parameters = bound.names
        self.arguments: Dict[str, Any] = dict(bound.arguments)
        self.given = bound.given
        self.free = free
        self.grad = grad
        self.problems: List[Problem] = []
        self.dimensions: List[Dimension] = []
        self.traps: List[Trap] = []

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    def tensor(self, index: int) -> Operand:
        """The operand at ``index``, which is a tensor."""
        value = self.operands[index]
        assert isinstance(value, Operand)
        return value

    def optional(self, index: int) -> Optional[Operand]:
        """The operand at ``index`` if it is there and a tensor."""
        value = self.operands[index] if index < len(self.operands) else None
        return value if isinstance(value, Operand) else None

    def named(self, index: int) -> str:
        """How a sentence calls an operand: its name, or what it is to the operation."""
        value = self.operands[index]
        name = value.name if value is not None else None
        return operand_phrase(name, self.parameters[index])

    def all_named(self, indices: Sequence[int]) -> str:
        """Several operands in a sentence: ``x, y and z``."""
        return and_list([self.named(index) for index in indices])

    def problem(
        self,
        code: str,
        message: str,
        operands: Sequence[int] = (),
        dimension: Optional[int] = None,
    ) -> None:
        """Notes why it fails, and lets the rule go on."""
        self.problems.append(Problem(code, message, tuple(operands), dimension))

    def refuse(
        self,
        code: str,
        message: str,
        operands: Sequence[int] = (),
        dimension: Optional[int] = None,
    ) -> Refused:
        """Notes why it fails; to be raised."""
        self.problem(code, message, operands, dimension)
        return Refused()

    def result(
        self,
        shape: Sequence[int],
        dtype: str,
        device: str,
        view: bool = False,
        strides: Optional[Tuple[int, ...]] = None,
        differentiable: bool = True,
    ) -> Result:
        """A result; a new tensor's strides are contiguous where ``strides`` says nothing."""
        final: Shape = tuple(shape)
        elements = math.prod(final)
        size = elements * ITEMSIZE[dtype]
        if not view and size > MOST:
            raise self.refuse(
                "too_large", f"The result would be {shape_text(final)}: more than torch can count."
            )
        requires_grad = (
            self.grad
            and differentiable
            and CATEGORY[dtype] >= 2
            and any(one.requires_grad for _, one in self.tensors)
        )
        return Result(final, dtype, device, size, view, strides, requires_grad)

    def fresh(
        self, shape: Sequence[int], dtype: str, device: str, differentiable: bool = True
    ) -> Result:
        """A new contiguous tensor."""
        strides = contiguous_strides(tuple(shape))
        return self.result(shape, dtype, device, False, strides, differentiable)


def shape_text(shape: Sequence[int]) -> str:
    """A shape as Python prints it, shortened where it is very long."""
    if len(shape) <= 12:
        return str(tuple(shape))
    inside = ", ".join(str(size) for size in shape[:10])
    return f"({inside}, … {len(shape)} dimensions)"
