"""Bytes, shapes, counts and times, written as the panel writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:[KMGTP]i)?B\b|m?s\b|min\b|h\b)")

#: Where no line may end.
FIXED_SPACE = "\N{NO-BREAK SPACE}"

#: What is written where nothing is known.
UNKNOWN = "–"


def size(count: int | None) -> str:
    """Bytes in binary units with three digits: ``512 B``, ``1.5 KiB``, ``24 GiB``."""
    if count is None:
        return UNKNOWN
    if count < 0:
        return f"−{size(-count)}"
    value = float(count)
    unit = 0
    # From here on it would be written as 1024.
    while value >= 1023.5 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    digits = 0 if unit == 0 or value >= 99.95 else 1 if value >= 9.995 else 2
    written = f"{value:.{digits}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return f"{written} {_UNITS[unit]}"


def bound(text: str) -> str:
    """The text with its figures bound to their units: no line ends between them."""
    return _BEFORE_UNIT.sub(FIXED_SPACE, text)


def change(count: int | None) -> str:
    """A difference in bytes, with its sign: ``+1.5 MiB``, ``−20 KiB``, ``0 B``."""
    return f"+{size(count)}" if count is not None and count > 0 else size(count)


def of_total(part: int | None, whole: int | None) -> str:
    """A part of a whole, the unit once where it is the same: ``1.5 of 24 GiB``."""
    if whole is None:
        return size(part)
    used, total = size(part), size(whole)
    unit = total.rpartition(" ")[2]
    if used.endswith(f" {unit}"):
        used = used.rpartition(" ")[0]
    return f"{used} of {total}"


def shape(sizes: Sequence[int | None] | None) -> str:
    """As Python prints it: ``()``, ``(3,)``, ``(64, 3, 7, 7)``."""
    if sizes is None:
        return UNKNOWN
    written = ["?" if one is None else str(one) for one in sizes]
    return f"({written[0]},)" if len(written) == 1 else f"({', '.join(written)})"


def count(number: int, one: str = "", many: str = "") -> str:
    """A count with thousands apart, and its noun: ``1 tensor``, ``12,000 tensors``."""
    noun = one if number == 1 else many or f"{one}s" if one else ""
    return f"{number:,} {noun}".rstrip()


def seconds(time: float) -> str:
    """``18 ms``, ``3.2 s``, ``95 s``, ``12 min``, ``3.5 h``."""
    if time < 0.0005:
        return "under 1 ms"
    if time < 0.95:
        return f"{time * 1000:.0f} ms"
    if time < 119.5:
        return f"{time:.1f} s" if time < 9.95 else f"{time:.0f} s"
    minutes = time / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
