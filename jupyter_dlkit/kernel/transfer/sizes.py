"""Bytes as a person reads them."""

from __future__ import annotations


def binary(count: int) -> str:
    """In three digits, as the panel and the magics write them: ``1536`` → ``1.5 KiB``."""
    size = float(count)
    unit = 0
    # From here on it would be written as 1024.
    while size >= 1023.5 and unit < 5:
        size /= 1024
        unit += 1
    digits = 0 if unit == 0 or size >= 99.95 else 1 if size >= 9.995 else 2
    written = f"{size:.{digits}f}"
    if digits:
        written = written.rstrip("0").rstrip(".")
    return f"{written} {('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')[unit]}"
