"""Amounts as the doctor writes them."""

from __future__ import annotations

from typing import Optional

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")

KIB, MIB, GIB = 2**10, 2**20, 2**30


def size(count: Optional[float]) -> str:
    """Bytes with two or three digits: ``64 MiB``, ``1.5 GiB``; ``unknown`` for None."""
    if count is None:
        return "unknown"
    value, unit = float(count), 0
    while value >= 1023.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 1 if unit and value < 9.95 else 0
    written = f"{value:.{digits}f}"
    return f"{written[:-2] if written.endswith('.0') else written} {_UNITS[unit]}"


def cores(count: float) -> str:
    """``1 core``, ``1.5 cores``, ``8 cores``."""
    return f"{count:g} core" if count == 1 else f"{round(count, 2):g} cores"


def lasted(seconds: float) -> str:
    """``40 minutes``, ``5.5 hours``, ``3.2 days``."""
    if seconds < 2 * 3600:
        minutes = int(seconds // 60)
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86400:.1f} days"
