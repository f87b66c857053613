"""What is around a node, and what comes after it."""

from __future__ import annotations

import ast
from typing import Any, List, Optional, Tuple

from ...shapes.source.expressions import Expressions
from ...shapes.source.names import Names, Outside
from ...shapes.source.record import Record
from ...shapes.source.statements import Statements
from ...shapes.source.text import Text
from ...shapes.source.values import Place
from .look import Look
from .written import with_edit

#: Statements after the failing one that are looked at.
_MOST_AFTER = 30


def ancestors(tree: ast.AST, node: ast.AST) -> List[ast.AST]:
    """From the tree to the node's parent; empty where it is not in there."""
    return _down(tree, node, (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))) or []


def _down(tree: ast.AST, node: ast.AST, place: Tuple[int, int]) -> Optional[List[ast.AST]]:
    if tree is node:
        return []
    for child in ast.iter_child_nodes(tree):
        if _contains(child, place):
            found = _down(child, node, place)
            if found is not None:
                return [tree, *found]
    return None


def _contains(node: Any, place: Tuple[int, int]) -> bool:
    if getattr(node, "end_lineno", None) is None:
        return True
    begin = (node.lineno, node.col_offset)
    above = getattr(node, "decorator_list", None) or ()
    begin = min([begin, *((one.lineno, one.col_offset) for one in above)])
    return begin <= place <= (node.end_lineno, node.end_col_offset)


def fails_later(
    source: str, tree: ast.AST, look: Look, node: ast.AST, place: Place, replacement: str
) -> bool:
    """Whether the statement, or one after it, would fail once the replacement is made."""
    above = [*ancestors(tree, node), node]
    number = next((i for i in reversed(range(len(above))) if isinstance(above[i], ast.stmt)), None)
    if not number:
        return False
    statement: Any = above[number]
    written = with_edit(source, statement, place, replacement)
    if written is None:
        return False
    try:
        changed = ast.parse(written).body
    except (SyntaxError, ValueError):
        return True
    rest: List[ast.stmt] = []
    for block in ("body", "orelse", "finalbody"):
        body = getattr(above[number - 1], block, None)
        if isinstance(body, list) and any(one is statement for one in body):
            position = next(i for i, one in enumerate(body) if one is statement)
            rest = body[position + 1 : position + 1 + _MOST_AFTER]
    record = Record(Text(None), {}, False)
    try:
        Statements(Expressions(Names(Outside(look)), record, False)).body([*changed, *rest])
    except RecursionError:
        return False
    return any(one.severity == "error" for one in record.findings)
