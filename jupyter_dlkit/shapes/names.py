"""How operands are called: in sentences, and in code."""

from __future__ import annotations

from typing import Optional, Sequence

_PLACES = ("last", "second to last", "third to last", "fourth to last")
_OPENING = "([{"
_CLOSING = ")]}"


def operand_phrase(name: Optional[str], parameter: str) -> str:
    """The user's name; else what the operand is to the operation."""
    if name:
        return name if len(name) <= 60 else name[:57] + "…"
    if parameter == "other":
        return "the other operand"
    return parameter if parameter.startswith("tensor ") else f"the {parameter.replace('_', ' ')}"


def place(position: int) -> str:
    """A position from the right in words: -1 is the last."""
    if -4 <= position <= -1:
        return _PLACES[-1 - position]
    return f"{-position}th from the right"


def and_list(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; long lists are cut."""
    if len(words) > 6:
        return ", ".join(words[:5]) + f" and {len(words) - 5} others"
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def as_atom(source: str) -> str:
    """The source of an expression so that ``.method()`` may follow it."""
    depth = 0
    quote = ""
    for character in source:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif depth == 0 and not (character.isalnum() or character in "_."):
            return f"({source})"
    return f"({source})" if source[:1].isdigit() or not source else source
