"""``dlkit.check_broadcast``: will these work together?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar

from ..kernel import loaded
from ..kernel.explain.frame_names import global_names, local_names
from ..kernel.explain.look import Look
from ..kernel.explain.seen import Seer
from ..kernel.unseen import unseen
from ..shapes import (
    CannotCheck,
    Dimension,
    Mend,
    Operand,
    Problem,
    Scalar,
    Trap,
    UnknownOperation,
    Verdict,
    check,
)
from ..shapes import Result as Returned
from ..shapes.dtypes import ITEMSIZE
from ..shapes.source import Finding, Step, follow_expression
from ..shapes.source.values import ABSENT
from . import operands as given
from .operands import CheckError, Names
from .result import Result, frame

__all__ = ["CheckError", "Checked", "check_broadcast", "check_in"]

#: Operands that are called in a text by their place, where they have no name.
_UNNAMED = "operand {}"

_OPERATIONS = "Name one as torch does, such as add, matmul, cat or mse_loss."


@dataclass(frozen=True, slots=True, repr=False)
class Checked(Result):
    """Whether it runs (``ok``, also ``bool(…)``), what it returns, and how to mend it.

    ``operation``: torch's name, or the source.  ``operands``: as the rules saw them.
    ``result``: the first of ``results`` (``shape``, ``dtype``, ``device``, ``bytes``); None
    when it fails or cannot be known (``undetermined`` says why).  ``dimensions``: the aligned
    shapes, each with its ``position`` from the right, ``sizes`` and ``verdict`` (``equal``,
    ``stretch``, ``missing``, ``clash``).  ``problems``: why it fails; ``warnings``: why it may
    not do what was meant; ``mends``: code that works, and the shape it gives.  Of source there
    are ``steps``, one for each operation, and ``findings`` with their places in it.
    """

    kind: ClassVar[str] = "checked"

    ok: bool
    operation: str
    operands: tuple[Any, ...] = ()
    result: Returned | None = None
    results: tuple[Returned, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Trap, ...] = ()
    mends: tuple[Mend, ...] = ()
    undetermined: str | None = None
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return self.ok

    def to_dict(self) -> dict[str, Any]:
        """The fields of a ``Check`` of the REST API, and ``operation``."""
        from ..shapes.source.request import of_finding, of_operand, of_operands, of_verdict

        verdict = Verdict(
            self.ok, self.results, self.dimensions, self.problems, self.warnings, self.mends,
            undetermined=self.undetermined,
        )  # fmt: skip
        return {
            "operation": self.operation,
            **of_verdict(verdict),
            "operands": [of_operand(one) for one in self.operands],
            "steps": [
                {"source": one.source, **of_verdict(one.verdict), "operands": of_operands(one)}
                for one in self.steps
            ],
            "findings": [of_finding(one) for one in self.findings],
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each aligned dimension, the first dimension first.

        Its index is the position from the right; columns are the operands, and the verdict.
        Raises ``DLKitError`` where pandas is not installed.
        """
        shaped = [one for one in self.operands if isinstance(one, Operand)]
        names = [one.name or _UNNAMED.format(place) for place, one in enumerate(shaped, 1)]
        rows = [
            {
                "position": one.position,
                **dict(zip(names, one.sizes, strict=False)),
                "verdict": one.verdict,
            }
            for one in self.dimensions
        ]
        return frame(rows, "position")


def check_broadcast(*operands: Any, operation: str = "add", **arguments: Any) -> Checked:
    """Whether an operation runs on operands, what it returns, and how to mend it.

    By shapes, dtypes and devices only: nothing is computed, nothing is allocated.

    Parameters
    ----------
    operands
        Tensors, NumPy arrays, shapes (``(8, 1, 6, 1)``, taken as float32 on the CPU) or
        numbers, in torch's order; or one text of source, such as ``"x @ w + b"``: parsed, never
        evaluated, with the names of the caller.
    operation
        torch's own name: ``add``, ``add_`` (in place), ``matmul``, ``cat``, ``mse_loss``.
        ``add`` of other than two is ``broadcast_tensors``.
    arguments
        The operation's other arguments, such as ``dim=1``.

    Returns
    -------
    Checked
        True where it runs; ``result`` has ``shape``, ``dtype``, ``device`` and ``bytes``.

    Raises
    ------
    CheckError
        What was given is not shapes, or the operation has no rule.

    Examples
    --------
    >>> dlkit.check_broadcast((8, 1, 6, 1), (7, 1, 5)).result.shape
    (8, 7, 6, 5)
    >>> x, w = torch.zeros(4, 3), torch.zeros(4, 5)
    >>> bool(dlkit.check_broadcast(x, w, operation="matmul"))
    False
    >>> checked = dlkit.check_broadcast("x @ w")
    >>> checked.problems[0].code, checked.mends[0].expression
    ('inner', 'x.T')
    >>> prediction, target = torch.zeros(8, 1), torch.zeros(8)
    >>> loss = dlkit.check_broadcast(prediction, target, operation="mse_loss")
    >>> loss.ok, loss.warnings[0].code
    (True, 'loss_broadcast')
    >>> dlkit.check_broadcast((2, -1), (2,))
    Traceback (most recent call last):
        ...
    jupyter_dlkit.CheckError: A size cannot be negative: -1.
    """
    frame = sys._getframe(1)
    return check_in((local_names(frame), global_names(frame)), operands, operation, arguments)


def check_in(
    names: Names,
    operands: Sequence[Any],
    operation: str = "add",
    arguments: Mapping[str, Any] | None = None,
    labels: Sequence[str | None] | None = None,
) -> Checked:
    """``check_broadcast`` with the names of some namespaces, the inner ones first.

    ``labels``: what the user wrote for each operand; None where that is to be found out.
    Raises ``CheckError``.
    """
    grad = _records()  # unseen() switches it off
    called = labels or [None] * len(operands)
    try:
        return unseen(lambda: _answer(names, operands, operation, arguments or {}, called, grad))
    except UnknownOperation as error:
        text = str(error)
        raise CheckError(text, "" if "Near it" in text else _OPERATIONS) from None
    except CannotCheck as error:
        raise CheckError(str(error)) from None


def _records() -> bool:
    """Whether this thread records gradients."""
    torch = loaded.torch()
    return torch is None or bool(torch.is_grad_enabled())


def _answer(
    names: Names,
    operands: Sequence[Any],
    operation: str,
    arguments: Mapping[str, Any],
    labels: Sequence[str | None],
    grad: bool,
) -> Checked:
    seer = Seer()
    if len(operands) == 1 and type(operands[0]) is str:
        if arguments or operation != "add":
            raise CheckError("Source says itself which operations it has.")
        return _of_source(operands[0], Look(seer, *names), grad)
    seen = [
        given.seen(seer, one, number, names, label)
        for number, (one, label) in enumerate(zip(operands, labels, strict=True), 1)
    ]
    if operation == "add" and len(seen) < 2:
        raise CheckError("add takes two operands.", "Name both, such as x and (3, 1).")
    if operation == "add" and len(seen) > 2 and not arguments:
        operation = "broadcast_tensors"
    plain = {name: given.argument(seer, value) for name, value in arguments.items()}
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


def _free() -> dict[str, int]:
    from ..kernel.checking import free

    return free()


def _of_source(source: str, look: Look, grad: bool) -> Checked:
    missing: list[str] = []

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
    #: The operation to look at: the one that fails, or the last.
    shown = failing[0] if failing else followed.steps[-1] if followed.steps else None
    problems = [Problem("no_such_name", f"There is no {name} here.") for name in missing]
    for one in errors:
        own = [Problem(one.code, one.message)] if one.verdict is None else one.verdict.problems
        problems += own
    value = followed.value
    result = None
    if isinstance(value, Operand) and not problems:
        size = prod(value.shape) * ITEMSIZE.get(value.dtype, 0)
        result = Returned(value.shape, value.dtype, value.device, size)
    return Checked(
        not problems,
        " ".join(source.split()),
        () if shown is None else _called(shown),
        result,
        () if result is None else (result,),
        () if shown is None else shown.verdict.dimensions,
        tuple(problems),
        tuple(trap for step in followed.steps for trap in step.verdict.warnings),
        () if shown is None else shown.verdict.mends,
        None if problems or result else "The result is not known without running it.",
        followed.steps,
        followed.findings,
    )


def _called(step: Step) -> tuple[Any, ...]:
    """The operands of a step, called as the source calls them."""
    return tuple(
        replace(value, name=name or None) if isinstance(value, (Operand, Scalar)) else value
        for name, value in zip(step.operands, step.values, strict=True)
    )


def _builtins() -> Any:
    return sys.modules["builtins"]
