"""Which dtypes an operation takes, and what it makes of them.

Dtypes are in sorts, a letter each: ``b`` bool, ``i`` integers, ``u`` the wide unsigned ones,
``f`` floating point, ``h`` complex32, ``c`` complex, ``8`` the 8-bit floats.  An operation's
``accepts`` is the letters it takes.  Of the rare sorts (``u``, ``h``, ``8``) what is not accepted
is not known either: which kernels there are differs between devices and versions.
"""

from __future__ import annotations

from typing import Dict, Iterable, Optional, Sequence, Tuple, Union

from .call import Call
from .dtypes import CATEGORY, FLOATING, ITEMSIZE, REAL_OF
from .errors import UnknownArgument
from .promotion import DEFAULT_FLOAT, NoCommonDtype, promote, result_type
from .values import Operand, Scalar

_RARE = frozenset("uh8")

SORT: Dict[str, str] = {
    name: (
        "b"
        if name == "bool"
        else "u"
        if name in ("uint16", "uint32", "uint64")
        else "i"
        if "int" in name
        else "h"
        if name == "complex32"
        else "c"
        if name.startswith("complex")
        else "8"
        if name.startswith("float8")
        else "f"
    )
    for name in ITEMSIZE
}

_SORTS_IN_WORDS = {
    "b": "bool",
    "i": "integer",
    "f": "floating-point",
    "c": "complex",
    "h": "complex32",
    "u": "wide unsigned",
    "8": "8-bit float",
}


def demand(
    call: Call,
    dtype: str,
    accepts: str,
    device: str,
    operands: Sequence[int] = (),
    unsure: bool = False,
) -> None:
    """Notes a problem where an operation does not take a dtype.

    ``unsure``: it depends on the arguments whether it does; then nothing is said.
    """
    sort = SORT[dtype]
    if sort in accepts:
        return
    if sort in _RARE or any(0 in one.shape for _, one in call.tensors):
        # Which kernels exist for rare dtypes changes, and nothing is computed of nothing.
        raise UnknownArgument(f"{call.operation} of {dtype} tensors, or of empty ones.")
    if unsure:
        raise UnknownArgument(f"{call.operation} of {dtype} tensors.")
    about = list(operands) or [
        index for index, one in call.tensors if SORT[one.dtype] not in accepts
    ]
    whose = f" ({call.all_named(about)})" if about else ""
    wanted = [_SORTS_IN_WORDS[letter] for letter in accepts if letter not in _RARE]
    call.problem(
        "dtype",
        f"{call.operation} does not work on {dtype}{whose}: it takes {_or(wanted)} tensors.",
        about,
    )


def _or(words: Sequence[str]) -> str:
    return " or ".join(words) if len(words) < 3 else ", ".join(words[:-1]) + " or " + words[-1]


def meet(call: Call, operands: Iterable[Union[Operand, Scalar, None]]) -> str:
    """The dtype that operands are promoted to; refuses where torch has none."""
    try:
        return result_type(operands)
    except NoCommonDtype as error:
        if any(0 in one.shape for _, one in call.tensors):
            raise UnknownArgument(f"{call.operation} of empty tensors of these dtypes.") from None
        first, second = error.args
        about = [index for index, one in call.tensors if one.dtype in (first, second)]
        raise call.refuse(
            "dtype",
            f"torch has no dtype in which {first} and {second} meet ({call.all_named(about)}). "
            "Convert one of them.",
            about,
        ) from None


def floated(dtype: str) -> str:
    """What integers and bool become in an operation that computes in floating point."""
    return dtype if CATEGORY[dtype] >= FLOATING else DEFAULT_FLOAT


def real(dtype: str) -> str:
    """The dtype of the parts of a complex one."""
    return REAL_OF.get(dtype, dtype)


def can_cast(origin: str, target: str) -> bool:
    """Whether a result of one dtype may be written into a tensor of another."""
    if target == "bool":
        return origin == "bool"
    low, high = CATEGORY[target], CATEGORY[origin]
    return high <= low or high < FLOATING


def same_dtype(
    call: Call, indices: Optional[Sequence[int]] = None, why: str = "does not convert"
) -> str:
    """The one dtype of tensors that an operation does not promote; notes a problem else."""
    listed: Sequence[Tuple[int, Operand]] = (
        call.tensors if indices is None else [(i, call.tensor(i)) for i in indices]
    )
    first, head = listed[0]
    for index, one in listed[1:]:
        if one.dtype != head.dtype:
            if any(0 in tensor.shape for _, tensor in listed):
                raise UnknownArgument(f"{call.operation} of empty tensors of several dtypes.")
            call.problem(
                "dtype",
                f"{call.named(first)} is {head.dtype} and {call.named(index)} is {one.dtype}. "
                f"{call.operation} {why}: they must be the same.",
                (first, index),
            )
            break
    return head.dtype


__all__ = [
    "SORT",
    "can_cast",
    "demand",
    "floated",
    "meet",
    "promote",
    "real",
    "same_dtype",
]
