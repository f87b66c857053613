"""``loss.backward(retain_graph=True)``: the activations stay after the backward."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Dict, Iterator, List, NamedTuple, Optional

from . import cell_code, graphs
from .finding import Finding
from .scene import LEAST, Scene

_WORD = "retain_graph"


def find(scene: Scene) -> Iterator[Finding]:
    """One for each result whose graph was retained, as the cells' text has it."""
    whole = scene.whole
    if whole is None:
        return
    texts = cell_code.cells(whole.roots.history.get("In"))
    if not any(_WORD in text for text in texts):
        return
    for keeper in graphs.keepers(scene):
        if not keeper.group.isidentifier() or keeper.group not in whole.roots.namespace:
            continue
        if not _retained(keeper.group, texts):
            continue
        kept = graphs.freed(scene, keeper)
        if kept.bytes >= LEAST:
            name = keeper.group
            yield Finding(
                "retained_graph",
                name,
                f"{name}.backward(retain_graph=True) left all that its graph had saved:"
                f" {kept.said} until {name} is gone.",
                kept.bytes,
                kept.device,
                f"name:{name}",
                f"Leave retain_graph=True out of the last backward through it: {name}.backward()",
            )


class _Lines(NamedTuple):
    """The last lines of a cell in which names are bound, and in which their backward runs."""

    bound: Dict[str, int]
    backward: Dict[str, int]
    retaining: Dict[str, int]  #: with ``retain_graph=True``


def _retained(name: str, texts: List[str]) -> bool:
    """Whether the cell that bound ``name`` last, or one after it, ran its backward so."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for text in texts:
        lines = _lines(text) if word.search(text) else None
        if lines is None:
            continue
        bound, last = lines.bound.get(name, 0), lines.backward.get(name, 0)
        if last and lines.retaining.get(name) == last:
            return bound <= last
        if bound or last:
            return False
    return False


@lru_cache(maxsize=256)
def _lines(text: str) -> Optional[_Lines]:
    """Numbers only: a tree that is kept would be more for the collector to go through."""
    tree = cell_code.tree(text)
    if tree is None:
        return None
    look = _Look()
    look.visit(tree)
    return look.lines


class _Look(ast.NodeVisitor):
    """Of the cell itself."""

    def __init__(self) -> None:
        self.lines = _Lines({}, {}, {})

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, (ast.Store, ast.Del)):
            _note(self.lines.bound, node.id, node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "backward"
            and isinstance(function.value, ast.Name)
        ):
            name = function.value.id
            _note(self.lines.backward, name, node)
            if any(
                one.arg == _WORD and isinstance(one.value, ast.Constant) and one.value.value is True
                for one in node.keywords
            ):
                _note(self.lines.retaining, name, node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Its names are its own."""

    visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = visit_FunctionDef  # type: ignore[assignment]


def _note(lines: Dict[str, int], name: str, node: ast.expr) -> None:
    lines[name] = max(lines.get(name, 0), node.lineno)
