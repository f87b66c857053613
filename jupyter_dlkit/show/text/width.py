"""How wide text is in a terminal, and how it is cut and padded."""

from __future__ import annotations

from shutil import get_terminal_size
from unicodedata import category, east_asian_width

from .. import plain, sizes

#: Where there is no terminal, and where there is a very wide one.
NARROWEST, USUAL, WIDEST = 40, 80, 120


def columns(width: int | None) -> int:
    """The width to write in: what is asked for, else the terminal's."""
    if width is not None:
        return max(NARROWEST, width)
    return max(NARROWEST, min(get_terminal_size((USUAL, 24)).columns, WIDEST))


def of(text: str) -> int:
    """Cells of a terminal that a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(one) for one in text)


def _cells(one: str) -> int:
    if category(one) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(one) in "WF" else 1


def fit(text: str, width: int, cut: str = "end") -> str:
    """At most ``width`` cells; ``cut`` says what gives way: the end, or the middle."""
    if of(text) <= width:
        return text
    most = width
    while most > 0:
        short = plain.middle(text, most) if cut == "middle" else text[: most - 1] + "…"
        if of(short) <= width:
            return short
        most -= 1
    return ""


def pad(text: str, width: int, right: bool = False) -> str:
    """Filled up with spaces, before it where it is to stand on the right."""
    space = " " * (width - of(text))
    return space + text if right else text + space


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of a sentence, none wider than ``width``; a word that is wider is cut."""
    lines: list[str] = []
    room = max(width - len(indent), 10)
    for word in sizes.bound(" ".join(text.split())).split(" ") if text.strip() else ():
        word = fit(word.replace(sizes.FIXED_SPACE, " "), room, "middle")
        if lines and of(lines[-1]) + 1 + of(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [indent + line for line in lines]
