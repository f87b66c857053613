"""The smallest edits after which an operation runs; each is verified before it is offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import edits, rewrites
from .broadcasting import broadcasts
from .call import shape_text
from .edits import Edit
from .errors import CannotCheck
from .judging import Judged, Question, judge
from .layout import elements
from .values import Mend, Operand, Shape

#: As many are offered.
MOST = 5
#: As many operands are tried, and candidates in all.
_MOST_OPERANDS = 3
_MOST_TRIED = 160
#: Edits that leave something else wrong, which a second edit is tried for.
_MOST_HALVES = 6
_SECOND_CODES = frozenset(("dtype", "device", "shape"))

_SHAPE_CODES = frozenset(
    (
        *("shape", "rank", "inner", "features", "batch", "target", "channels", "mask"),
        *("kernel", "sequence", "heads", "groups", "in_place"),
    )
)

_MESSAGES = {
    "squeeze": "Take away a dimension of size 1",
    "unsqueeze": "Add a dimension of size 1",
    "transpose": "Exchange two dimensions",
    "permute": "Put the dimensions in the order that is expected",
    "flatten": "Flatten",
    "reshape": "Give it the other's shape",
    "device": "Move it to the other's device",
    "dtype": "Convert it",
    "argmax": "Make class numbers of one-hot rows",
    "from_zero": "Count classes from 0",
    "contiguous": "Copy it so that it lies in memory in order",
}


class _Tried(NamedTuple):
    cost: int
    mend: Mend


def mends(question: Question, judged: Judged) -> Tuple[Mend, ...]:
    """For a call that fails: what makes it run, smallest first."""
    found: List[_Tried] = []
    halves: List[Tuple[int, Edit, Judged]] = []
    code = judged.call.problems[0].code
    columns, tensors = judged.call.dimensions, judged.call.tensors
    quick = code in _SHAPE_CODES and bool(columns) and len(columns[0].sizes) == len(tensors)
    in_index = question.operation in ("getitem", "setitem")
    for index, edit in () if in_index else _candidates(question, judged):
        if quick and not broadcasts(
            [edit.operand.shape if i == index else one.shape for i, one in tensors]
        ):
            continue
        after = _again(question.with_operand(index, edit.operand))
        if after is None:
            continue
        if not after.ok:
            if after.call.problems[0].code in _SECOND_CODES - {code}:
                halves.append((index, edit, after))
        elif not grows(after) and not _traps(after) and not _piled(question, judged, after):
            found.append(_offer(index, edit, after, _less_likely(question, judged, index)))
    if not found:
        found.extend(_two_steps(question, halves[:_MOST_HALVES]))
    for rewrite in rewrites.rewrites(question, judged):
        found.append(_Tried(rewrite.cost, rewrite.mend))
    return _ranked(found)


def trap_mends(question: Question, judged: Judged) -> Dict[str, Tuple[Mend, ...]]:
    """For a call that runs into a trap: what avoids it, by the trap's code."""
    found: Dict[str, Tuple[Mend, ...]] = {}
    for trap in judged.call.traps:
        tried: List[_Tried] = []
        doubles = trap.code == "doubles"
        for index in trap.operands[: 1 if doubles else _MOST_OPERANDS]:
            for edit in _edits(question, index, "doubles" if doubles else "shape"):
                after = _again(question.with_operand(index, edit.operand))
                if after is None or not after.ok or _traps(after) & {trap.code, "outer_product"}:
                    continue
                if doubles or _meets(after):
                    tried.append(_offer(index, edit, after, 0))
        found[trap.code] = _ranked(tried)
    return found


def _less_likely(question: Question, judged: Judged, index: int) -> int:
    """How much less likely it is that the fault is in this operand than in the other."""
    code = judged.call.problems[0].code
    if index == 0 and code == "inner":
        return 1  # Data are on the left, a weight on the right.
    if index == 0 and code == "target" and question.operation in ("cross_entropy", "nll_loss"):
        return 2
    return 0


def _piled(question: Question, before: Judged, after: Judged) -> bool:
    """Whether a matrix product runs only as many small ones: not what was meant."""
    if before.call.problems[0].code != "inner" or not after.results:
        return False
    ranks = [len(one.shape) for one in question.bound.operands if isinstance(one, Operand)]
    return len(after.results[0].shape) > max(ranks)


def _traps(judged: Judged) -> Set[str]:
    return {trap.code for trap in judged.call.traps}


def _meets(judged: Judged) -> bool:
    """Whether the first two tensors now have one shape."""
    shapes = [one.shape for _, one in judged.call.tensors[:2]]
    return len(set(shapes)) == 1


def _ranked(found: Sequence[_Tried]) -> Tuple[Mend, ...]:
    ordered = sorted(found, key=lambda one: one.cost)
    kept: Dict[str, Mend] = {}
    for one in ordered:
        kept.setdefault(one.mend.expression, one.mend)
    return tuple(kept.values())[:MOST]


def _offer(index: int, edit: Edit, after: Judged, extra: int) -> _Tried:
    results = after.results
    shape = results[0].shape if results else None
    source = edit.source
    text = "" if not shape else f" The result is {shape_text(shape)}."
    message = f"{_MESSAGES[edit.code]}: {source}.{text}"
    return _Tried(edit.cost + extra, Mend(edit.code, message, source, shape, index, source))


def _again(question: Question) -> Optional[Judged]:
    try:
        return judge(question)
    except CannotCheck:
        return None


def grows(judged: Judged) -> bool:
    """Whether operands that broadcast became larger than each of them."""
    if not judged.call.dimensions or not judged.results:
        return False
    largest = max(elements(one.shape) for _, one in judged.call.tensors)
    aligned: Shape = tuple(
        max((size for size in column.sizes if size is not None), default=1)
        for column in judged.call.dimensions
    )
    return elements(aligned) > largest


def _candidates(question: Question, judged: Judged) -> Iterator[Tuple[int, Edit]]:
    tried = 0
    problem = judged.call.problems[0]
    concerned = list(problem.operands) or [index for index, _ in judged.call.tensors]
    for index in concerned[:_MOST_OPERANDS]:
        for edit in _edits(question, index, problem.code):
            tried += 1
            if tried > _MOST_TRIED:
                return
            yield index, edit


def _edits(question: Question, index: int, code: str) -> Iterator[Edit]:
    x = question.bound.operands[index]
    if not isinstance(x, Operand):
        return
    name = source_of(question, index)
    others = tuple(
        (source_of(question, place), one)
        for place, one in enumerate(question.bound.operands[:8])
        if place != index and isinstance(one, Operand)
    )
    if code == "device":
        yield from edits.of_device(name, x, others)
    elif code in ("dtype", "doubles"):
        yield from edits.of_dtype(name, x, others, code == "dtype")
        if code == "dtype" and index == 1 and question.operation == "cross_entropy":
            yield from edits.of_classes(name, x)
    elif code == "strides":
        yield from edits.of_layout(name, x)
    elif code in ("range", "target") and question.operation in ("cross_entropy", "nll_loss"):
        yield from edits.of_classes(name, x)
    if code in _SHAPE_CODES:
        yield from edits.of_shape(name, x, others)
    deficit = max((len(one.shape) for _, one in others), default=0) - len(x.shape)
    if code in ("mask", "rank", "shape") and deficit > 1:
        yield from edits.twice_unsqueezed(name, x)


def _two_steps(question: Question, halves: Sequence[Tuple[int, Edit, Judged]]) -> Iterator[_Tried]:
    """One operand with two things wrong: its device and its dtype, or its shape."""
    for index, edit, half in halves:
        second = half.call.problems[0]
        if index not in second.operands:
            continue
        between = question.with_operand(index, replace(edit.operand, name=edit.source))
        for more in _edits(between, index, second.code):
            after = _again(between.with_operand(index, more.operand))
            if after is not None and after.ok and not grows(after) and not _traps(after):
                yield _offer(index, more, after, edit.cost)


def source_of(question: Question, index: int) -> str:
    """How code writes an operand: the user's name, else the parameter's."""
    operand = question.bound.operands[index]
    if operand is not None and operand.name:
        return str(operand.name)
    parameter = question.bound.names[index]
    return f"tensors[{index}]" if parameter.startswith("tensor ") else parameter
