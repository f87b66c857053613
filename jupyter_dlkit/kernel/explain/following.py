"""The engine's verdict on a sub-expression that failed, with the operands that it has now."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ...shapes.source.expressions import Expressions
from ...shapes.source.names import Names, Outside
from ...shapes.source.record import Record
from ...shapes.source.statements import Statements
from ...shapes.source.text import Text, place_of
from ...shapes.source.values import Finding, Value
from ...shapes.values import Operand

Look = Callable[[str], Value]


class Answer(NamedTuple):
    """``finding``: why it fails, or None.  ``works``: the engine knows that it would run now.
    ``elsewhere``: a part of it would fail, which has worked: something has changed since."""

    finding: Optional[Finding]
    works: bool
    elsewhere: bool


class _Text(Text):
    """The source by places; what was put together from other parts is written anew."""

    def of(self, node: ast.AST) -> str:
        """The source of a node."""
        return super().of(node) if getattr(node, "lineno", 0) else ast.unparse(node)


class Follower:
    """Follows nodes of one source with the names of one frame."""

    def __init__(self, source: Optional[str], look: Look) -> None:
        self._source = source
        self._look = look
        self.extra: Dict[str, Value] = {}

    def _ask(self, path: str) -> Value:
        if path in self.extra:
            return self.extra[path]
        return self._look(path)

    def _expressions(self) -> Expressions:
        names = Names(Outside(self._ask))
        return Expressions(names, Record(_Text(self._source), {}, True), False)

    def value(self, node: ast.expr) -> Value:
        """What a part of the source is known to be now."""
        return self._expressions().value(node)

    def named(self, text: str) -> Value:
        """The same by the text of an operand, or by a name that is no source."""
        if text in self.extra:
            return self.extra[text]
        try:
            return self.value(ast.parse(text, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def answer(self, node: ast.AST) -> Answer:
        """Why the node fails, as far as its operands are known."""
        follow = self._expressions()
        places = {place_of(node)}
        value: Value = None
        if isinstance(node, ast.stmt):
            Statements(follow).one(node)
            places.update(place_of(target) for target in _item_targets(node))
        elif isinstance(node, ast.expr):
            value = follow.value(node)
        errors = [one for one in follow.record.findings if one.severity == "error"]
        here = [one for one in errors if one.place in places]
        if here:
            return Answer(here[0], False, False)
        return Answer(None, isinstance(value, Operand), bool(errors))


def _item_targets(node: ast.stmt) -> List[ast.expr]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [one for one in targets if isinstance(one, ast.Subscript)]


def _loaded(target: Any) -> Any:
    """The target of an assignment as an expression with its places."""
    copied = type(target)(**{name: getattr(target, name) for name in target._fields})
    copied.ctx = ast.Load()
    return ast.copy_location(copied, target)


def operand_nodes(node: ast.AST) -> List[ast.expr]:
    """The parts of a sub-expression that may be tensors, in their order."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign):
        return [_loaded(node.target), node.value]
    if isinstance(node, ast.Assign):
        items = [one for one in node.targets if isinstance(one, ast.Subscript)]
        return [*(part for one in items for part in operand_nodes(one)), node.value]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Attribute):
        return [node.value]
    if isinstance(node, ast.Subscript):
        index: Any = node.slice
        inside = index.elts if isinstance(index, ast.Tuple) else [index]
        return [node.value, *(one for one in inside if not isinstance(one, ast.Slice))]
    if isinstance(node, ast.Call):
        found: List[ast.expr] = []
        if isinstance(node.func, ast.Attribute):
            found.append(node.func.value)
        for argument in [*node.args, *(word.value for word in node.keywords)]:
            if isinstance(argument, (ast.List, ast.Tuple)):
                found.extend(argument.elts)
            else:
                found.append(argument)
        return found
    return []


def is_path(node: ast.AST) -> bool:
    """Names, attributes and constant items only: read, not derived."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript):
            index: Any = node.slice
            if type(index).__name__ == "Index":
                index = index.value
            if not isinstance(index, (ast.Constant, ast.UnaryOp)):
                return False
        node = node.value
    return isinstance(node, ast.Name)
