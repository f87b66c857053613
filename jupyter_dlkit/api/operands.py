"""What a check is asked of: tensors, arrays, shapes, numbers; as the rules see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..kernel import loaded
from ..kernel.explain.seen import Seer
from ..shapes import Operand, Scalar
from ..shapes.source.values import Array
from .errors import DLKitError

#: The namespaces in which a value is looked for: the caller's locals, then its globals.
Names = Sequence[dict[str, Any]]


class CheckError(DLKitError):
    """It cannot be checked: not shapes, an operation without a rule.  The message says which."""


CheckError.__module__ = "jupyter_dlkit"


def seen(seer: Seer, value: Any, number: int, names: Names, label: str | None) -> Any:
    """The ``number``-th operand, called ``label`` or as the caller calls it.

    Raises ``CheckError`` for what has no shape.
    """
    if value is None:
        return None
    if isinstance(value, (Operand, Scalar)):  # seen already, by the shell or another check
        return value if label is None else replace(value, name=label)
    if type(value) in (int, float, bool, complex):
        return Scalar(value)
    shape = _shape(value)
    if shape is not None:
        return Operand(shape, name=label)
    found = seer.value(value)
    if isinstance(found, Array):
        found = Operand(found.shape, found.dtype)
    if not isinstance(found, Operand):
        what = f"{label} is" if label else f"The {_ordinal(number)} operand is"
        raise CheckError(
            f"{what} neither a tensor, an array, a shape nor a number: a {type(value).__name__}."
        )
    return replace(found, name=label or _name(value, names))


def argument(seer: Seer, value: Any) -> Any:
    """An argument that is no operand: ``dim=1``, ``dtype=torch.float64``, ``out=y``."""
    torch = loaded.torch()
    if torch is not None and type(value) in (torch.dtype, torch.device):
        return str(value).rpartition("torch.")[2]
    if type(value) in (list, tuple):
        return [argument(seer, one) for one in value]
    found = seer.value(value)
    return found if isinstance(found, Operand) else value


def _shape(value: Any) -> tuple[Any, ...] | None:
    torch = loaded.torch()
    if type(value) not in (tuple, list) and not (torch and type(value) is torch.Size):
        return None
    return tuple(value)  # whether these are sizes, the engine says


def _name(value: Any, names: Names) -> str | None:
    """What the caller calls it, where that is a variable."""
    for space in names:
        for name, other in list(space.items()):
            if other is value and type(name) is str and not name.startswith("_"):
                return name
    return None


def _ordinal(number: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth")
    return words[number - 1] if number <= len(words) else f"{number}th"
