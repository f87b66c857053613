"""The code of cells as a tree, for the order that it says; read without a warning.

The compiler warns of an escape that is none (``"\\d"``) in whatever it parses.  The user has seen
that when the cell ran; from us it would come again, under another cell.  Filters of warnings
belong to all threads, so none is touched: literals are emptied before.
"""

from __future__ import annotations

import ast
import re
from typing import Any, List

#: Cells that are read, the newest first, and characters of one.
_MOST_CELLS, _LONGEST = 200, 50_000

_LITERAL = re.compile(
    r"#[^\n]*|(?<!\w)(?P<bytes>b|br|rb)?(?:[fut]|[ft]?r|r[ft])?"
    r"(?:\"\"\"(?:\\.|(?!\"\"\").)*?\"\"\"|'''(?:\\.|(?!''').)*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL | re.IGNORECASE,
)

#: ``1if x else 2``, of which it warns too.
_JOINED = re.compile(r"(?<![\w.])\d[\w.]*(?:and|else|for|if|in|is|or|not)\b")

#: Magics that run the rest of the line.
_RUNS = re.compile(r"^([ \t]*)%(?:time|memory|dlkit[ \t]+memory)[ \t]+(?=[^\s-])", re.MULTILINE)

#: Our own that run the rest of the cell.
_RUNS_CELL = re.compile(r"^\s*%%(?:memory|dlkit[ \t]+memory)\b[^\n]*")


def tree(text: str) -> Any:
    """The module's node, with its lines where they were but for texts of several lines; None
    where it is no Python, or too long."""
    if len(text) > _LONGEST:
        return None
    from ...shapes.source.magics import as_python  # with all that follows cells: when first needed

    python = as_python(_RUNS.sub(r"\1", _RUNS_CELL.sub("pass", text, count=1))).python
    emptied = _LITERAL.sub(_emptied, python)
    if _JOINED.search(emptied):
        return None
    try:
        return ast.parse(emptied)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _emptied(literal: re.Match[str]) -> str:
    if literal.group().startswith("#"):
        return ""
    return 'b""' if literal.group("bytes") else '""'


def cells(inputs: Any) -> List[str]:
    """Texts of ``In``, the newest first."""
    if not issubclass(type(inputs), list):
        return []
    last = list.__getitem__(inputs, slice(-_MOST_CELLS, None))
    return [text for text in last[::-1] if type(text) is str and len(text) <= _LONGEST]
