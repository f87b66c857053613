"""Divides the line of a magic into words, as a person who knows Python reads it.

Spaces inside brackets and quotes do not divide: ``%to cuda cache[(1, 2)] batch['a b']``.
"""

from __future__ import annotations

from typing import NamedTuple

_OPENING, _CLOSING = "([{", ")]}"
_QUOTES = "'\""


class Word(NamedTuple):
    """A word, and where it stands in the line."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Just behind it."""
        return self.start + len(self.text)

    @property
    def is_option(self) -> bool:
        """``--limit``, ``--limit=5``."""
        return self.text.startswith("--") and self.text[2:3].isalpha()

    @property
    def is_dashed(self) -> bool:
        """``-all``, ``--``: no name begins so, but source may."""
        return self.text.startswith("-") and not self.text[1:2].isdecimal()


class Line(NamedTuple):
    """A line, without what belongs to Python: its comment, and ``;`` at its end."""

    text: str
    words: list[Word]
    silent: bool  #: it ended in ``;``


def read(line: str) -> Line:
    """The words of a line."""
    words = list(_words(line))
    for number, word in enumerate(words):
        if word.text.startswith("#"):
            line, words = line[: word.start], words[:number]
            break
    text = line.rstrip()
    silent = text.endswith(";")
    while text.endswith(";"):
        text = text[:-1].rstrip()
    words = [Word(word.text[: len(text) - word.start], word.start) for word in words]
    return Line(text, [word for word in words if word.text], silent)


def unquoted(text: str) -> str:
    """``my model`` of ``"my model"``."""
    if len(text) > 1 and text[0] in _QUOTES and text.find(text[0], 1) == len(text) - 1:
        return text[1:-1]
    return text


def _words(line: str) -> list[Word]:
    found: list[Word] = []
    start, depth, quote = -1, 0, ""
    for position, character in enumerate(line):
        if start < 0:
            if character.isspace():
                continue
            start = position
        if quote:
            if character == quote and line[position - 1] != "\\":
                quote = ""
        elif character in _QUOTES:
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif not depth and character.isspace():
            found.append(Word(line[start:position], start))
            start = -1
    if start >= 0:
        found.append(Word(line[start:], start))
    return found
