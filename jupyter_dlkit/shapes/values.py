"""What goes into a check and what comes out of it: plain values, nothing of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple, Union

#: The sizes of a tensor's dimensions, first to last.
Shape = Tuple[int, ...]


@dataclass(frozen=True)
class Operand:
    """A tensor as the rules see it.

    ``dtype``: torch's name without ``torch.``.  ``device``: as torch prints it.
    ``name``: as the user wrote it (``x``, ``model.fc.weight``); it may be a whole expression.
    ``strides``: in elements; None where they are not known, and then nothing is refused
    because of them.  ``index_range``: the smallest and the largest value of an integer
    tensor where they are known; of a mask, the least and the most that may be true.
    """

    shape: Shape
    dtype: str = "float32"
    device: str = "cpu"
    name: Optional[str] = None
    requires_grad: bool = False
    is_leaf: bool = True
    strides: Optional[Tuple[int, ...]] = None
    index_range: Optional[Tuple[int, int]] = None


@dataclass(frozen=True)
class Scalar:
    """A Python number.  ``known``: False where only its type is known, not its value."""

    value: Union[bool, int, float, complex]
    name: Optional[str] = None
    known: bool = True


@dataclass(frozen=True)
class Result:
    """A tensor that an operation returns.

    ``bytes``: elements times the size of one, also for a view, which needs no memory.
    ``strides``: in elements; None where they are not known.
    """

    shape: Shape
    dtype: str
    device: str
    bytes: int
    view: bool = False
    strides: Optional[Tuple[int, ...]] = None
    requires_grad: bool = False
    index_range: Optional[Tuple[int, int]] = None

    def operand(self, name: Optional[str] = None) -> Operand:
        """This result as an operand of the next operation."""
        return Operand(
            shape=self.shape,
            dtype=self.dtype,
            device=self.device,
            name=name,
            requires_grad=self.requires_grad,
            is_leaf=not self.requires_grad,
            strides=self.strides,
            index_range=self.index_range,
        )


@dataclass(frozen=True)
class Dimension:
    """One column of the aligned shapes.

    ``position``: from the right, -1 is the last.  ``sizes``: one for each operand, None where
    the operand has no such dimension.  ``verdict``: ``equal``, ``stretch`` (a 1 becomes the
    others' size), ``missing`` (some operand has no such dimension; it stretches too), ``clash``.
    """

    position: int
    sizes: Tuple[Optional[int], ...]
    verdict: str


@dataclass(frozen=True)
class Problem:
    """Why an operation would fail.

    ``operands``: the indices of those concerned.  ``dimension``: its position from the right
    (in the first operand concerned), or None.
    """

    code: str
    message: str
    operands: Tuple[int, ...] = ()
    dimension: Optional[int] = None


@dataclass(frozen=True)
class Trap:
    """Why an operation that runs may not do what was meant.

    ``fix``: what to write instead, where there is something.  ``severity``: ``warning``, or
    ``note`` for what is often meant (a reader of code should keep silent about it).
    """

    code: str
    message: str
    operands: Tuple[int, ...] = ()
    fix: Optional[str] = None
    severity: str = "warning"


@dataclass(frozen=True)
class Mend:
    """A small edit after which the operation runs; checked before it is offered.

    ``expression``: code in the user's names.  ``operand`` and ``replacement``: the index of
    the operand that it changes and the source text to put in its place; None where the edit
    is not to one operand.  Tensors within an index are counted on after the one that is
    indexed.  ``result_shape``: what the operation then returns, None where that is not known.
    """

    code: str
    message: str
    expression: str
    result_shape: Optional[Shape]
    operand: Optional[int] = None
    replacement: Optional[str] = None


@dataclass(frozen=True)
class Verdict:
    """The answer to a check.

    ``ok`` with no ``results``: it runs, and what it returns cannot be known from shapes
    (``undetermined`` says why: ``x[mask]``) or is a Python number (``scalar``: ``x.item()``).
    """

    ok: bool
    results: Tuple[Result, ...] = ()
    dimensions: Tuple[Dimension, ...] = ()
    problems: Tuple[Problem, ...] = ()
    warnings: Tuple[Trap, ...] = ()
    mends: Tuple[Mend, ...] = ()
    scalar: Optional[Scalar] = None
    undetermined: Optional[str] = None

    @property
    def result(self) -> Optional[Result]:
        """The first result, or None."""
        return self.results[0] if self.results else None
