"""What a page says an example prints, against what it prints."""

from __future__ import annotations

import doctest
import re
from difflib import unified_diff

from .examples import Block

#: Colours of a traceback or a terminal.
COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")

_checker = doctest.OutputChecker()


def plain(text: str) -> str:
    """Without colours, and without spaces at the ends of lines."""
    lines = COLOURS.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def compare(block: Block, said: str, spaces: bool = True) -> None:
    """Raises ``AssertionError`` with the page, the line and the difference.

    ``spaces``: whether how many there are counts.
    """
    if block.output is None:
        return
    expected, actual = plain(block.output), plain(said)
    options = doctest.ELLIPSIS | (0 if spaces else doctest.NORMALIZE_WHITESPACE)
    if not _checker.check_output(expected, actual, options):
        difference = unified_diff(
            expected.splitlines(), actual.splitlines(), "the page", "the product", lineterm=""
        )
        lines = "\n".join(difference)
        raise AssertionError(f"{block.where}\n{block.code}\n{lines}\n\nIt says:\n{actual}")
