"""Operands as they are typed on a shell: ``(3, 1)``, ``x=(3, 1):float16@cuda:0``, ``2.5``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from ..shapes.values import Operand, Scalar
from .errors import UsageError, quoted

_NAMED = re.compile(r"\s*([A-Za-z_][\w.]*)\s*=(?!=)(.*)", re.DOTALL)
_SIZE = re.compile(r"torch\.Size\((.*)\)", re.DOTALL)


def operands(texts: Sequence[str], dtype: str, device: str) -> list[Operand | Scalar]:
    """Each as `operand` reads it; tensors without a name get one.  Raises ``UsageError``."""
    found = [operand(text, dtype, device) for text in texts]
    taken = {one.name for one in found}
    free = (name for name in _names() if name not in taken)
    return [
        replace(one, name=next(free)) if isinstance(one, Operand) and one.name is None else one
        for one in found
    ]


def operand(text: str, dtype: str = "float32", device: str = "cpu") -> Operand | Scalar:
    """A shape with what it says of itself, else with ``dtype`` and ``device``; or a number.

    Raises ``UsageError`` for what is neither.
    """
    named = _NAMED.fullmatch(text)
    name, rest = named.groups() if named else (None, text)
    rest, at, own_device = rest.partition("@")
    rest, colon, own_dtype = rest.partition(":")
    value = _value(rest.strip(), text)
    if isinstance(value, tuple):
        return Operand(
            value,
            own_dtype.strip().removeprefix("torch.") if colon else dtype,
            _device(own_device.strip()) if at else _device(device),
            name,
        )
    if colon or at:
        raise UsageError(f"{quoted(text)}: a number has neither a dtype nor a device of its own.")
    return Scalar(value, name)


def argument(text: str) -> tuple[str, Any]:
    """``dim=1`` as a name and a Python value; what is no literal is text.

    Raises ``UsageError`` without a name.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise UsageError(
            f"{quoted(text)} is not an argument.", "Write --arg NAME=VALUE, as in dim=1."
        )
    try:
        return name.strip(), ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name.strip(), value.strip().removeprefix("torch.")


def _names() -> Iterator[str]:
    """How tensors are called that have no name."""
    return chain("xyz", (f"x{number}" for number in count(4)))


def _value(text: str, whole: str) -> Any:
    size = _SIZE.fullmatch(text)
    try:
        value = ast.literal_eval(size.group(1) if size else text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise UsageError(
            f"{quoted(whole)} is neither a shape nor a number.",
            'Write a shape as "(3, 1)", with quotes, and more of it as "x=(3, 1):float16@cuda:0".',
        ) from None
    if isinstance(value, (tuple, list)):
        return tuple(value)  # whether these are sizes, the rules say
    if type(value) not in (bool, int, float, complex):
        raise UsageError(f"{quoted(whole)} is neither a shape nor a number.")
    if text.startswith("("):
        raise UsageError(
            f"{quoted(whole)} is a number to Python.",
            f'Write "({value},)" for a shape of one dimension, or {value} for the number.',
        )
    return value


def _device(text: str) -> str:
    if text.partition(":")[0] == "gpu":
        raise UsageError("torch has no device 'gpu'.", "Its name is cuda, mps or xpu.")
    return text
