"""From the instruction at which a frame stopped to the sub-expression that it belongs to."""

from __future__ import annotations

import ast
import dis
import sys
from itertools import islice
from types import CodeType
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple, Type

from .code_text import CodeText
from .frame_names import Step

#: What can fail in torch.
_EXPRESSIONS = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Attribute)
_Kinds = Tuple[Type[ast.AST], ...]

#: Kinds of nodes by the beginning of the instruction's name; the longest first.
_BY_INSTRUCTION: Tuple[Tuple[str, _Kinds], ...] = (
    ("BINARY_SUBSCR", (ast.Subscript,)),
    ("BINARY_SLICE", (ast.Subscript,)),
    ("STORE_SUBSCR", (ast.Assign, ast.AugAssign, ast.AnnAssign)),
    ("STORE_SLICE", (ast.Assign, ast.AugAssign)),
    ("BINARY_OP", (ast.BinOp, ast.AugAssign, ast.Subscript)),
    ("BINARY_", (ast.BinOp,)),
    ("INPLACE_", (ast.AugAssign,)),
    ("UNARY_", (ast.UnaryOp,)),
    ("COMPARE_OP", (ast.Compare,)),
    ("CONTAINS_OP", (ast.Compare,)),
    ("LOAD_ATTR", (ast.Attribute,)),
    ("PRECALL", (ast.Call,)),
    ("CALL", (ast.Call,)),
)


class Located(NamedTuple):
    """``node``: the sub-expression, or the statement of an assignment in place.  None: only
    the line is known, and ``candidates`` are what stands on it, in the order of evaluation."""

    node: Optional[ast.AST]
    candidates: Tuple[ast.AST, ...] = ()


def locate(step: Step, text: CodeText, exact: bool = True) -> Located:
    """Where the frame stopped.  ``exact`` False: as where instructions have no positions."""
    kinds = _kinds(step.frame.f_code, step.instruction)
    if not kinds:
        return Located(None)
    if exact:
        if hasattr(step.frame.f_code, "co_positions"):
            return Located(_by_position(step, text, kinds))
        node = _by_executing(step, text, kinds)
        if node is not None:
            return Located(node)
    return Located(None, tuple(_on_line(step, text, kinds)))


def _kinds(code: CodeType, instruction: int) -> _Kinds:
    """What the instruction can be of; empty for what is no operation, such as ``raise``."""
    words = code.co_code
    # A call of a Python function stands at the last of its inline caches, which are 0.
    while 0 < instruction < len(words) and dis.opname[words[instruction]] == "CACHE":
        instruction -= 2
    if not 0 <= instruction < len(words):
        return ()
    name = dis.opname[words[instruction]]
    for beginning, kinds in _BY_INSTRUCTION:
        if name.startswith(beginning):
            return kinds
    return ()


# By position -----------------------------------------------------------------


def _by_position(step: Step, text: CodeText, kinds: _Kinds) -> Optional[ast.AST]:
    """By the position that Python 3.11 and later give to each instruction."""
    code: Any = step.frame.f_code
    place = next(islice(code.co_positions(), step.instruction // 2, None), None)
    if place is None or None in place:
        return None
    return _at(text.tree, place, kinds)


def _at(tree: ast.AST, place: Any, kinds: _Kinds) -> Optional[ast.AST]:
    line, end_line, column, end_column = place
    begin, end = (line, column), (end_line, end_column)
    for node in _around(tree, begin, end):
        if not isinstance(node, kinds):
            continue
        if _begin(node) == begin and _end(node) == end:
            return node
        # A method call over several lines is told from its method's name on.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func
            started = (name.end_lineno, (name.end_col_offset or 0) - len(name.attr.encode()))
            if _end(node) == end and started == begin:
                return node
        # An assignment to an item is told by its target.
        if any(_begin(one) == begin and _end(one) == end for one in _targets(node)):
            return node
    return None


def _around(tree: ast.AST, begin: Any, end: Any) -> Iterator[ast.AST]:
    """Nodes that contain the place, the outer ones first."""
    for child in ast.iter_child_nodes(tree):
        if not hasattr(child, "end_lineno"):
            yield from _around(child, begin, end)  # arguments, comprehension, withitem
        elif _first(child) <= begin and end <= _end(child):
            yield child
            yield from _around(child, begin, end)


def _targets(node: ast.AST) -> List[ast.AST]:
    if isinstance(node, ast.Assign):
        return [one for target in node.targets for one in ast.walk(target)]
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        return [node.target]
    return []


def _begin(node: Any) -> Tuple[int, int]:
    return node.lineno, node.col_offset


def _first(node: Any) -> Tuple[int, int]:
    """With its decorators, which stand above it."""
    above = getattr(node, "decorator_list", None)
    return min([_begin(node), *map(_begin, above or ())])


def _end(node: Any) -> Tuple[int, int]:
    return node.end_lineno, node.end_col_offset


# By the library `executing` ------------------------------------------------------


def _by_executing(step: Step, text: CodeText, kinds: _Kinds) -> Optional[ast.AST]:
    """By matching the bytecode; IPython has imported it from version 8 on."""
    executing: Any = sys.modules.get("executing")
    if executing is None:
        return None
    try:
        # It wants a traceback or a frame that stands where it failed; both do.
        node = executing.Source.executing(step.frame).node
    except Exception:
        return None
    if node is None or not hasattr(node, "end_lineno"):
        return None
    place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
    return _at(text.tree, place, kinds)


# By line ----------------------------------------------------------------------------


def _on_line(step: Step, text: CodeText, kinds: _Kinds) -> Iterator[ast.AST]:
    """What stands on the line in this code, not in another function; inner ones first."""
    scope = _scope(text.tree, step.frame.f_code)
    if scope is not None:
        yield from _in_scope(scope, step.line, kinds)


_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def _scope(tree: ast.Module, code: CodeType) -> Optional[ast.AST]:
    """The function, or module, that was compiled to ``code``; None where two may have been."""
    if code.co_name == "<module>":
        return tree
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _SCOPES)
        and _scope_name(node) == code.co_name
        and _first(node)[0] == code.co_firstlineno
    ]
    return found[0] if len(found) == 1 else None


def _scope_name(node: ast.AST) -> str:
    names = {
        ast.Lambda: "<lambda>",
        ast.ListComp: "<listcomp>",
        ast.SetComp: "<setcomp>",
        ast.DictComp: "<dictcomp>",
        ast.GeneratorExp: "<genexpr>",
    }
    return names.get(type(node)) or str(getattr(node, "name", ""))


def _in_scope(scope: ast.AST, line: int, kinds: _Kinds) -> Iterator[ast.AST]:
    """Depth first: operands are evaluated before what is done with them."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, _SCOPES) and not _inlined(child):
            continue
        first, last = getattr(child, "lineno", line), getattr(child, "end_lineno", line)
        if first <= line <= last:
            yield from _in_scope(child, line, kinds)
            if isinstance(child, kinds) and first <= line:
                yield child


def _inlined(node: ast.AST) -> bool:
    """Whether it is run in the frame around it (comprehensions, from Python 3.12 on)."""
    return sys.version_info >= (3, 12) and isinstance(
        node, (ast.ListComp, ast.SetComp, ast.DictComp)
    )
