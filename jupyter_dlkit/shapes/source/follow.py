"""Source followed over the engine: an expression, a node of a tree, a cell."""

from __future__ import annotations

import ast
from typing import Any, Callable, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ..values import Operand
from .bindings import rebound_elsewhere
from .expressions import Expressions
from .magics import as_python
from .names import Names, Outside
from .parsing import parsed
from .record import Record
from .statements import Statements
from .text import Text
from .values import UNKNOWN, Finding, Followed, Value

Look = Callable[[str], Value]


class FollowedCell(NamedTuple):
    """What was found in a cell.  ``unparsed``: why (the rest of) it could not be followed."""

    findings: Tuple[Finding, ...]
    unparsed: Optional[str] = None


def follow_expression(
    source: str,
    look: Look,
    *,
    free: Optional[Mapping[str, int]] = None,
    grad: Optional[bool] = None,
    usual: bool = True,
) -> Followed:
    """An expression, its operations in the order in which Python does them.

    ``look`` is asked for paths (``x``, ``self.weight``, ``batch['x']``, ``torch``) and answers
    a value, ``UNKNOWN``, or ``ABSENT`` where there is no such name.  ``free``: bytes free on
    devices.  ``grad``: whether gradients are recorded, where that is known.  ``usual``: False
    where torch's default dtype or device may be another than float32 and the CPU.
    """
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Followed(UNKNOWN, unparsed=_unparsed(error))
    return follow_node(node, look, source.strip(), free=free, grad=grad, usual=usual)


def follow_node(
    node: ast.expr,
    look: Look,
    source: Optional[str] = None,
    *,
    free: Optional[Mapping[str, int]] = None,
    grad: Optional[bool] = None,
    usual: bool = True,
) -> Followed:
    """The same for a node; ``source`` is what it was parsed from, for the texts."""
    record = Record(Text(source), free or {}, keep_steps=True)
    follow = Expressions(Names(Outside(look, usual)), record, grad)
    try:
        value = follow.value(node)
        if isinstance(value, Operand) and not follow.names.outside.devices_known:
            value = UNKNOWN
    except RecursionError:
        return Followed(UNKNOWN, unparsed="It is nested too deeply to be followed.")
    return Followed(value, tuple(record.steps), tuple(record.findings))


def follow_cell(
    source: str,
    look: Look,
    *,
    free: Optional[Mapping[str, int]] = None,
    grad: Optional[bool] = None,
    volatile: Iterable[str] = (),
) -> List[Finding]:
    """What would fail in a cell, or broadcast silently; empty where nothing is known to.

    ``volatile``: names that functions of the user's rebind (``global x``).
    """
    return list(follow_whole_cell(source, look, free=free, grad=grad, volatile=volatile).findings)


def follow_whole_cell(
    source: str,
    look: Look,
    *,
    free: Optional[Mapping[str, int]] = None,
    grad: Optional[bool] = None,
    volatile: Iterable[str] = (),
    usual: bool = True,
) -> FollowedCell:
    """The same, with the reason where the cell could not be parsed."""
    cell = as_python(source)
    if cell.unfollowable is not None:
        return FollowedCell((), cell.unfollowable)
    try:
        tree = parsed(cell.python)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return FollowedCell((), _unparsed(error))
    record = Record(Text(cell.python), free or {}, keep_steps=False)
    statements = _over(Outside(look, usual), record, grad, cell.python, tree, volatile)
    statements.forgotten.update(cell.forgotten)
    statements.assigned.update(cell.assigned)
    try:
        statements.body(tree.body)
    except RecursionError:
        return FollowedCell((), "It is nested too deeply to be followed.")
    findings = sorted(record.findings, key=lambda one: (one.place.line, one.place.column))
    rest = "It is very long: only its beginning was followed." if record.spent else None
    return FollowedCell(tuple(findings), rest)


def names_after(
    source: str, look: Look, *, grad: Optional[bool] = None, volatile: Iterable[str] = ()
) -> Mapping[str, Value]:
    """The names that a cell binds, and what they are then known to be."""
    cell = as_python(source)
    tree = parsed(cell.python)
    record = Record(Text(cell.python), {}, keep_steps=False)
    statements = _over(Outside(look), record, grad, cell.python, tree, volatile)
    statements.body(tree.body)
    return dict(statements.names.bound)


def _over(
    outside: Outside,
    record: Record,
    grad: Optional[bool],
    source: str,
    tree: ast.AST,
    volatile: Iterable[str],
) -> Statements:
    outside.volatile.update(volatile)
    if "global" in source or "nonlocal" in source:
        outside.volatile.update(rebound_elsewhere(tree))
    return Statements(Expressions(Names(outside), record, grad))


def _unparsed(error: Any) -> str:
    line = getattr(error, "lineno", None)
    if isinstance(error, SyntaxError) and line:
        return f"Line {line} cannot be parsed: {error.msg}."
    return "It cannot be parsed."
