"""The source by places in it."""

from __future__ import annotations

import ast
from typing import List, Optional

from .values import Edit, Place


class Text:
    """The source that a tree was parsed from; columns are UTF-8 bytes.

    Without a source (a node that comes from elsewhere) the text of a node is written anew.
    """

    def __init__(self, source: Optional[str]) -> None:
        self._source = source
        self._lines: Optional[List[bytes]] = None

    @property
    def lines(self) -> List[bytes]:
        """The lines, without their ends."""
        if self._lines is None:
            # Not splitlines(): a form feed ends no line of Python's.
            self._lines = [line.encode() for line in (self._source or "").split("\n")]
        return self._lines

    def at(self, place: Place) -> str:
        """What stands there; several lines are joined as they are."""
        lines = self.lines[place.line - 1 : place.end_line]
        if not lines:
            return ""
        lines = [*lines[:-1], lines[-1][: place.end_column]]
        lines[0] = lines[0][place.column :]
        return b"\n".join(lines).decode(errors="replace")

    def of(self, node: ast.AST) -> str:
        """The source of a node."""
        if self._source is None or getattr(node, "end_lineno", None) is None:
            return ast.unparse(node)
        return self.at(place_of(node))

    def edited(self, message: str, whole: ast.AST, part: ast.AST, replacement: str) -> Edit:
        """The edit that puts ``replacement`` in the place of ``part`` of ``whole``."""
        inner, outer = place_of(part), place_of(whole)
        if self._source is None:
            source = replacement if part is whole else _replaced(whole, part, replacement)
        else:
            before = Place(outer.line, outer.column, inner.line, inner.column)
            after = Place(inner.end_line, inner.end_column, outer.end_line, outer.end_column)
            source = self.at(before) + replacement + self.at(after)
        return Edit(message, inner, replacement, source)


def place_of(node: ast.AST) -> Place:
    """Where a node stands; all 0 for a node that was not parsed."""
    line = getattr(node, "lineno", 0)
    column = getattr(node, "col_offset", 0)
    return Place(
        line,
        column,
        getattr(node, "end_lineno", None) or line,
        getattr(node, "end_col_offset", None) or column,
    )


def _replaced(whole: ast.AST, part: ast.AST, replacement: str) -> str:
    """Written anew with one node exchanged, the tree itself left as it is."""

    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is part:
                return ast.Name(replacement, ast.Load())
            fields = {
                name: (
                    [self.visit(one) if isinstance(one, ast.AST) else one for one in value]
                    if isinstance(value, list)
                    else self.visit(value)
                    if isinstance(value, ast.AST)
                    else value
                )
                for name, value in ast.iter_fields(node)
            }
            return type(node)(**fields)

    return ast.unparse(Exchange().visit(whole))
