"""``loss.backward(retain_graph=True)``: the activations stay after the backward."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Set

from . import graphs
from .finding import Finding
from .scene import LEAST, Scene

_WORD = "retain_graph"

#: Cells that are read, the newest first, and characters of one.
_MOST_CELLS, _LONGEST = 200, 50_000


def find(scene: Scene) -> Iterator[Finding]:
    """One for each result whose graph was retained, as the cells' text has it."""
    whole = scene.whole
    if whole is None:
        return
    texts = _cells(whole.roots.history.get("In"))
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


def _cells(inputs: Any) -> List[str]:
    """Texts of cells, the newest first."""
    if not issubclass(type(inputs), list):
        return []
    last = list.__getitem__(inputs, slice(-_MOST_CELLS, None))
    return [text for text in last[::-1] if type(text) is str and len(text) <= _LONGEST]


def _retained(name: str, texts: List[str]) -> bool:
    """Whether the cell that bound ``name`` last, or one after it, ran its backward so."""
    for text in texts:
        if name not in text:
            continue
        tree = _tree(text)
        if tree is None:
            continue
        look = _Look(name)
        look.visit(tree)
        last = max(look.backward, default=0)
        if last and look.retaining and max(look.retaining) == last:
            return not any(line > last for line in look.bound)
        if look.bound or last:
            return False
    return False


def _tree(text: str) -> Any:
    lines = [
        "" if line.lstrip().startswith(("%", "!", "?")) else line for line in text.splitlines()
    ]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Look(ast.NodeVisitor):
    """Lines in which a name is bound, and in which its backward runs, in the cell itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bound: Set[int] = set()
        self.backward: Set[int] = set()
        self.retaining: Set[int] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == self.name and isinstance(node.ctx, (ast.Store, ast.Del)):
            self.bound.add(node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "backward"
            and isinstance(function.value, ast.Name)
            and function.value.id == self.name
        ):
            self.backward.add(node.lineno)
            if any(
                one.arg == _WORD and isinstance(one.value, ast.Constant) and one.value.value is True
                for one in node.keywords
            ):
                self.retaining.add(node.lineno)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Its names are its own."""

    visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = visit_FunctionDef  # type: ignore[assignment]
