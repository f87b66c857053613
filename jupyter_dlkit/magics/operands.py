"""Operands as one types them: names, paths, shapes, numbers, expressions.  None is evaluated."""

from __future__ import annotations

import ast
from typing import Any

from IPython.core.error import UsageError

#: What an operand among others can be: a name and what follows it without a space.
_OPERANDS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)

_NUMBERS = (int, float, complex, bool)


def listed(text: str) -> list[str]:
    """``x,y`` and ``x,`` as one may type them: what stands between commas."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [part for part in (*parts, text[start:]) if part]


def is_operand(text: str) -> bool:
    """Whether it can be one of several; else the line is source, such as ``x - 1``."""
    if _shape(text) is not None or (text[:1].isdigit() and _number(text) is not None):
        return True
    return text[:1].isidentifier() and isinstance(_parsed(text), _OPERANDS)


def operand(shell: Any, text: str) -> Any:
    """What ``check_in`` takes: an object, a shape, a number; of an expression what it gives.

    Raises ``UsageError``.
    """
    shape = _shape(text)
    if shape is not None:
        return shape
    number = _number(text)
    if number is not None:
        return number
    from .paths import check_names, found

    there = found(shell, text)
    if there:
        return there[0]
    if isinstance(_parsed(text), ast.Name):
        check_names(shell, [text])
    checked = source(shell, text)
    if checked.result is not None:
        return checked.result.operand(text)
    why = [problem.message for problem in checked.problems[:1]] or [checked.undetermined]
    raise UsageError(f"What {text} is, is not known: {why[0]}")


def label(text: str) -> str | None:
    """What an operand is called: as it was typed; shapes and numbers by their place."""
    return None if _shape(text) is not None or _number(text) is not None else text


def source(shell: Any, text: str) -> Any:
    """The check of a line of source.  Raises ``UsageError`` where it is none."""
    from ..api.checking import check_in

    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = getattr(error, "msg", None) or error
    else:
        return check_in((shell.user_ns,), (text,))
    raise UsageError(f"{text} is not a Python expression: {why}.")


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _shape(text: str) -> tuple[Any, ...] | None:
    """``(3,1)``, ``[3, 1]``, ``(3)``, ``()``."""
    value: Any = _literal(text) if text[:1] in ("(", "[") else None
    if type(value) is int:
        value = (value,)
    return tuple(value) if type(value) in (tuple, list) else None


def _number(text: str) -> Any:
    value = _literal(text)
    return value if type(value) in _NUMBERS else None
