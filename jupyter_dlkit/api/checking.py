"""``dlkit.check_broadcast``: will these work together?"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from math import prod
from types import FrameType
from typing import Any, ClassVar, Dict, List, Optional, Sequence, Tuple, Union

from ..kernel import loaded
from ..kernel.explain.frame_names import global_names, local_names
from ..kernel.explain.look import Look
from ..kernel.explain.seen import Seer
from ..kernel.main_thread import unseen
from ..shapes import CannotCheck, Dimension, Mend, Operand, Problem, Scalar, Trap, check
from ..shapes import Result as Returned
from ..shapes.dtypes import ITEMSIZE
from ..shapes.source import Finding, Step, follow_expression
from ..shapes.source.values import ABSENT, Array
from .errors import DLKitError
from .result import Result

#: Operands that are called in a text by their place, where they have no name.
_UNNAMED = "operand {}"


class CheckError(DLKitError):
    """It cannot be checked: not shapes, an operation without a rule.  The message says which."""


@dataclass(frozen=True, repr=False)
class Checked(Result):
    """Whether it runs (``ok``, also ``bool(…)``), what it returns, and how to mend it.

    ``result``: the first of ``results`` (shape, dtype, device, bytes); None when it fails or
    cannot be known (``undetermined`` says why).  ``dimensions``: position from the right, sizes,
    verdict.  ``steps`` and ``findings``: of source.
    """

    kind: ClassVar[str] = "checked"

    ok: bool
    operation: str
    operands: Tuple[Any, ...] = ()
    result: Optional[Returned] = None
    results: Tuple[Returned, ...] = ()
    dimensions: Tuple[Dimension, ...] = ()
    problems: Tuple[Problem, ...] = ()
    warnings: Tuple[Trap, ...] = ()
    mends: Tuple[Mend, ...] = ()
    undetermined: Optional[str] = None
    steps: Tuple[Step, ...] = field(default=())
    findings: Tuple[Finding, ...] = field(default=())

    def __bool__(self) -> bool:
        return self.ok

    def _text(self) -> str:
        rows = [_row(number, one) for number, one in enumerate(self.operands, 1) if one is not None]
        if self.steps:
            rows = [(step.source, _outcome(step)) for step in self.steps]
        width = max((len(name) for name, _ in rows), default=0)
        lines = [f"{self.operation}: {'runs' if self.ok else 'does not run'}"]
        lines += [f"  {name.rjust(min(width, 60))}  {text}" for name, text in rows]
        if self.result is not None:
            lines.append(f"  the result: {_result(self.result)}")
        elif self.ok and self.undetermined:
            lines.append(f"  {self.undetermined}")
        lines += [f"  {one.message}" for one in self.problems]
        lines += [f"  {one.message}" for one in self.warnings if one.severity == "warning"]
        edits = [edit.source for one in self.findings for edit in one.edits]
        tries = edits or [mend.expression for mend in self.mends]
        for number, code in enumerate(tries[:3]):
            lines.append(f"  {'Try' if number == 0 else 'or '}: {code}")
        return "\n".join(lines)


def check_broadcast(*operands: Any, operation: str = "add", **arguments: Any) -> Checked:
    """Whether an operation runs on operands: shapes, dtypes and devices only, nothing is computed.

    Operands are tensors, NumPy arrays, shapes (``(8, 1, 6, 1)``) or numbers, in torch's order;
    or one text of source, such as ``"x @ w + b"``: parsed, never evaluated, with the names of the
    caller.  ``operation`` is torch's own name (``matmul``, ``add_`` in place, ``cat``) and
    ``arguments`` are its other arguments.  ``add`` of other than two is ``broadcast_tensors``.

    Raises ``CheckError`` for what is not shapes, or has no rule.
    """
    return _checked(sys._getframe(1), operands, operation, arguments)


def _checked(
    frame: FrameType, operands: Sequence[Any], operation: str, arguments: Dict[str, Any]
) -> Checked:
    grad = _records()  # unseen() switches it off
    try:
        return unseen(lambda: _answer(frame, operands, operation, arguments, grad))
    except CannotCheck as error:
        raise CheckError(str(error)) from None


def _records() -> bool:
    """Whether this thread records gradients."""
    torch = loaded.torch()
    return torch is None or bool(torch.is_grad_enabled())


def _answer(
    frame: FrameType,
    operands: Sequence[Any],
    operation: str,
    arguments: Dict[str, Any],
    grad: bool,
) -> Checked:
    seer = Seer()
    names = (local_names(frame), global_names(frame))
    if len(operands) == 1 and type(operands[0]) is str:
        if arguments or operation != "add":
            raise CheckError("Source says itself which operations it has.")
        return _of_source(operands[0], Look(seer, *names), grad)
    seen = [_operand(seer, one, number, names) for number, one in enumerate(operands, 1)]
    if operation == "add" and len(seen) > 2 and not arguments:
        operation = "broadcast_tensors"
    plain = {name: _argument(seer, value) for name, value in arguments.items()}
    verdict = check(operation, seen, plain, _free(), grad=grad)
    return Checked(
        verdict.ok,
        operation,
        tuple(seen),
        verdict.result,
        verdict.results,
        verdict.dimensions,
        verdict.problems,
        verdict.warnings,
        verdict.mends,
        verdict.undetermined or ("The result is a number." if verdict.scalar else None),
    )


def _free() -> Dict[str, int]:
    from ..kernel.checking import free

    return free()


def _operand(
    seer: Seer, value: Any, number: int, names: Sequence[Dict[str, Any]]
) -> Union[Operand, Scalar, None]:
    if value is None or type(value) in (int, float, bool, complex):
        return None if value is None else Scalar(value)
    shape = _shape(seer, value)
    if shape is not None:
        return Operand(shape)
    found = seer.value(value)
    if isinstance(found, Array):
        found = Operand(found.shape, found.dtype)
    if not isinstance(found, Operand):
        raise CheckError(
            f"The {_ordinal(number)} operand is neither a tensor, an array, a shape nor a number: "
            f"a {type(value).__name__}."
        )
    return replace(found, name=_name(value, names))


def _shape(seer: Seer, value: Any) -> Optional[Tuple[int, ...]]:
    torch = loaded.torch()
    if type(value) not in (tuple, list) and not (torch and type(value) is torch.Size):
        return None
    return tuple(value)  # whether these are sizes, the engine says


def _name(value: Any, names: Sequence[Dict[str, Any]]) -> Optional[str]:
    """What the caller calls it, where that is a variable."""
    for space in names:
        for name, other in list(space.items()):
            if other is value and type(name) is str and not name.startswith("_"):
                return name
    return None


def _argument(seer: Seer, value: Any) -> Any:
    """``dim=1``, ``dtype=torch.float64``, ``out=y``."""
    torch = loaded.torch()
    if torch is not None and type(value) in (torch.dtype, torch.device):
        return str(value).rpartition("torch.")[2]
    if type(value) in (list, tuple):
        return [_argument(seer, one) for one in value]
    found = seer.value(value)
    return found if isinstance(found, Operand) else value


def _of_source(source: str, look: Look, grad: bool) -> Checked:
    missing: List[str] = []

    def noting(path: str) -> Any:
        value = look(path)
        if value is ABSENT and path.isidentifier() and not hasattr(_builtins(), path):
            missing.append(path)
        return value

    followed = follow_expression(source, noting, free=_free(), grad=grad)
    if followed.unparsed is not None:
        raise CheckError(followed.unparsed)
    errors = [one for one in followed.findings if one.severity == "error"]
    failing = [one for one in followed.steps if not one.verdict.ok]
    value = followed.value
    result = None
    if isinstance(value, Operand):
        size = prod(value.shape) * ITEMSIZE.get(value.dtype, 0)
        result = Returned(value.shape, value.dtype, value.device, size)
    problems = [Problem("no_such_name", f"There is no {name} here.") for name in missing]
    problems += [Problem(one.code, one.message) for one in errors]
    return Checked(
        not problems,
        " ".join(source.split()),
        (),
        None if problems else result,
        () if problems or result is None else (result,),
        failing[0].verdict.dimensions if failing else (),
        tuple(problems),
        tuple(trap for step in followed.steps for trap in step.verdict.warnings),
        tuple(mend for step in failing for mend in step.verdict.mends),
        None if problems or result else "The result is not known without running it.",
        followed.steps,
        followed.findings,
    )


def _builtins() -> Any:
    return sys.modules["builtins"]


def _row(number: int, operand: Union[Operand, Scalar]) -> Tuple[str, str]:
    name = operand.name or _UNNAMED.format(number)
    if isinstance(operand, Scalar):
        return name, repr(operand.value)
    return name, f"{operand.shape} {operand.dtype} on {operand.device}"


def _outcome(step: Step) -> str:
    verdict = step.verdict
    if verdict.result is not None:
        return _result(verdict.result)
    return verdict.undetermined or ("a number" if verdict.ok else "does not run")


def _result(result: Returned) -> str:
    return f"{result.shape} {result.dtype} on {result.device}, {_bytes(result.bytes)}"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"


def _ordinal(number: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth")
    return words[number - 1] if number <= len(words) else f"{number}th"
