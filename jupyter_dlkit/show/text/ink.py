"""Colours for terminals, used where they were asked for."""

from __future__ import annotations

_CODES = {
    "good": "32",
    "stretch": "36",
    "trap": "33",
    "clash": "31;1",
    "strong": "1",
    "quiet": "2",
    "tensors": "34",
    "parameters": "34",
    "gradients": "33",
    "optimizer": "32",
    "activations": "35",
    "variables": "36",
    "outputs": "93",
    "exception": "31",
    "unreachable": "95",
    "workspaces": "90",
    "cache": "36",
    "mine": "36",
    "kernels": "32",
    "others": "90",
    "free": "90",
}


class Ink:
    """Writes plain text, or text with the colours that every terminal has."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, tone: str, text: str) -> str:
        """The text, in the colour of its tone."""
        code = _CODES.get(tone)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code and text else text
