"""Whether a line has run before, in the same run, with other operands.

Then a mend for the present operands could break what has worked, and none is offered.
"""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Sequence

from .. import kinds as k
from .around import ancestors
from .code_text import Sources, Whose
from .frame_names import Step, local_names
from .look import Look
from .positions import locate
from .seen import Seer

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def may_have_run(
    seer: Seer, sources: Sources, whose: Whose, trace: Sequence[Step], failing: ast.AST
) -> bool:
    """Whether the failing line, the last of the user's, may have run before in this run."""
    users = [step for step in trace if whose.is_user(step.filename)]
    called: Optional[Step] = None
    for step in reversed(users):
        text = sources.of(step.filename)
        if text is None:
            return called is None  # a frame that started it all: no cell of the user's
        node: Optional[ast.AST] = failing if called is None else locate(step, text).node
        if node is None:
            return True
        look = Look(seer, local_names(step.frame), step.frame.f_globals)
        if called is not None and not _calls(seer, look, node, called):
            return True
        around = _around(text.tree, node)
        if any(_has_gone_round(look, loop, node) for loop in around):
            return True
        if step.frame.f_code.co_name == "<module>":
            return False
        called = step
    return False


def _calls(seer: Seer, look: Look, node: ast.AST, called: Step) -> bool:
    """Whether the node calls that code, once: not ``map(f, xs)``."""
    code = called.frame.f_code
    if code.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
        return True  # whether it has gone round was asked there
    if not isinstance(node, ast.Call):
        return False
    found = look.found(node.func)
    if not found:
        return isinstance(node.func, ast.Lambda) or _is_method(node, code.co_name)
    function: Any = found[0]
    if seer.kinds.one(function) == k.MODULE:
        return True
    function = getattr(function, "__wrapped__", function) if _is_function(function) else function
    return _is_function(function) and function.__code__ is code


def _is_function(thing: Any) -> bool:
    return type(thing).__name__ == "function"


def _is_method(node: ast.Call, name: str) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == name


def _around(tree: ast.AST, node: ast.AST) -> List[ast.AST]:
    """Loops around the node in its own function."""
    found: List[ast.AST] = []
    for one in ancestors(tree, node):
        if isinstance(one, _FUNCTIONS):
            found = []
        elif isinstance(one, (*_LOOPS, *_COMPREHENSIONS)):
            found.append(one)
    return found


def _has(tree: ast.AST, node: ast.AST) -> bool:
    return any(one is node for one in ast.walk(tree))


def _has_gone_round(look: Look, loop: Any, node: ast.AST) -> bool:
    """Whether it may be in its second round or later."""
    if isinstance(loop, _COMPREHENSIONS):
        if _has(loop.generators[0].iter, node):
            return False
        return not all(_in_first_round(look, one.target, one.iter) for one in loop.generators)
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        if _has(loop.iter, node) or any(_has(one, node) for one in loop.orelse):
            return False
        if _in_first_round(look, loop.target, loop.iter):
            return False
    return not _has_not_finished_a_round(look, loop, node)


def _in_first_round(look: Look, target: ast.AST, over: ast.expr) -> bool:
    """Whether the loop's variable is the first item of a list that is known."""
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and not over.keywords:
        name = over.func.id
        parts = target.elts if isinstance(target, ast.Tuple) else []
        if name == "zip" and len(parts) == len(over.args):
            return all(_in_first_round(look, t, o) for t, o in zip(parts, over.args))
        if name == "enumerate" and len(parts) == 2 and len(over.args) == 1:
            return _in_first_round(look, parts[1], over.args[0])
        if name == "range" and isinstance(target, ast.Name):
            return look.found(target) == (0,) and len(over.args) == 1
        return False
    found = look.found(over)
    if not found or type(found[0]) not in (list, tuple) or not found[0]:
        return False
    return _is(look, target, found[0])


def _is(look: Look, target: ast.AST, items: Any) -> bool:
    """Whether the variable has the first item, and no later one is the same object."""
    first = items[0]
    if isinstance(target, ast.Tuple) and type(first) in (tuple, list):
        return len(target.elts) == len(first) and all(
            _same(look, part, item) for part, item in zip(target.elts, first)
        )
    return _same(look, target, first)


def _same(look: Look, target: ast.AST, item: Any) -> bool:
    found = look.found(target)
    return bool(found) and found[0] is item


def _has_not_finished_a_round(look: Look, loop: Any, node: ast.AST) -> bool:
    """Whether a name that every round binds, at the failing statement or after it, is not there."""
    reached = False
    bound: Dict[str, None] = {}
    for statement in loop.body:
        reached = reached or _has(statement, node)
        if reached and isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                for one in ast.walk(target):
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                        bound[one.id] = None
    return any(not look.found(ast.Name(name, ast.Load())) for name in bound)
