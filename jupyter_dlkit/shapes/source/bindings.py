"""What statements bind and where they leave, read from the tree alone."""

from __future__ import annotations

import ast
from typing import Iterator, List, Sequence, Set

#: Scopes of their own.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def rebound_elsewhere(tree: ast.AST) -> Set[str]:
    """Names that a function may rebind: ``global`` and ``nonlocal``."""
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    return found


def _own(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those of inner functions and classes."""
    waiting: List[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))


def assigned_in(statements: Sequence[ast.AST]) -> Set[str]:
    """Every name that these may bind or delete."""
    found: Set[str] = set()
    for node in _own(statements):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((one.asname or one.name).partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        else:  # patterns of match
            for field in ("name", "rest"):
                name = getattr(node, field, None)
                if isinstance(name, str) and type(node).__name__.startswith("Match"):
                    found.add(name)
    return found


def leaves(statements: Sequence[ast.stmt]) -> bool:
    """Whether a round may end early."""
    return any(isinstance(node, (ast.Break, ast.Continue, ast.Return)) for node in _own(statements))


def may_leave(node: ast.stmt) -> bool:
    """Whether the statement ends the block on a condition."""
    return isinstance(node, (ast.If, ast.Try, ast.With)) and any(
        isinstance(one, (ast.Break, ast.Continue, ast.Return, ast.Raise)) for one in _own([node])
    )
