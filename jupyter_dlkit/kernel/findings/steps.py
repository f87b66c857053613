"""Whether code ends with the step of an optimizer: after every backward, on every way through it.

What cannot be told is answered by no: a condition, an interruption, several optimizers.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Callable, Collection, Dict, List, Sequence, Set, Tuple

from . import cell_code

#: What an optimizer's gradients are at a point of the code, the worst last; ``_NOWHERE``: after
#: a ``return``.
_NOWHERE, _NONE, _USED, _WAITING = range(4)

#: Names that are an optimizer's though no variable is called so: a function's argument.
_OPTIMIZER = re.compile("opt", re.IGNORECASE)

#: Under which a step is not always one.
_SOMETIMES = ("accumulate", "no_sync")


def are_used(texts: Sequence[str], cells: Sequence[str], optimizers: Collection[str]) -> bool:
    """Whether all gradients are used when the cells ``texts`` have run, one after the other.

    ``cells``: where the notebook's functions are defined, the newest first.  ``optimizers``:
    variables.
    """
    reader = _Reader(cells, optimizers)
    state = _WAITING
    for text in texts:
        tree = cell_code.tree(text)
        if tree is None:
            return False
        state = reader.block(tree.body, state)
    return state == _USED and len(reader.stepped) == 1 and not reader.unsure


class _Reader:
    """Follows statements; loops run once at least."""

    def __init__(self, cells: Sequence[str], optimizers: Collection[str]) -> None:
        self.stepped: Set[str] = set()
        self.unsure = False
        self._cells = cells
        self._optimizers = optimizers
        self._functions: Dict[str, Any] = {}
        self._called: Dict[Tuple[str, int], Tuple[int, int]] = {}  # state before → after, worst
        self._left: List[int] = []  #: states at ``break`` and ``continue``
        self._returned: List[int] = []
        self._worst = _NOWHERE  #: of all states since a ``try`` began

    # Statements ------------------------------------------------------------------------

    def block(self, statements: Sequence[Any], state: int) -> int:
        """The state after statements."""
        for one in statements:
            follow: Callable[[Any, int], int] = getattr(
                self, f"_{type(one).__name__}", self._expressions
            )
            state = follow(one, state)
            self._worst = max(self._worst, state)
        return state

    def _FunctionDef(self, node: Any, state: int) -> int:
        self._functions[node.name] = node
        self._called.clear()
        return state

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: Any, state: int) -> int:
        return state

    def _If(self, node: Any, state: int) -> int:
        state = self._expressions(node.test, state)
        return max(self.block(node.body, state), self.block(node.orelse, state))

    def _For(self, node: Any, state: int) -> int:
        state = self._expressions(getattr(node, "iter", None) or node.test, state)
        outer, self._left = self._left, []
        for _ in range(2):
            state = max([self.block(node.body, state), *self._left])
        self._left = outer
        return self.block(node.orelse, state)

    _AsyncFor = _While = _For

    def _With(self, node: Any, state: int) -> int:
        for item in node.items:
            state = self._expressions(item.context_expr, state)
        return self.block(node.body, state)

    _AsyncWith = _With

    def _Try(self, node: Any, state: int) -> int:
        outer, self._worst = self._worst, state
        state = self.block(node.body, state)
        anywhere = self._worst
        state = self.block(node.orelse, state)
        handled = [self.block(handler.body, anywhere) for handler in node.handlers]
        self._worst = max(outer, self._worst)
        return self.block(node.finalbody, max([state, *handled]))

    _TryStar = _Try

    def _Match(self, node: Any, state: int) -> int:
        state = self._expressions(node.subject, state)
        return max([state, *(self.block(case.body, state) for case in node.cases)])

    def _Break(self, node: Any, state: int) -> int:
        self._left.append(state)
        return _NOWHERE

    _Continue = _Break

    def _Return(self, node: Any, state: int) -> int:
        self._returned.append(self._expressions(node, state))
        return _NOWHERE

    def _Raise(self, node: Any, state: int) -> int:
        return _NOWHERE

    # Expressions -----------------------------------------------------------------------

    def _expressions(self, node: Any, state: int) -> int:
        """In the order in which they run: what is called comes after its arguments."""
        if isinstance(node, ast.Lambda):
            return state
        sometimes = isinstance(node, (ast.IfExp, ast.BoolOp))
        for inner in ast.iter_child_nodes(node):
            after = self._expressions(inner, state)
            state = max(state, after) if sometimes else after
        if not isinstance(node, ast.Call) or state == _NOWHERE:
            return state
        function = node.func
        if isinstance(function, ast.Name):
            return self._call(function.id, state)
        if not isinstance(function, ast.Attribute):
            return state
        if function.attr.endswith("backward"):
            return _WAITING
        if function.attr == "zero_grad":
            return _NONE
        if function.attr in _SOMETIMES:
            self.unsure = True
        if function.attr == "step":
            return self._step([function.value, *node.args], state)
        return state

    def _step(self, candidates: Sequence[Any], state: int) -> int:
        """``optimizer.step()``, ``scaler.step(optimizer)``; not a schedule's, or a game's."""
        for one in candidates:
            name = one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", None)
            if name in self._optimizers or (name and _OPTIMIZER.search(name)):
                self.stepped.add(ast.unparse(one))
                return _USED
        return state

    def _call(self, name: str, state: int) -> int:
        """Of a function of the notebook's; another one is taken to do nothing to gradients."""
        if name not in self._functions:
            self._functions[name] = self._defined(name)
        function = self._functions[name]
        if function is None:
            return state
        known = self._called.get((name, state))
        if known is None:
            self._called[name, state] = state, state  # should it call itself
            known = self._called[name, state] = self._run(function.body, state)
        self._worst = max(self._worst, known[1])
        return known[0]

    def _run(self, body: Sequence[Any], state: int) -> Tuple[int, int]:
        outer = self._left, self._returned, self._worst
        self._left, self._returned, self._worst = [], [], state
        after = max([self.block(body, state), *self._returned]), self._worst
        self._left, self._returned, self._worst = outer
        return after

    def _defined(self, name: str) -> Any:
        line = re.compile(rf"^(?:async\s+)?def\s+{re.escape(name)}\b", re.MULTILINE)
        for text in self._cells:
            tree = cell_code.tree(text) if line.search(text) else None
            for one in tree.body if tree is not None else ():
                if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.name == name:
                    return one
        return None
