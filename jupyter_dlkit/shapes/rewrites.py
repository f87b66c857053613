"""Edits that are not to one operand: another argument, another operation, another layer."""

from __future__ import annotations

from typing import Any, Iterator, List, NamedTuple, Optional

from . import edits
from .call import shape_text
from .errors import CannotCheck
from .judging import Judged, Question, judge
from .names import as_atom
from .registry import rule_of
from .values import Mend, Operand


class Rewrite(NamedTuple):
    """A mend and how large it is."""

    cost: int
    mend: Mend


def rewrites(question: Question, judged: Judged) -> Iterator[Rewrite]:
    """The rewrites for the first problem, each verified."""
    operation = question.operation
    code = judged.call.problems[0].code
    if code == "numel" and operation in ("view", "reshape"):
        yield from _open_size(question)
    elif code == "strides" and operation == "view":
        yield from _other(question, "reshape", _shape_words(question))
    elif code in ("in_place", "leaf", "dtype") and operation.endswith("_"):
        yield from _not_in_place(question, code)
    elif code == "expanded" and operation.endswith("_"):
        yield from _cloned(question)
    elif operation in ("cat", "concat", "concatenate") and code == "shape":
        yield from _other_dim(question)
    elif operation == "linear" and code == "features":
        yield from _layer(question, 0, 1, "nn.Linear({own}, {out})", own=-1)
    elif operation.startswith("conv") and operation[-1] == "d" and code == "channels":
        yield from _convolution(question)
    elif operation in ("getitem", "setitem") and code in ("dtype", "device", "mask"):
        yield from _index(question, code)
    elif operation == "batch_norm" and code == "channels":
        yield from _batch_norm(question)
    elif code in ("batch", "rank") and operation in ("mm", "bmm"):
        yield from _other(question, "matmul", None)


def _name(question: Question, index: int) -> str:
    operand = question.bound.operands[index]
    return (
        str(operand.name) if operand is not None and operand.name else question.bound.names[index]
    )


def _judged(question: Question) -> Optional[Judged]:
    after = _runs(question)
    return after if after is not None and after.results else None


def _made(cost: int, code: str, message: str, expression: str, after: Judged) -> Rewrite:
    shape = after.results[0].shape
    text = f"{message}: {expression}. The result is {shape_text(shape)}."
    return Rewrite(cost, Mend(code, text, expression, shape))


def _index(question: Question, code: str) -> Iterator[Rewrite]:
    """Tensors within an index; they are counted on after the tensor that is indexed."""
    items: Any = question.bound.arguments["index"]
    listed = list(items) if isinstance(items, (list, tuple)) else [items]
    owner = question.bound.operands[0]
    others = ((_name(question, 0), owner),)
    tensors = [place for place, one in enumerate(listed) if isinstance(one, Operand)]
    for number, place in enumerate(tensors[:3], 1):
        item = listed[place]
        if not item.name:
            continue
        candidates = {
            "dtype": edits.of_dtype(item.name, item, (), True),
            "device": edits.of_device(item.name, item, others),
            "mask": edits.of_shape(item.name, item, ()),
        }[code]
        for edit in candidates:
            changed = [*listed[:place], edit.operand, *listed[place + 1 :]]
            after = _runs(question.with_argument("index", changed))
            if after is not None:
                shape = after.results[0].shape if after.results else None
                source = edit.source
                mend = Mend(
                    edit.code, f"Change the index: {source}.", source, shape, number, source
                )
                yield Rewrite(edit.cost, mend)


def _runs(question: Question) -> Optional[Judged]:
    try:
        after = judge(question)
    except CannotCheck:
        return None
    return after if after.ok else None


def _open_size(question: Question) -> Iterator[Rewrite]:
    wanted: Any = question.bound.arguments["shape"]
    if not isinstance(wanted, (list, tuple)) or not 0 < len(wanted) <= 8 or -1 in wanted:
        return
    for place in reversed(range(len(wanted))):
        opened: List[Any] = list(wanted)
        opened[place] = -1
        after = _judged(question.with_argument("shape", opened))
        if after is not None:
            words = ", ".join(str(size) for size in opened)
            expression = f"{as_atom(_name(question, 0))}.{question.operation}({words})"
            yield _made(2 + (place == 0), "open_size", "Let torch find one size", expression, after)


def _shape_words(question: Question) -> str:
    wanted = question.bound.arguments["shape"]
    listed = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    return ", ".join(str(size) for size in listed)


def _other(question: Question, operation: str, words: Optional[str]) -> Iterator[Rewrite]:
    after = _judged(question._replace(operation=operation))
    if after is not None:
        first = as_atom(_name(question, 0))
        inside = _name(question, 1) if words is None else words
        expression = f"{first}.{operation}({inside})"
        yield _made(1, "operation", f"{operation} does it", expression, after)


def _not_in_place(question: Question, code: str) -> Iterator[Rewrite]:
    base = question.operation[:-1]
    if code == "leaf":
        after = _judged(question._replace(grad=False))
        if after is not None:
            yield _made(1, "no_grad", "Write without autograd", "with torch.no_grad():", after)
    try:
        rule_of(base)
    except CannotCheck:
        return
    after = _judged(question._replace(operation=base))
    if after is not None and len(question.bound.operands) > 1:
        name = _name(question, 0)
        others = ", ".join(
            _name(question, index) if isinstance(one, Operand) else str(one.value)
            for index, one in enumerate(question.bound.operands[1:], 1)
            if one is not None
        )
        expression = f"{name} = {as_atom(name)}.{base}({others})"
        yield _made(2, "out_of_place", "Make a new tensor", expression, after)


def _cloned(question: Question) -> Iterator[Rewrite]:
    target = question.bound.operands[0]
    if isinstance(target, Operand):
        copy = Operand(target.shape, target.dtype, target.device, target.name)
        after = _judged(question.with_operand(0, copy))
        if after is not None:
            name = _name(question, 0)
            expression = f"{name} = {as_atom(name)}.clone()"
            yield _made(2, "clone", "Copy it before", expression, after)


def _other_dim(question: Question) -> Iterator[Rewrite]:
    first = question.bound.operands[0]
    for dim in range(min(len(first.shape), 8)):
        after = _judged(question.with_argument("dim", dim))
        if after is not None:
            yield _made(2, "dim", "Join along another dimension", f"dim={dim}", after)


def _layer(
    question: Question, index: int, weight_index: int, template: str, own: int
) -> Iterator[Rewrite]:
    x, weight = question.bound.operands[index], question.bound.operands[weight_index]
    if not isinstance(weight, Operand) or len(weight.shape) != 2:
        return
    fitting = Operand((weight.shape[0], x.shape[own]), weight.dtype, weight.device, weight.name)
    after = _judged(question.with_operand(weight_index, fitting))
    if after is not None:
        expression = template.format(own=x.shape[own], out=weight.shape[0])
        yield _made(6, "layer", "Make the layer for such an input", expression, after)


def _batch_norm(question: Question) -> Iterator[Rewrite]:
    x = question.bound.operands[0]
    channels = x.shape[1]
    fitting = question
    for index, one in enumerate(question.bound.operands[1:], 1):
        if isinstance(one, Operand):
            changed = Operand((channels,), one.dtype, one.device, one.name)
            fitting = fitting.with_operand(index, changed)
    after = _judged(fitting)
    if after is not None and len(x.shape) <= 5:
        expression = f"nn.BatchNorm{max(len(x.shape) - 2, 1)}d({channels})"
        yield _made(6, "layer", "Make the layer for such an input", expression, after)


def _convolution(question: Question) -> Iterator[Rewrite]:
    x, weight = question.bound.operands[0], question.bound.operands[1]
    turned = "transpose" in question.operation
    spatial = int(question.operation[-2])
    groups = question.bound.arguments["groups"]
    channels = x.shape[len(x.shape) - spatial - 1]
    if turned or groups != 1:
        return
    shape = (weight.shape[0], channels, *weight.shape[2:])
    after = _judged(
        question.with_operand(1, Operand(shape, weight.dtype, weight.device, weight.name))
    )
    if after is not None:
        kernel = weight.shape[2:]
        size = str(kernel[0]) if len(set(kernel)) == 1 else str(tuple(kernel))
        expression = f"nn.Conv{spatial}d({channels}, {weight.shape[0]}, {size})"
        yield _made(6, "layer", "Make the layer for such an input", expression, after)
