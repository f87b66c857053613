"""New tensors from arguments: their shape is in the call."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, List, Optional, Tuple, Union

from ..arguments import sizes, whole
from ..call import MOST, Call
from ..devices import canonical_device
from ..dtype_rules import demand
from ..dtypes import CATEGORY, FLOATING, canonical
from ..errors import Malformed, UnknownArgument
from ..promotion import DEFAULT_FLOAT
from ..registry import Outcome, rule
from ..signature import described
from ..values import Operand, Result, Scalar

_OPTIONS = "*, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False"
_LIKE = _OPTIONS + ", memory_format=None"


def made(
    call: Call, shape: Tuple[int, ...], default: str, model: Optional[Operand] = None
) -> Result:
    """A new tensor of the dtype and the device that the options say."""
    options = call.arguments
    if options.get("layout") is not None:
        raise UnknownArgument(f"The checker does not follow layout= of {call.operation}.")
    asked, place = options.get("dtype"), options.get("device")
    if isinstance(place, int) and not isinstance(place, bool):
        place = f"cuda:{place}"
    dtype = default if asked is None else canonical(asked)
    home = "cpu" if model is None else model.device
    device = home if place is None else canonical_device(place)
    grad = bool(options.get("requires_grad"))
    if grad and CATEGORY[dtype] < FLOATING:
        raise call.refuse("dtype", f"{dtype} has no gradients: requires_grad needs floats.")
    final = call.fresh(shape, dtype, device, differentiable=False)
    return Result(final.shape, dtype, device, final.bytes, False, final.strides, grad)


@rule(
    *[f"{name}(*size, {_OPTIONS})" for name in ("zeros", "ones", "empty", "rand", "randn")],
    f"full(size, fill_value, {_OPTIONS})",
    f"randint(high, size, {_OPTIONS})",
    f"randint(low, high, size, {_OPTIONS})",
    f"randperm(n, {_OPTIONS})",
)
def filled(call: Call) -> Outcome:
    """A shape, and what it is filled with."""
    operation = call.operation
    if operation == "randperm":
        count = whole(call, "n", call["n"])
        if count < 0:
            raise call.refuse("argument", "n cannot be negative.")
        return made(call, (count,), "int64")
    shape = sizes(call, "size", call["size"])
    default = DEFAULT_FLOAT
    if operation == "full":
        value = call["fill_value"]
        default = _kind(value)
    if operation == "randint":
        default = "int64"
    return made(call, shape, default)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    if isinstance(value, complex):
        return "complex64"
    if isinstance(value, float):
        return DEFAULT_FLOAT
    raise Malformed(f"A tensor is filled with a number, not {described(value)}.")


@rule(
    *[f"{name}_like(input T, {_LIKE})" for name in ("zeros", "ones", "empty", "rand", "randn")],
    f"full_like(input T, fill_value, {_LIKE})",
    f"randint_like(input T, high, {_LIKE})",
    f"randint_like(input T, low, high, {_LIKE})",
)
def like(call: Call) -> Outcome:
    """The shape, dtype and device of another, where nothing else is said."""
    x = call.tensor(0)
    final = made(call, x.shape, x.dtype, x)
    if call.operation.startswith("rand"):
        accepts = "if" if "int" in call.operation else "fc"
        demand(call, final.dtype, accepts, final.device, unsure=True)
    return replace(final, strides=None)


@rule(
    *[f"new_{name}(input T, *size, {_OPTIONS})" for name in ("zeros", "ones", "empty")],
    f"new_full(input T, size, fill_value, {_OPTIONS})",
)
def new(call: Call) -> Outcome:
    """A shape; dtype and device of another."""
    x = call.tensor(0)
    final = made(call, sizes(call, "size", call["size"]), x.dtype, x)
    demand(call, final.dtype, "bifhc8", final.device)
    return final


@rule(
    f"arange(end, {_OPTIONS})",
    f"arange(start, end, {_OPTIONS})",
    f"arange(start, end, step, {_OPTIONS})",
)
def arange(call: Call) -> Outcome:
    """From start to before end by step."""
    start, end, step = (call.arguments.get(name) for name in ("start", "end", "step"))
    start = 0 if start is None else start
    step = 1 if step is None else step
    start, end, step = _real(call, start), _real(call, end), _real(call, step)
    numbers = (start, end, step)
    if step == 0:
        raise call.refuse("argument", "step cannot be 0.")
    if (end - start) * step < 0:
        raise call.refuse("argument", f"From {start} to {end} there is no way by steps of {step}.")
    whole_numbers = all(isinstance(one, int) for one in numbers)
    asked = call.arguments.get("dtype")
    if whole_numbers:
        count = -((start - end) // step)
    elif asked is not None and CATEGORY[canonical(asked)] < FLOATING:
        raise UnknownArgument("arange of fractions as integers.")
    else:
        count = math.ceil((end - start) / step)
    if count > MOST:
        raise call.refuse("too_large", "That is more than torch can count.")
    return made(call, (int(count),), "int64" if whole_numbers else DEFAULT_FLOAT)


def _real(call: Call, value: Any) -> Union[int, float]:
    if not isinstance(value, (int, float)):
        raise Malformed(f"{call.operation} goes between numbers, not {described(value)}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise call.refuse("argument", f"{call.operation} goes between finite numbers.")
    return value


@rule(
    f"linspace(start, end, steps, {_OPTIONS})",
    f"logspace(start, end, steps, base=10.0, {_OPTIONS})",
)
def linspace(call: Call) -> Outcome:
    """So many steps from start to end."""
    steps = whole(call, "steps", call["steps"])
    if steps < 0:
        raise call.refuse("argument", "steps cannot be negative.")
    ends = (call["start"], call["end"])
    return made(
        call, (steps,), "complex64" if any(type(e) is complex for e in ends) else DEFAULT_FLOAT
    )


@rule(f"eye(n, {_OPTIONS})", f"eye(n, m, {_OPTIONS})")
def eye(call: Call) -> Outcome:
    """A matrix with ones on its diagonal."""
    rows = whole(call, "n", call["n"])
    columns = whole(call, "m", call["m"]) if call.arguments.get("m") is not None else rows
    return made(call, sizes(call, "n", (rows, columns)), DEFAULT_FLOAT)


@rule(
    "tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)",
    "as_tensor(data, dtype=None, device=None)",
)
def tensor(call: Call) -> Outcome:
    """Numbers, or lists of them of equal lengths."""
    shape: List[int] = []
    flat: List[Any] = [call["data"]]
    while flat and all(isinstance(one, (list, tuple)) for one in flat):
        lengths = {len(one) for one in flat}
        if len(lengths) > 1:
            raise call.refuse(
                "ragged", f"Lists of lengths {sorted(lengths)} in dim {len(shape)} make no tensor."
            )
        shape.append(lengths.pop())
        flat = [inner for one in flat for inner in one]
        if len(shape) > 64 or len(flat) > 100_000:
            raise UnknownArgument("A very large list.")
    kinds = []
    for one in flat:
        value = one.value if isinstance(one, Scalar) else one
        if isinstance(value, (list, tuple)):
            raise call.refuse("ragged", f"Numbers and lists are mixed in dim {len(shape)}.")
        if isinstance(value, Operand):
            raise UnknownArgument("A tensor made of tensors.")
        kinds.append(_kind(value))
    default = max(kinds, key=lambda kind: CATEGORY[kind], default=DEFAULT_FLOAT)
    final = made(call, tuple(shape), default)
    whole_numbers = [one for one in flat if type(one) is int]
    if flat and len(whole_numbers) == len(flat) and CATEGORY[final.dtype] < FLOATING:
        return Result(
            final.shape,
            final.dtype,
            final.device,
            final.bytes,
            False,
            final.strides,
            False,
            (min(whole_numbers), max(whole_numbers)),
        )
    return final


@rule("tril(input T, diagonal=0)", "triu(input T, diagonal=0)")
def triangle(call: Call) -> Outcome:
    """The last two dimensions, with zeros on one side."""
    x = call.tensor(0)
    if len(x.shape) < 2:
        raise call.refuse(
            "rank",
            f"{call.named(0)} has {len(x.shape)} dimensions; {call.operation} needs 2.",
            (0,),
        )
    demand(call, x.dtype, "bifhc", x.device, (0,))
    return call.result(x.shape, x.dtype, x.device)


@rule("diag(input T, diagonal=0)")
def diag(call: Call) -> Outcome:
    """A vector on a matrix's diagonal, or a matrix's diagonal."""
    x = call.tensor(0)
    offset = whole(call, "diagonal", call["diagonal"])
    if len(x.shape) == 1:
        side = x.shape[0] + abs(offset)
        return call.result((side, side), x.dtype, x.device)
    if len(x.shape) != 2:
        raise call.refuse(
            "rank", f"{call.named(0)} has {len(x.shape)} dimensions, not 1 or 2.", (0,)
        )
    rows, columns = x.shape
    if not -rows <= offset <= columns:
        return call.result((0,), x.dtype, x.device, view=True)
    length = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
    return call.result((max(length, 0),), x.dtype, x.device, view=True)
