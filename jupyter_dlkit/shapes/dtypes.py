"""The dtypes of torch: their names, sizes and categories."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from .errors import Malformed

#: Bytes of one element.
ITEMSIZE: Dict[str, int] = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex32": 4,
    "complex64": 8,
    "complex128": 16,
    "float8_e4m3fn": 1,
    "float8_e4m3fnuz": 1,
    "float8_e5m2": 1,
    "float8_e5m2fnuz": 1,
    "float8_e8m0fnu": 1,
}

#: Other names that torch has for them.
ALIASES = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "chalf": "complex32",
    "cfloat": "complex64",
    "cdouble": "complex128",
}

BOOL, INTEGER, FLOATING, COMPLEX = range(4)

CATEGORY: Dict[str, int] = {
    name: (
        BOOL
        if name == "bool"
        else INTEGER
        if name.startswith(("int", "uint"))
        else COMPLEX
        if name.startswith("complex")
        else FLOATING
    )
    for name in ITEMSIZE
}

#: The smallest and the largest number of integers.
LIMITS: Dict[str, Tuple[int, int]] = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}

#: A floating dtype to the complex one whose parts it is, and back.
COMPLEX_OF = {"float16": "complex32", "float32": "complex64", "float64": "complex128"}
REAL_OF = {whole: part for part, whole in COMPLEX_OF.items()}


def is_floating(dtype: str) -> bool:
    """Real floating point."""
    return CATEGORY[dtype] == FLOATING


def is_integral(dtype: str) -> bool:
    """Integers, without bool."""
    return CATEGORY[dtype] == INTEGER


def is_complex(dtype: str) -> bool:
    """Complex."""
    return CATEGORY[dtype] == COMPLEX


def canonical(name: Any) -> str:
    """``float32`` for ``float32``, ``torch.float32`` and ``float``; else Malformed."""
    if not isinstance(name, str):
        raise Malformed(f"A dtype is a name such as 'float32', not {name!r:.60}.")
    short = name[6:] if name.startswith("torch.") else name
    short = ALIASES.get(short, short)
    if short not in ITEMSIZE:
        raise Malformed(f"{name[:60]!r} is not a dtype that the checker knows.")
    return short
