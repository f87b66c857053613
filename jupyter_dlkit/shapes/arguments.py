"""Arguments that are not tensors: whole numbers, dimensions, sizes; each as torch reads it."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from .call import MOST, Call, shape_text
from .errors import Malformed, UnknownArgument
from .signature import described
from .values import Operand, Scalar


def whole(call: Call, name: str, value: Any) -> int:
    """A whole number; Malformed where it is none."""
    if isinstance(value, Scalar):
        if not value.known:
            raise UnknownArgument(f"The value of {name} of {call.operation} is not known.")
        value = value.value
    if isinstance(value, Operand):
        raise UnknownArgument(f"{call.operation} with a tensor as {name}.")
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(f"{name} of {call.operation} is a whole number, not {described(value)}.")
    if not -MOST - 1 <= value <= MOST:
        raise Malformed(f"{name} of {call.operation} is more than torch can count.")
    return value


def wholes(call: Call, name: str, value: Any) -> Tuple[int, ...]:
    """A list of whole numbers; one number is a list of one."""
    if isinstance(value, (list, tuple)):
        if len(value) == 1 and isinstance(value[0], (list, tuple)):
            value = value[0]
        return tuple(whole(call, name, one) for one in value)
    return (whole(call, name, value),)


def for_each(call: Call, name: str, value: Any, count: int) -> Tuple[int, ...]:
    """One number for each of ``count`` dimensions: a list of them, or one for all."""
    listed = wholes(call, name, value)
    if len(listed) == 1:
        return listed * count
    if len(listed) != count:
        raise call.refuse(
            "argument",
            f"{name} of {call.operation} has {len(listed)} numbers and needs 1 or {count}.",
        )
    return listed


def axis(call: Call, value: Any, rank: int, about: str, name: str = "dim", index: int = 0) -> int:
    """A dimension's index from the left; refuses where there is none of that number.

    ``rank``: as many as are counted; a 0-dim tensor has one for this.
    """
    number = whole(call, name, value)
    span = max(rank, 1)
    if not -span <= number < span:
        kind = "no dimensions" if not rank else f"{rank} dimension{'s' if rank > 1 else ''}"
        allowed = f"{-span} to {span - 1}"
        raise call.refuse(
            "dim",
            f"{about} has {kind}: there is no dimension {number} ({name} can be {allowed}).",
            (index,),
        )
    return number % span


def axes(call: Call, value: Any, rank: int, about: str, name: str = "dim") -> List[int]:
    """Several dimensions, each once."""
    listed = [axis(call, one, rank, about, name) for one in wholes(call, name, value)]
    if len(set(listed)) != len(listed):
        raise call.refuse("dim", f"{name} of {call.operation} names a dimension twice.", (0,))
    return listed


def sizes(call: Call, name: str, value: Any) -> Tuple[int, ...]:
    """A shape to make: no negative sizes."""
    shape = wholes(call, name, value)
    for size in shape:
        if size < 0:
            raise call.refuse("argument", f"A size cannot be negative: {shape_text(shape)}.")
    if len(shape) > 64:
        raise Malformed(f"torch has no tensors of {len(shape)} dimensions; 64 are the most.")
    return shape


def number(call: Call, name: str, value: Any) -> Optional[float]:
    """A real number, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Malformed(f"{name} of {call.operation} is a number, not {described(value)}.")
    return value


def real(call: Call, name: str) -> float:
    """The argument of this name, which is a real number."""
    value = number(call, name, call[name])
    if value is None:
        raise Malformed(f"{name} of {call.operation} is a number, not None.")
    return value


def one_of(call: Call, name: str, value: Any, choices: Sequence[str]) -> str:
    """A word among ``choices``; refuses any other."""
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise call.refuse("argument", f"{name} of {call.operation} is one of {listed}.")
    return str(value)
