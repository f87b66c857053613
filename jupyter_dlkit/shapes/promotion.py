"""Which dtype several operands meet in: by category first, by width within it."""

from __future__ import annotations

from typing import Iterable, Optional, Union

from .dtypes import BOOL, CATEGORY, COMPLEX, COMPLEX_OF, FLOATING, INTEGER, ITEMSIZE
from .values import Operand, Scalar

#: Unsigned integers that torch lets meet only themselves and floating point.
_LONE = frozenset(("uint16", "uint32", "uint64"))

DEFAULT_FLOAT = "float32"
DEFAULT_COMPLEX = "complex64"


class NoCommonDtype(Exception):
    """torch has no dtype for these two: ``args`` are their names."""


def promote(first: str, second: str) -> str:
    """The dtype of two tensors with dimensions; NoCommonDtype where torch has none."""
    if first == second:
        return first
    if first.startswith("float8") or second.startswith("float8"):
        raise NoCommonDtype(first, second)
    low, high = sorted((first, second), key=lambda name: (CATEGORY[name], ITEMSIZE[name]))
    category = CATEGORY[high]
    if low in _LONE or high in _LONE:
        if category != FLOATING:
            raise NoCommonDtype(first, second)
        return high
    if category == COMPLEX:
        return _with_complex(low, high)
    if CATEGORY[low] != category:
        return high
    if category == INTEGER:
        if ITEMSIZE[low] == ITEMSIZE[high]:  # uint8 and int8
            return "int16"
        if high == "uint8":
            return low
        return high
    if {low, high} == {"float16", "bfloat16"}:
        return "float32"
    return high


def _with_complex(low: str, high: str) -> str:
    if CATEGORY[low] == COMPLEX or CATEGORY[low] in (BOOL, INTEGER):
        return high
    whole = "complex64" if low == "bfloat16" else COMPLEX_OF[low]
    return whole if ITEMSIZE[whole] > ITEMSIZE[high] else high


def scalar_dtype(value: Union[bool, int, float, complex]) -> str:
    """The dtype that a Python number counts as."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    return DEFAULT_COMPLEX if isinstance(value, complex) else DEFAULT_FLOAT


def _merge(earlier: Optional[str], dtype: str) -> str:
    return dtype if earlier is None else promote(earlier, dtype)


def result_type(operands: Iterable[Union[Operand, Scalar, None]]) -> str:
    """torch.result_type of any number of operands.

    A 0-dim tensor, and less so a Python number, takes part only by its category.
    """
    with_dimensions: Optional[str] = None
    without: Optional[str] = None
    number: Optional[str] = None
    for operand in operands:
        if isinstance(operand, Scalar):
            number = _merge(number, scalar_dtype(operand.value))
        elif operand is None:
            continue
        elif operand.shape:
            with_dimensions = _merge(with_dimensions, operand.dtype)
        else:
            without = _merge(without, operand.dtype)
    return _by_category(with_dimensions, _by_category(without, number)) or DEFAULT_FLOAT


def _by_category(strong: Optional[str], weak: Optional[str]) -> Optional[str]:
    if strong is None or weak is None:
        return strong or weak
    if CATEGORY[strong] == FLOATING and CATEGORY[weak] == COMPLEX:
        return COMPLEX_OF.get(strong, DEFAULT_COMPLEX)
    if CATEGORY[weak] > CATEGORY[strong]:
        return promote(strong, weak)
    return strong
