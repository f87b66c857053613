"""Whether shapes fit, in sentences: the verdict, what is wrong, and what would work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import aligned, plain, sizes
from .aligned import Picture

if TYPE_CHECKING:
    from ..api.checking import Checked
    from ..shapes import Dimension, Problem, Result, Trap
    from ..shapes.source import Step

#: What stands before a verdict.
SIGNS = {"good": "✓", "trap": "!", "clash": "✕"}

#: Mends that are shown; the best come first.
MOST_MENDS = 3


class Part(NamedTuple):
    """One operation.  ``tone``: good, trap or clash.  ``outcome``: what it returns.  ``traps``:
    sentences, and whether they are worth a warning.  ``mends``: code, and what it gives."""

    source: str
    tone: str
    outcome: str
    picture: Picture | None
    problems: tuple[str, ...]
    traps: tuple[tuple[str, bool], ...]
    mends: tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """``source`` and ``verdict`` read as one sentence: ``x + y`` ``works: it returns (3, 3) float32
    on cpu, 36 B.``  ``problems``: those of no part."""

    source: str
    tone: str
    verdict: str
    parts: tuple[Part, ...]
    problems: tuple[str, ...]


def answer(checked: Checked) -> Answer:
    """What is to be shown of a check."""
    if checked.steps:
        parts = tuple(_step(step, checked) for step in checked.steps)
        source = plain.name(checked.operation)
    else:
        source = plain.name(checked.operation)
        if checked.operands:
            source = aligned.call(checked.operation, checked.operands)
        mends = [(one.expression, one.result_shape) for one in checked.mends]
        parts = (
            _part(
                source, checked.ok, checked.operands, checked.dimensions, checked.problems,
                checked.warnings, checked.result, checked.undetermined, mends,
            ),
        )  # fmt: skip
    said = {text for part in parts for text in part.problems}
    problems = [_sentence(one) for one in checked.problems]
    tone = _tone(checked.ok, checked.warnings)
    return Answer(
        source,
        tone,
        _verdict(tone, checked),
        parts,
        tuple(text for text in problems if text not in said),
    )


_VERDICTS = {"good": "works", "trap": "runs, but look", "clash": "would fail"}


def _verdict(tone: str, checked: Checked) -> str:
    outcome = _outcome(checked.result, checked.undetermined) if checked.ok else ""
    if checked.result is None or not outcome:
        return f"{_VERDICTS[tone]}. {outcome}".rstrip()
    return f"{_VERDICTS[tone]}: it returns {outcome}."


def _step(step: Step, checked: Checked) -> Part:
    verdict = step.verdict
    edits: list[tuple[str, tuple[int, ...] | None]] = [
        (edit.source, None)
        for finding in checked.findings
        if finding.place == step.place
        for edit in finding.edits
    ]
    if not edits:
        edits = [(one.expression, one.result_shape) for one in verdict.mends]
    return _part(
        plain.name(step.source), verdict.ok, step.values, verdict.dimensions, verdict.problems,
        verdict.warnings, verdict.result, verdict.undetermined, edits,
    )  # fmt: skip


def _part(
    source: str,
    ok: bool,
    operands: Sequence[object],
    dimensions: Sequence[Dimension],
    problems: Sequence[Problem],
    warnings: Sequence[Trap],
    result: Result | None,
    undetermined: str | None,
    mends: Sequence[tuple[str, tuple[int, ...] | None]],
) -> Part:
    return Part(
        source,
        _tone(ok, warnings),
        _outcome(result, undetermined) if ok else "",
        aligned.picture(operands, dimensions, problems, result, source),
        tuple(map(_sentence, problems)),
        tuple((_sentence(one), one.severity != "note") for one in warnings),
        tuple((plain.name(code), _gives(gives, result)) for code, gives in mends[:MOST_MENDS]),
    )


def _sentence(said: Problem | Trap) -> str:
    """What has no name is "the input" there, also where a sentence begins with it."""
    message = plain.sentence(said.message)
    return f"T{message[1:]}" if message.startswith("the ") else message


def _gives(shape: tuple[int, ...] | None, result: Result | None) -> str:
    """Told where it is known, and is not what comes out anyway."""
    if shape is None or (result is not None and shape == result.shape):
        return ""
    return sizes.shape(shape)


def _tone(ok: bool, warnings: Sequence[Trap]) -> str:
    """A note is often what was meant, and no reason to look."""
    if not ok:
        return "clash"
    return "trap" if any(one.severity != "note" for one in warnings) else "good"


def _outcome(result: Result | None, undetermined: str | None) -> str:
    if result is None:
        return plain.sentence(undetermined or "")
    device = plain.name(result.device, 40)
    return f"{sizes.shape(result.shape)} {result.dtype} on {device}, {sizes.size(result.bytes)}"


#: What the signs of a picture say, in the order in which they are explained.
_KEY = {
    "stretch": "↔ a 1 that is stretched",
    "missing": "· missing, counts as a 1",
    "clash": "✕ does not match",
}


def key(picture: Picture) -> list[str]:
    """What the signs that are there mean."""
    used = {cell.part for row in picture.rows for cell in row.cells if cell is not None}
    return [text for part, text in _KEY.items() if part in used]
