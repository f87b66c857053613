"""The text of a node as the user wrote it, and with a part of it replaced."""

from __future__ import annotations

import ast
from typing import Any, Optional

from ...shapes.source.values import Place


def text_of(source: str, node: ast.AST) -> str:
    """As it was written; written anew where positions are not right (in formatted strings,
    before Python 3.12)."""
    written = as_written(source, node)
    return ast.unparse(node) if written is None else written


def as_written(source: str, node: ast.AST) -> Optional[str]:
    """The text at the node's place, if the node is what stands there."""
    written = _at(source, node)
    if written is None:
        return None
    try:
        if isinstance(node, ast.stmt):
            again: ast.AST = ast.parse(written).body[0]
        else:
            again = ast.parse(f"({written}\n)", mode="eval").body
    except (SyntaxError, ValueError, IndexError):
        return None
    return written if _same(again, node) else None


def with_edit(source: str, node: Any, place: Place, replacement: str) -> Optional[str]:
    """The node's text with what stands at a place inside of it replaced."""
    whole = as_written(source, node)
    if whole is None or not (
        (node.lineno, node.col_offset) <= (place.line, place.column)
        and (place.end_line, place.end_column) <= (node.end_lineno, node.end_col_offset)
    ):
        return None
    before = _between(source, node.lineno, node.col_offset, place.line, place.column)
    after = _between(source, place.end_line, place.end_column, node.end_lineno, node.end_col_offset)
    return before + replacement + after


def _at(source: str, node: Any) -> Optional[str]:
    if not getattr(node, "lineno", 0) or node.end_lineno is None:
        return None
    return _between(source, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _between(source: str, line: int, column: int, end_line: int, end_column: int) -> str:
    lines = source.encode().split(b"\n")[line - 1 : end_line] or [b""]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    return b"\n".join(lines).decode(errors="replace")


def _same(one: ast.AST, other: ast.AST) -> bool:
    return _read(one) == _read(other)


def _read(node: ast.AST) -> str:
    """As text, every name as if it were read.

    Not from a copy: ``executing``, which IPython has, hangs the tree of whole files on the one
    ``Load()`` that all nodes share, and a copy would take it along (seen: 11 s).
    """
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()").replace("ctx=Del()", "ctx=Load()")
