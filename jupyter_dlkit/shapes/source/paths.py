"""Which paths a source would ask the live namespace for."""

from __future__ import annotations

import ast
from typing import Dict, List

from .following import constant_key
from .magics import as_python
from .parsing import parsed

#: More are not asked for.
MOST_PATHS = 2000


def paths_in(source: str) -> List[str]:
    """Names, and attributes and constant items below them, shorter ones first.

    Functions' bodies are not followed, but asked for all the same.  Raises SyntaxError.
    """
    cell = as_python(source)
    if cell.unfollowable is not None:
        return []
    found: Dict[str, None] = {}
    for node in ast.walk(parsed(cell.python.strip("\n") or "pass")):
        path = _path(node)
        if path is not None and path not in found and len(found) < MOST_PATHS:
            found[path] = None
    return list(found)


def _path(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _path(node.value)
        return None if owner is None else f"{owner}.{node.attr}"
    if isinstance(node, ast.Subscript):
        key = constant_key(node.slice)
        owner = None if key is None else _path(node.value)
        return None if owner is None else f"{owner}[{key}]"
    return None
