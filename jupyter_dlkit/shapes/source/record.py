"""What is found on the way, in the user's words."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..checking import bind, check
from ..errors import CannotCheck
from ..values import Mend, Operand, Scalar, Verdict
from .text import Text, place_of
from .values import Edit, Finding, Step

#: An argument as it was written, and its value as the engine takes it.
Argument = Tuple[ast.expr, Any]

#: Operations that are asked of the engine for one source; then nothing more is known.
MOST_CHECKS = 3000

#: Expressions that are visited for one source, loops and comprehensions included.
MOST_VISITS = 20_000

#: Findings that are kept.
MOST_FINDINGS = 100


class Record:
    """Asks the engine, and keeps its findings and steps."""

    def __init__(self, text: Text, free: Mapping[str, int], keep_steps: bool) -> None:
        self.text = text
        self.free = free
        self.findings: List[Finding] = []
        self.steps: List[Step] = []
        self._keep_steps = keep_steps
        self._checks = 0
        self.visits = 0
        self._seen: set[Tuple[Any, ...]] = set()
        self._verdicts: Dict[Any, Optional[Verdict]] = {}
        self.devices_known = True
        #: More than 0: what is followed here may not run, or may be meant to fail.
        self.quiet = 0

    def ask(
        self,
        node: ast.AST,
        operation: str,
        positional: Sequence[Argument],
        keywords: Mapping[str, Argument],
        grad: bool,
    ) -> Optional[Verdict]:
        """The verdict, or None where there is none; what it finds is kept."""
        values = [value for _, value in positional]
        named = {name: value for name, (_, value) in keywords.items()}
        key = (operation, repr(values), repr(named), grad)
        if key in self._verdicts:
            verdict = self._verdicts[key]
        else:
            self._checks += 1
            if self._checks > MOST_CHECKS:
                return None
            verdict = self._verdicts[key] = _checked(operation, values, named, self.free, grad)
        if verdict is None or self.quiet or len(self.findings) >= MOST_FINDINGS:
            return verdict
        if self._keep_steps or verdict.problems or verdict.warnings:
            self._say(node, operation, positional, keywords, grad)
        return verdict

    @property
    def spent(self) -> bool:
        """Whether nothing more is followed: it was too much."""
        return self.visits > MOST_VISITS or self._checks > MOST_CHECKS

    def _say(
        self,
        node: ast.AST,
        operation: str,
        positional: Sequence[Argument],
        keywords: Mapping[str, Argument],
        grad: bool,
    ) -> None:
        """The same again, with the operands called as the user calls them."""
        nodes: Dict[int, ast.expr] = {}
        # A number is an operand with a name only beside a sign: x + n, not x.view(n).
        sign = not isinstance(node, ast.Call)
        values = [self._named(one, value, nodes, sign) for one, value in positional]
        named = {
            name: self._named(one, value, nodes, False) for name, (one, value) in keywords.items()
        }
        try:
            operands, arguments = bind(operation, values, named)
            verdict = check(operation, operands, arguments, self.free, grad=grad)
        except CannotCheck:
            return
        places = [nodes.get(id(operand)) for operand in operands]
        texts = tuple(
            ""
            if one is None
            else one.name or ""
            if isinstance(one, (Operand, Scalar))
            else str(one)
            for one in operands
        )
        if self._keep_steps:
            self.steps.append(
                Step(self.text.of(node), place_of(node), texts, verdict, tuple(operands))
            )
        certain = [p for p in verdict.problems if self.devices_known or p.code != "device"]
        if certain:
            problem = certain[0]
            self.find(
                node, problem.code, "error", problem.message, texts, verdict,
                self._edits(node, verdict, places),
            )  # fmt: skip
        for trap in verdict.warnings:
            if trap.severity == "warning" and not _on_purpose(positional, keywords):
                self.find(
                    node, trap.code, "warning", trap.message, texts, verdict,
                    self._edits(node, verdict, places),
                )  # fmt: skip

    def find(
        self,
        node: ast.AST,
        code: str,
        severity: str,
        message: str,
        operands: Tuple[str, ...] = (),
        verdict: Optional[Verdict] = None,
        edits: Tuple[Edit, ...] = (),
    ) -> None:
        """Keeps a finding, once, unless what is followed may not run."""
        if self.quiet:
            return
        place = place_of(node)
        if (place, code, message) in self._seen or len(self.findings) >= MOST_FINDINGS:
            return
        self._seen.add((place, code, message))
        self.findings.append(
            Finding(place, code, severity, message, self.text.of(node), operands, verdict, edits)
        )

    def _named(self, node: ast.expr, value: Any, nodes: Dict[int, ast.expr], numbers: bool) -> Any:
        number = type(value) in (int, float, bool, complex)
        if number and numbers and not isinstance(node, ast.Constant):
            value = Scalar(value)
        if isinstance(value, Operand) or (numbers and isinstance(value, Scalar)):
            named = replace(value, name=self.text.of(node))
            nodes[id(named)] = node
            return named
        if isinstance(value, list) and isinstance(node, (ast.List, ast.Tuple)):
            if len(value) == len(node.elts):
                return [
                    self._named(one, item, nodes, False) if isinstance(item, Operand) else item
                    for one, item in zip(node.elts, value)
                ]
        elif isinstance(value, list):
            whole = self.text.of(node)
            return [
                replace(item, name=f"{whole}[{number}]") if isinstance(item, Operand) else item
                for number, item in enumerate(value)
            ]
        return value

    def _edits(
        self, node: ast.AST, verdict: Verdict, places: Sequence[Optional[ast.expr]]
    ) -> Tuple[Edit, ...]:
        edits: List[Edit] = []
        for mend in verdict.mends:
            part: Optional[ast.AST] = None
            if mend.operand is not None and mend.replacement is not None:
                part = places[mend.operand] if mend.operand < len(places) else None
                if part is None or part is getattr(node, "target", None):
                    continue  # x.float() += 1 is no Python
                if hasattr(part, "lineno"):
                    edits.append(self.text.edited(mend.message, node, part, mend.replacement))
            elif mend.code in ("open_size", "operation") and isinstance(node, ast.Call):
                edits.append(self.text.edited(mend.message, node, node, mend.expression))
            elif mend.code == "dim" and isinstance(node, ast.Call):
                edits.extend(self._dim(mend, node))
            elif mend.code == "out_of_place" and isinstance(node, ast.AugAssign):
                edits.append(self.text.edited(mend.message, node, node, mend.expression))
        return tuple(edits)

    def _dim(self, mend: Mend, node: ast.Call) -> Tuple[Edit, ...]:
        """``dim=1`` where the call says another one, or none."""
        for word in node.keywords:
            if word.arg in ("dim", "axis"):
                number = mend.expression.partition("=")[2]
                return (self.text.edited(mend.message, node, word.value, number),)
        if len(node.args) == 1 and not node.keywords:
            last = self.text.of(node.args[0])
            written = f"{last}, {mend.expression}"
            return (self.text.edited(mend.message, node, node.args[0], written),)
        return ()


def _checked(
    operation: str,
    values: Sequence[Any],
    named: Mapping[str, Any],
    free: Mapping[str, int],
    grad: bool,
) -> Optional[Verdict]:
    try:
        operands, arguments = bind(operation, values, named)
        return check(operation, operands, arguments, free, grad=grad)
    except CannotCheck:
        return None


def _on_purpose(positional: Sequence[Argument], keywords: Mapping[str, Argument]) -> bool:
    """Whether a dimension of size 1 was written right there: ``x[:, None] - y``."""
    return any(_makes_a_one(node) for node, _ in (*positional, *keywords.values()))


def _makes_a_one(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        index = node.slice
        items = index.elts if isinstance(index, ast.Tuple) else [index]
        return any(isinstance(item, ast.Constant) and item.value is None for item in items)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return name in ("unsqueeze", "view", "reshape", "expand") or any(
            word.arg == "keepdim" for word in node.keywords
        )
    return False
