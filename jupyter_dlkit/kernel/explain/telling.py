"""Puts into words what was found out."""

from __future__ import annotations

import ast
from typing import Callable, List, Optional, Tuple

from ...shapes.source.values import Edit, Finding, Items, Size, Unknown
from ...shapes.values import Operand
from .around import fails_later
from .code_text import CodeText
from .evidence import Evidence, contradicts
from .explanation import Explanation, MendOffered, OperandSeen
from .following import Answer, Follower, is_path, operand_nodes
from .frame_names import Step
from .layers import LayerSeen
from .look import Look
from .written import as_written, text_of, with_edit

_KINDS = {
    "device": "device",
    "dtype": "dtype",
    "index": "index",
    "range": "index",
}
#: Problems of other kinds, which torch itself says well.
_NOT_OURS = frozenset({"leaf", "ambiguous_truth", "too_large"})
#: Methods that can fail for many reasons which are not in their operands.
_MANY_REASONS = frozenset(
    """
    backward load_state_dict step fit train compile load save item tolist numpy cuda
    """.split()  # noqa: SIM905
)
#: Functions of Python's that return no tensors.
_NO_TENSORS = frozenset(
    """
    float int len bool str range slice list tuple dict set round
    """.split()  # noqa: SIM905
)
#: More operands are told only where they are concerned.
_MOST_SHOWN = 4


class Telling:
    """Explanations of what failed in one frame of the user's."""

    def __init__(
        self,
        said: Evidence,
        by_index: bool,
        step: Step,
        text: CodeText,
        where: Optional[str],
        execution_count: Optional[int],
        look: Look,
        repeated: Callable[[ast.AST], bool],
    ) -> None:
        """``repeated``: whether a node may have run before in this run, with other operands."""
        self.said = said
        self.by_index = by_index
        self.step = step
        self.text = text
        self.where = where
        self.execution_count = execution_count
        self.look = look
        self.repeated = repeated
        self.follower = Follower(text.source, look)

    def by_rules(
        self,
        node: ast.AST,
        follower: Follower,
        finding: Finding,
        layer: Optional[LayerSeen] = None,
    ) -> Optional[Explanation]:
        """With the engine's verdict."""
        if finding.code in _NOT_OURS:
            return None
        operands = self._operands_of(node, follower, finding, layer)
        kind = _KINDS.get(finding.code, "shape")
        if kind == "shape" and self.by_index:
            kind = "index"
        shapes = [one.shape for one in operands if one.shape is not None]
        if contradicts(self.said, kind, shapes):
            return self.not_known(node, Answer(None, True, False), layer)
        edits = finding.edits if finding.edits and not self.repeated(node) else ()
        mends = [self._mend(node, follower, edit) for edit in edits]
        return self._explanation(
            kind,
            node,
            operands,
            layer,
            problem=finding.message,
            mends=tuple(mend for mend in mends if mend is not None),
        )

    def not_known(
        self,
        node: ast.AST,
        answer: Answer,
        layer: Optional[LayerSeen] = None,
        follower: Optional[Follower] = None,
        call: Optional[ast.Call] = None,
    ) -> Optional[Explanation]:
        """Without a verdict: the place, and what is known of the operands."""
        if self.said.kind is None or _has_many_reasons(node):
            return None
        operands = self._parts(node)
        for argument in call.args if call is not None else ():
            value = follower.value(argument) if follower is not None else None
            name = ast.unparse(argument)
            if isinstance(value, Operand) and all(one.name != name for one in operands):
                operands.append(_seen(name, value, False))
        if not operands:
            return None
        if any(not one.known for one in operands):
            unknown = "Without the shapes of temporaries the reason is not known."
        elif answer.works or answer.elsewhere:
            unknown = "As these operands are now it would work; what they were is not known."
        else:
            unknown = "Why is not known: the checker has no rule for it."
        return self._explanation(
            self.said.kind,
            node,
            operands,
            layer,
            unknown=unknown,
            evidence=self.said.quote,
        )

    def line_only(self) -> Optional[Explanation]:
        """Nothing but the line."""
        if self.said.kind is None:
            return None
        return Explanation(
            self.said.kind,
            self.step.line + self.text.shift,
            None,
            unknown="Which of the operations on this line it was is not known.",
            evidence=self.said.quote,
            where=self.where,
            execution_count=self.execution_count,
        )

    # Operands ------------------------------------------------------------------

    def _operands_of(
        self,
        node: ast.AST,
        follower: Follower,
        finding: Finding,
        layer: Optional[LayerSeen],
    ) -> List[OperandSeen]:
        texts = list(finding.operands)
        if len(texts) > _MOST_SHOWN and finding.verdict is not None and finding.verdict.problems:
            concerned = finding.verdict.problems[0].operands
            texts = [text for number, text in enumerate(texts) if number in concerned] or texts
        found: List[OperandSeen] = []
        for text in texts:
            value = follower.named(text) if text else None
            if isinstance(value, Operand) and all(one.name != text for one in found):
                derived = text not in follower.extra and not _is_path(text)
                found.append(_seen(text, value, derived))
        if layer is not None:
            weight = layer.value.operands.get("weight") if layer.value is not None else None
            name = f"{layer.name}.weight"
            if weight is not None and all(one.name != name for one in found):
                found.append(_seen(name, weight, False))
        elif len(finding.operands) <= _MOST_SHOWN:
            names = {one.name for one in found}
            found += [one for one in self._parts(node) if one.known and one.name not in names]
        return found

    def _parts(self, node: ast.AST) -> List[OperandSeen]:
        """The operands of the user's sub-expression as far as they are known."""
        found: List[OperandSeen] = []
        for part in operand_nodes(node):
            name = text_of(self.text.source, part)
            value = self.follower.value(part)
            if isinstance(value, (Items, Size)):
                items = [one for one in value.items or () if isinstance(one, Operand)]
                found += [_seen(one.name or name, one, False) for one in items[:_MOST_SHOWN]]
            elif isinstance(value, Operand):
                found.append(_seen(name, value, not is_path(part)))
            elif isinstance(value, Unknown) and not is_path(part) and _may_be_tensor(part):
                found.append(OperandSeen(name))
        return found

    # Mends -----------------------------------------------------------------------

    def _mend(self, node: ast.AST, follower: Follower, edit: Edit) -> Optional[MendOffered]:
        if any(name in edit.source for name in follower.extra if not _is_path(name)):
            return None  # it speaks of what has no name
        place, source = edit.place, self.text.source
        expression = with_edit(source, node, place, edit.replacement)
        if expression is None:
            if follower is not self.follower or as_written(source, node) is not None:
                return None
            return MendOffered(edit.message, edit.source)  # inside of a formatted string
        if fails_later(source, self.text.tree, self.look, node, place, edit.replacement):
            return None
        shift = self.text.shift
        return MendOffered(
            edit.message,
            expression,
            (place.line + shift, place.column, place.end_line + shift, place.end_column),
            edit.replacement,
        )

    # All of it -------------------------------------------------------------------

    def _explanation(
        self,
        kind: str,
        node: ast.AST,
        operands: List[OperandSeen],
        layer: Optional[LayerSeen],
        problem: Optional[str] = None,
        mends: Tuple[MendOffered, ...] = (),
        unknown: Optional[str] = None,
        evidence: Optional[str] = None,
    ) -> Explanation:
        return Explanation(
            kind,
            getattr(node, "lineno", self.step.line) + self.text.shift,
            text_of(self.text.source, node),
            tuple(operands),
            problem,
            mends,
            None if layer is None else layer.path,
            None if layer is None else ", ".join(filter(None, [layer.path, layer.text])),
            unknown,
            evidence,
            self.where,
            self.execution_count,
        )


def _seen(name: str, value: Operand, derived: bool) -> OperandSeen:
    return OperandSeen(name, value.shape, value.dtype, value.device, derived)


def _is_path(text: str) -> bool:
    try:
        return is_path(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return False


def _has_many_reasons(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _MANY_REASONS
    )


def _may_be_tensor(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id not in _NO_TENSORS
    return not isinstance(
        node, (ast.Constant, ast.JoinedStr, ast.Lambda, ast.Dict, ast.Set, ast.Starred)
    )
