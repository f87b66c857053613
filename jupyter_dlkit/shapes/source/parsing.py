"""The user's code as a tree, read without a warning.

The compiler warns of an escape that is none (``"\\d"``) in whatever it parses: the user has seen
that when the cell ran, and from us it would come again, below another cell.  Filters of warnings
belong to all threads, so none is touched.
"""

from __future__ import annotations

import ast
import re

#: Pairs, so that an escaped backslash escapes nothing; ``\\400`` to ``\\777`` are no characters.
_PAIR = re.compile(r"\\(?:[4-7][0-7]{2}|[^\n\r\\'\"abfnrtv0-7xNuU]|(.))", re.DOTALL)


def parsed(source: str) -> ast.Module:
    """As ``ast.parse``, with every place where it is in ``source``; in texts, raw ones included,
    the backslash of what is no escape reads ``_``.  Raises what ``ast.parse`` raises."""
    return ast.parse(_PAIR.sub(_plain, source) if "\\" in source else source)


def _plain(pair: re.Match[str]) -> str:
    return pair.group() if pair.group(1) is not None else "_" + pair.group()[1:]
