"""einsum: one letter for each dimension; the same letter, the same size (or 1)."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import SORT, demand
from ..errors import Malformed, UnknownArgument
from ..promotion import NoCommonDtype, promote
from ..registry import Outcome, rule

#: The dimensions that an ellipsis stands for, as labels from the right.
Label = str


class Equation(NamedTuple):
    """The labels of each operand and of the result; ``...`` stands for any number."""

    operands: Tuple[Tuple[Label, ...], ...]
    output: Tuple[Label, ...]


def parse(call: Call, equation: object, count: int) -> Equation:
    """The equation's labels; refuses what torch's parser refuses."""
    if not isinstance(equation, str):
        raise Malformed("The equation of einsum is a text such as 'ij,jk->ik'.")
    if len(equation) > 4000:
        raise Malformed("The equation is very long.")
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = [_labels(call, term) for term in left.split(",")]
    if len(terms) != count:
        raise call.refuse(
            "operands", f"The equation {equation!r} names {len(terms)} operands; {count} are given."
        )
    if arrow:
        output = _labels(call, right)
        for label in output:
            if output.count(label) > 1:
                raise call.refuse("equation", f"{label!r} is twice in the output of {equation!r}.")
            if label != "..." and not any(label in term for term in terms):
                raise call.refuse("equation", f"{label!r} of the output is in no operand.")
    else:
        flat = [label for term in terms for label in term]
        once = sorted({one for one in flat if one != "..." and flat.count(one) == 1})
        output = (*(("...",) if "..." in flat else ()), *once)
    return Equation(tuple(terms), tuple(output))


def _labels(call: Call, term: str) -> Tuple[Label, ...]:
    found: List[Label] = []
    at = 0
    while at < len(term):
        if term.startswith("...", at):
            if "..." in found:
                raise call.refuse("equation", "An operand has one ... at most.")
            found.append("...")
            at += 3
        elif term[at].isascii() and term[at].isalpha():
            found.append(term[at])
            at += 1
        else:
            raise call.refuse("equation", f"{term[at]!r} is no letter: dimensions are letters.")
    return tuple(found)


@rule("einsum(equation, *operands T*)")
def einsum(call: Call) -> Outcome:
    """Labels that are not in the output are summed over."""
    if not call.tensors:
        raise call.refuse("operands", "einsum needs at least one operand.")
    equation = parse(call, call["equation"], len(call.tensors))
    device = one_device(call)
    expanded = [
        _spelled(call, index, term) for (index, _), term in zip(call.tensors, equation.operands)
    ]
    sizes: Dict[Label, int] = {}
    owners: Dict[Label, int] = {}
    for (index, one), term in zip(call.tensors, expanded):
        own: Dict[Label, int] = {}
        for position, (label, size) in enumerate(zip(term, one.shape)):
            if own.setdefault(label, size) != size:
                raise call.refuse(
                    "shape",
                    f"{call.named(index)} has {own[label]} and {size} in two dimensions that are "
                    f"both {label!r}.",
                    (index,),
                    position - len(one.shape),
                )
        for label, size in own.items():
            before = sizes.get(label, 1)
            if before == 1:
                sizes[label] = size
                owners[label] = index
            elif size not in (1, before):
                other = owners[label]
                raise call.refuse(
                    "shape",
                    f"{label!r} is {before} in {call.named(other)} "
                    f"{shape_text(call.tensor(other).shape)} and {size} in {call.named(index)} "
                    f"{shape_text(one.shape)}.",
                    (other, index),
                    term.index(label) - len(one.shape),
                )
    output = _output(expanded, equation)
    dtype = _dtype(call, expanded, output, sizes, device)
    return call.result([sizes[label] for label in output], dtype, device)


def _spelled(call: Call, index: int, term: Sequence[Label]) -> Tuple[Label, ...]:
    rank = len(call.tensor(index).shape)
    open_ = "..." in term
    named = len(term) - open_
    if rank < named or (rank > named and not open_):
        raise call.refuse(
            "rank",
            f"{call.named(index)} has {rank} dimensions, "
            f"{shape_text(call.tensor(index).shape)}, and the equation names {named} of it.",
            (index,),
        )
    filling = [f"…{place}" for place in range(rank - named, 0, -1)]
    spelled: List[Label] = []
    for label in term:
        spelled.extend(filling if label == "..." else [label])
    return tuple(spelled)


def _output(expanded: Sequence[Sequence[Label]], equation: Equation) -> Tuple[Label, ...]:
    widest = max(sum(label.startswith("…") for label in term) for term in expanded)
    filling = [f"…{place}" for place in range(widest, 0, -1)]
    spelled: List[Label] = []
    for label in equation.output:
        spelled.extend(filling if label == "..." else [label])
    return tuple(spelled)


def _dtype(
    call: Call,
    terms: Sequence[Sequence[Label]],
    output: Sequence[Label],
    sizes: Dict[Label, int],
    device: str,
) -> str:
    """One after another from the left: a product over nothing promotes, a sum does not."""
    dtypes = [one.dtype for _, one in call.tensors]
    if len(set(dtypes)) > 1 and len(dtypes) > 2:
        raise UnknownArgument("einsum of three or more tensors of several dtypes.")
    summed = set(sizes) - set(output)
    if len(dtypes) == 1:
        only = dtypes[0]
        demand(call, only, "bifc" if summed else "biufhc8", device)
        return "int64" if summed and SORT[only] in "biu" else only
    shapes = [one.shape for _, one in call.tensors]
    if len(set(dtypes)) == 1:
        if SORT[dtypes[0]] in "biu8" and summed:
            raise UnknownArgument(f"einsum of {dtypes[0]} tensors with a sum.")
        if summed:
            demand(call, dtypes[0], "fc" if device == "cpu" else "fhc", device)
        return dtypes[0]
    shared = [
        label
        for label in summed
        if all(
            label in term and shape[list(term).index(label)] != 1
            for term, shape in zip(terms, shapes)
        )
    ]
    if shared:
        raise call.refuse(
            "dtype",
            f"{call.named(0)} is {dtypes[0]} and {call.named(1)} is {dtypes[1]}. einsum does not "
            "promote where it sums: they must be the same.",
            (0, 1),
        )
    if summed and any(SORT[dtype] in "biu8" for dtype in dtypes):
        raise UnknownArgument("einsum of integers and others with a sum.")
    try:
        return promote(*dtypes)
    except NoCommonDtype:
        raise call.refuse(
            "dtype", f"torch has no dtype for {dtypes[0]} and {dtypes[1]}.", (0, 1)
        ) from None
