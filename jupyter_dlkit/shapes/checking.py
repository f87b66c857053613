"""The front door: a question in, a verdict out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .call import MOST
from .devices import canonical_device
from .dtypes import ITEMSIZE, canonical
from .errors import CannotCheck, Malformed
from .judging import Judged, Question, judge
from .mends import mends, trap_mends
from .registry import Undetermined, operations, rule_of
from .rules import FAMILIES
from .signature import choose, described
from .traps import look_for_traps
from .values import Mend, Operand, Scalar, Trap, Verdict

#: The names of the operations that have a rule.  The rules are there once FAMILIES is.
OPERATIONS: Tuple[str, ...] = operations(FAMILIES)

#: torch's own limit on dimensions.
MOST_DIMENSIONS = 64


def check(
    operation: str,
    operands: Sequence[Union[Operand, Scalar, None]],
    arguments: Optional[Mapping[str, Any]] = None,
    free: Optional[Mapping[str, int]] = None,
    *,
    grad: bool = True,
) -> Verdict:
    """Whether the operation runs on these operands, and what it returns.

    ``operation`` is torch's own name, ``add_`` in place; ``operands`` are its tensor
    parameters in torch's order (None for one that is left out), ``arguments`` the others.
    ``free``: bytes free on devices, where known.  ``grad``: False under ``torch.no_grad()``.
    Raises UnknownOperation, UnknownArgument, Malformed, each with a sentence.
    """
    _, signatures = rule_of(operation)
    given = arguments if arguments is not None else {}
    if not isinstance(operands, (list, tuple)) or not isinstance(given, Mapping):
        raise Malformed("Operands are a list, arguments a mapping.")
    bound = choose(
        signatures,
        [well_formed(one) for one in operands],
        {name: well_formed_inside(value) for name, value in given.items()},
    )
    question = Question(operation, bound, {} if free is None else free, grad)
    judged = judge(question)
    call = judged.call
    if not judged.ok:
        return Verdict(
            False,
            dimensions=tuple(call.dimensions),
            problems=tuple(call.problems),
            mends=mends(question, judged),
        )
    outcome = judged.outcome
    look_for_traps(call, judged.results)
    traps, offered = _with_fixes(question, judged) if call.traps else ((), ())
    return Verdict(
        True,
        results=tuple(judged.results),
        dimensions=tuple(call.dimensions),
        warnings=traps,
        mends=offered,
        scalar=outcome if isinstance(outcome, Scalar) else None,
        undetermined=str(outcome) if isinstance(outcome, Undetermined) else None,
    )


def _with_fixes(question: Question, judged: Judged) -> Tuple[Tuple[Trap, ...], Tuple[Mend, ...]]:
    """The traps, each with what to write instead, and the mends that this is."""
    by_code = trap_mends(question, judged)
    traps: List[Trap] = []
    offered: List[Mend] = []
    for trap in judged.call.traps:
        own = by_code.get(trap.code, ())
        traps.append(replace(trap, fix=own[0].expression) if own and trap.fix is None else trap)
        offered.extend(own)
    return tuple(traps), tuple(offered)


def bind(
    operation: str, positional: Sequence[Any], keywords: Optional[Mapping[str, Any]] = None
) -> Tuple[List[Any], Dict[str, Any]]:
    """(operands, arguments) for `check` from a Python call's; a method's ``self`` comes first.

    Tensors are Operands, numbers Scalars or plain, dtypes and devices strings, lists lists.
    Raises as `check` does.
    """
    _, signatures = rule_of(operation)
    refusal: Optional[CannotCheck] = None
    for signature in signatures:
        try:
            return signature.from_call(positional, keywords or {})
        except CannotCheck as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def well_formed(value: Any) -> Any:
    """An operand with canonical names; Malformed with a sentence where it is none."""
    if not isinstance(value, Operand):
        if value is None or isinstance(value, (Scalar, bool, int, float, complex)):
            return value
        raise Malformed(f"An operand is a tensor or a number, not {described(value)}.")
    shape = value.shape
    if not isinstance(shape, (tuple, list)):
        raise Malformed(f"A shape is a list of sizes such as (8, 3), not {described(shape)}.")
    for size in shape:
        if type(size) is not int:
            raise Malformed(f"A size is a whole number, not {described(size)}.")
        if size < 0:
            raise Malformed(f"A size cannot be negative: {size}.")
        if size > MOST:
            raise Malformed("A size is more than a tensor can have (2**63 - 1).")
    if len(shape) > MOST_DIMENSIONS:
        raise Malformed(f"torch has no tensors of {len(shape)} dimensions; 64 are the most.")
    device = canonical_device(value.device)
    if value.dtype in ITEMSIZE and device == value.device and isinstance(shape, tuple):
        return value
    return Operand(
        tuple(shape),
        canonical(value.dtype),
        device,
        value.name,
        value.requires_grad,
        value.is_leaf,
        value.strides,
        value.index_range,
    )


def well_formed_inside(value: Any) -> Any:
    """The same for operands within an argument: ``out``, an index, a bias by its name."""
    if isinstance(value, Operand):
        return well_formed(value)
    if isinstance(value, (list, tuple)) and any(isinstance(one, Operand) for one in value):
        return [well_formed_inside(one) for one in value]
    return value
