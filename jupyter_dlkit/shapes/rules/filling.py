"""Tensors written over: copied into, filled, drawn at random."""

from __future__ import annotations

from ..broadcasting import aligned
from ..call import Call, shape_text
from ..dtype_rules import demand
from ..dtypes import CATEGORY, COMPLEX, LIMITS
from ..errors import UnknownArgument
from ..promotion import scalar_dtype
from ..registry import Outcome, rule
from ..values import Operand, Result, Scalar
from ..writing import writable


def _written(call: Call) -> Result:
    x = call.tensor(0)
    writable(call, 0, x)
    return call.result(x.shape, x.dtype, x.device, strides=x.strides)


@rule("copy_(input T, src T, non_blocking=False)")
def copy(call: Call) -> Outcome:
    """The source broadcasts to the target, from any device and dtype."""
    x, source = call.tensor(0), call.tensor(1)
    columns, shape = aligned([x.shape, source.shape])
    if shape != x.shape or any(column.verdict == "clash" for column in columns):
        raise call.refuse(
            "shape",
            f"{call.named(1)} has shape {shape_text(source.shape)} and does not fit into "
            f"{call.named(0)}, {shape_text(x.shape)}.",
            (0, 1),
        )
    return _written(call)


@rule("fill_(input T, value N)", "zero_(input T)")
def fill(call: Call) -> Outcome:
    """One number, or a tensor of no dimensions."""
    x = call.tensor(0)
    value = call.operands[1] if len(call.operands) > 1 else None
    if isinstance(value, Operand) and value.shape:
        raise call.refuse(
            "rank",
            f"{call.named(1)} has {len(value.shape)} dimensions: fill_ takes a number.",
            (1,),
        )
    if isinstance(value, Scalar):
        _fits(call, x, value)
    return _written(call)


def _fits(call: Call, x: Operand, value: Scalar) -> None:
    if isinstance(value.value, complex) or x.dtype not in LIMITS:
        if CATEGORY[scalar_dtype(value.value)] == COMPLEX != CATEGORY[x.dtype]:
            raise UnknownArgument("fill_ with a complex number.")
        return
    low, high = LIMITS[x.dtype]
    if not low <= value.value <= high:
        if not low and value.value < 0:
            raise UnknownArgument("fill_ of an unsigned tensor with a negative number.")
        call.problem("argument", f"{value.value} does not fit into {x.dtype}.", (1,))


@rule(
    "normal_(input T, mean=0, std=1)",
    "uniform_(input T, from=0, to=1)",
)
def drawn(call: Call) -> Outcome:
    """Floating point, at random."""
    x = call.tensor(0)
    demand(call, x.dtype, "fc" if call.operation == "normal_" else "f", x.device, (0,), unsure=True)
    return _written(call)
