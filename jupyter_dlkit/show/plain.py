"""Names and messages of strangers, made harmless to read and to print."""

from __future__ import annotations

#: Longer names are cut in the middle: the end of an expression tells it from the others.
LONGEST_NAME = 120

#: Longer sentences are cut at the end.
LONGEST_SENTENCE = 2000


def name(text: object, most: int = LONGEST_NAME) -> str:
    """One line of printable characters, at most ``most``; the middle gives way.

    Whatever would move a cursor, start a line, hide, or turn the direction of writing is
    written as Python would write it in a literal: ``\\n``, ``\\x1b``, ``\\u202e``.
    """
    written = str(text)
    if len(written) > 2 * most:  # of the rest nothing will be seen
        written = written[:most] + written[-most:]
    return middle(_printable(written), most)


def sentence(text: object) -> str:
    """As ``name``, for what is read from its beginning."""
    written = _printable(str(text)[: LONGEST_SENTENCE + 1])
    return written if len(written) <= LONGEST_SENTENCE else written[: LONGEST_SENTENCE - 1] + "…"


def middle(text: str, most: int) -> str:
    """At most ``most`` characters: beginning and end, the end a little longer."""
    if len(text) <= most:
        return text
    if most < 2:
        return "…"[:most]
    left = (most - 1) * 2 // 5
    return f"{text[:left]}…{text[len(text) - (most - 1 - left) :]}"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
