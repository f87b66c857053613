"""What somebody may have meant who wrote another word."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: More words are not compared, nor longer ones.
_MOST, _LONGEST = 2000, 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like ``word``, or None where none is like it."""
    words = [one for one in known if len(one) <= _LONGEST][:_MOST]
    found = get_close_matches(word[:_LONGEST], words, 1, 0.6)
    return found[0] if found else None


def offer(word: str, known: Iterable[str], otherwise: str) -> str:
    """``Did you mean x?``, or the sentence ``otherwise``."""
    near = nearest(word, known)
    return otherwise if near is None else f"Did you mean {near}?"
