"""A request to check, as JSON has it, and its answer (``CheckRequest``, ``Check``)."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from ..checking import check
from ..errors import CannotCheck, UnknownArgument, UnknownOperation
from ..values import Operand, Result, Scalar, Verdict
from .follow import follow_expression, follow_whole_cell
from .values import ABSENT, Array, Finding, Followed, Step, Unknown, Value

JSON = Dict[str, Any]
Look = Callable[[str], Value]

#: Longer sources are not parsed.
LONGEST_SOURCE = 200_000


class NotAnswered(Exception):
    """The request cannot be answered; ``code``, ``message`` and ``hint`` as errors have them."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Circumstances:
    """What else is known of where it would run.

    ``free``: bytes free on devices.  ``volatile``: names that functions of the user's rebind.
    ``usual``: False where new tensors may be of another dtype or on another device than
    torch's own defaults.
    """

    def __init__(
        self,
        free: Optional[Mapping[str, int]] = None,
        volatile: Sequence[str] = (),
        usual: bool = True,
    ) -> None:
        self.free = free or {}
        self.volatile = volatile
        self.usual = usual


def answered(
    request: Mapping[str, Any],
    look: Optional[Look] = None,
    operand: Optional[Callable[[str], Value]] = None,
    circumstances: Optional[Circumstances] = None,
) -> JSON:
    """A ``Check``.

    ``look`` knows the names of a source, ``operand`` the paths of operands; without them there
    are no names.  Raises NotAnswered.
    """
    there = circumstances or Circumstances()
    if "source" in request:
        if look is None:
            raise NotAnswered(
                "needs_kernel",
                "source: the names in it are those of a kernel.",
                "Ask it of kernels/{kernel_id}/check.",
            )
        return _of_source(request, look, there)
    operands = [_operand(one, number, operand) for number, one in enumerate(request["operands"])]
    try:
        verdict = check(request["operation"], operands, request.get("arguments") or {}, there.free)
    except UnknownOperation as error:
        raise NotAnswered(
            "unknown_operation", str(error), "Use torch's own name: add, add_, matmul, cat."
        ) from None
    except CannotCheck as error:
        raise _malformed(error) from None
    return {**of_verdict(verdict), "operands": list(map(of_operand, operands))}


def _malformed(error: CannotCheck) -> NotAnswered:
    if isinstance(error, UnknownArgument):
        return NotAnswered("unknown_argument", str(error), "Use torch's own names for arguments.")
    return NotAnswered("malformed", str(error), "Correct it, and ask again.")


def _operand(given: Mapping[str, Any], number: int, find: Optional[Callable[[str], Value]]) -> Any:
    if "scalar" in given:
        return Scalar(given["scalar"])
    if "shape" in given:
        return Operand(
            tuple(given["shape"]),
            given.get("dtype", "float32"),
            given.get("device", "cpu"),
            given.get("name"),
            bool(given.get("requires_grad", False)),
        )
    path = given["expression"]
    if find is None:
        raise NotAnswered(
            "needs_kernel",
            f"operands.{number}: {path[:200]} is a name of a kernel.",
            "Ask it of kernels/{kernel_id}/check, or give a shape.",
        )
    value = find(path)
    if isinstance(value, Array):
        return Operand(value.shape, value.dtype, name=path)
    if not isinstance(value, (Operand, Scalar)):
        raise NotAnswered(
            "not_a_tensor",
            f"operands.{number}: {path[:200]} is neither a tensor nor a number.",
            "Name a tensor as the list prints it, or type a shape such as (8, 1, 6, 1).",
        )
    return value


# Sources ----------------------------------------------------------------------------


def _of_source(request: Mapping[str, Any], look: Look, there: Circumstances) -> JSON:
    source = request["source"]
    if len(source) > LONGEST_SOURCE:
        raise NotAnswered(
            "too_long",
            f"source: has more than {LONGEST_SOURCE} characters.",
            "Check a smaller cell.",
        )
    if request.get("kind", "expression") == "cell":
        cell = follow_whole_cell(
            source, look, free=there.free, volatile=there.volatile, usual=there.usual
        )
        findings = list(cell.findings)
        failing = any(one.severity == "error" for one in findings)
        return {
            **_nothing(not failing),
            "undetermined": cell.unparsed,
            "problems": [_problem(one) for one in findings if one.severity == "error"],
            "steps": [],
            "findings": [of_finding(one) for one in findings],
        }
    missing: List[str] = []
    followed = follow_expression(source, _noting(look, missing), free=there.free, usual=there.usual)
    if followed.unparsed is not None:
        raise NotAnswered(
            "cannot_parse", f"source: {followed.unparsed}", "Type an expression such as x @ w + b."
        )
    return _of_expression(followed, missing, source)


def _noting(look: Look, missing: List[str]) -> Look:
    """``look``, and the names that are not there."""

    def noting(path: str) -> Value:
        value = look(path)
        if value is ABSENT and path.isidentifier() and not _is_builtin(path):
            missing.append(path)
        return value

    return noting


def _is_builtin(name: str) -> bool:
    import builtins

    return name == "__name__" or hasattr(builtins, name)


def _of_expression(followed: Followed, missing: Sequence[str], source: str) -> JSON:
    errors = [one for one in followed.findings if one.severity == "error"]
    steps = followed.steps
    failing = [step for step in steps if not step.verdict.ok]
    shown = failing[0] if failing else steps[-1] if steps else None
    answer = _nothing(not errors and not missing)
    if shown is not None:
        answer.update(of_verdict(shown.verdict))
        answer["operands"] = of_operands(shown)
    answer["ok"] = not errors and not missing
    answer["problems"] = [
        {
            "code": "no_such_name",
            "message": f"There is no {name} in this kernel.",
            "operands": [],
            "dimension": None,
        }
        for name in missing
    ] + [problem for one in errors for problem in _problems(one)]
    answer["warnings"] = [_trap(trap) for step in steps for trap in step.verdict.warnings]
    value = followed.value
    answer["result"], answer["results"], answer["undetermined"] = None, [], None
    if answer["ok"]:
        if isinstance(value, Operand):
            answer["result"] = of_operand_as_result(value, shown)
            answer["results"] = [answer["result"]]
        else:
            answer["undetermined"] = _undetermined(followed, source)
    answer["steps"] = [{"source": step.source, **of_verdict(step.verdict), "operands":
                        of_operands(step)} for step in steps]  # fmt: skip
    answer["findings"] = [of_finding(one) for one in followed.findings]
    return answer


def _undetermined(followed: Followed, source: str) -> str:
    value = followed.value
    if isinstance(value, Scalar):
        return f"The result is {value.value!r}." if value.known else "The result is a number."
    if not isinstance(value, Unknown):
        return "The result is no tensor."
    for step in reversed(followed.steps):
        if step.verdict.undetermined is not None:
            return step.verdict.undetermined
    text = " ".join(source.split())
    return f"What {text[:80]} gives is not known without running it."


# Values as JSON ------------------------------------------------------------------------


def of_verdict(verdict: Verdict) -> JSON:
    """A verdict's fields, without the operands."""
    results = [of_result(one) for one in verdict.results]
    undetermined = verdict.undetermined
    if verdict.ok and not results and undetermined is None:
        undetermined = "The result is a number."
    return {
        "ok": verdict.ok,
        "result": results[0] if results else None,
        "results": results,
        "undetermined": undetermined,
        "dimensions": [
            {"position": one.position, "sizes": list(one.sizes), "verdict": one.verdict}
            for one in verdict.dimensions
        ],
        "problems": [
            {
                "code": one.code,
                "message": one.message,
                "operands": list(one.operands),
                "dimension": one.dimension,
            }
            for one in verdict.problems
        ],
        "warnings": list(map(_trap, verdict.warnings)),
        "mends": [
            {
                "code": one.code,
                "message": one.message,
                "expression": one.expression,
                "result_shape": None if one.result_shape is None else list(one.result_shape),
                "operand": one.operand,
                "replacement": one.replacement,
            }
            for one in verdict.mends
        ],
    }


def of_result(result: Result) -> JSON:
    """A result that the engine knows."""
    return {
        "shape": list(result.shape),
        "dtype": result.dtype,
        "device": result.device,
        "bytes": result.bytes,
    }


def of_operand_as_result(value: Operand, step: Optional[Step]) -> JSON:
    """What an expression gives, with its bytes."""
    from math import prod

    from ..dtypes import ITEMSIZE

    return {
        "shape": list(value.shape),
        "dtype": value.dtype,
        "device": value.device,
        "bytes": prod(value.shape) * ITEMSIZE.get(value.dtype, 0),
    }


def of_operands(step: Step) -> List[JSON]:
    """The operands of a step, as they were."""
    return [
        {**of_operand(operand), "name": name or None}
        for name, operand in zip(step.operands, step.values)
    ]


def of_operand(operand: Any) -> JSON:
    """A ``CheckedOperand`` of the REST API."""
    if isinstance(operand, Operand):
        return {
            "name": operand.name,
            "shape": list(operand.shape),
            "dtype": operand.dtype,
            "device": operand.device,
        }
    name = operand.name if isinstance(operand, Scalar) and operand.name else None
    if isinstance(operand, Scalar) and name is None and operand.known:
        name = repr(operand.value)
    return {"name": name, "shape": None, "dtype": None, "device": None}


def _trap(trap: Any) -> JSON:
    return {
        "code": trap.code,
        "message": trap.message,
        "operands": list(trap.operands),
        "fix": trap.fix,
        "severity": trap.severity,
    }


def _problem(finding: Finding) -> JSON:
    return {"code": finding.code, "message": finding.message, "operands": [], "dimension": None}


def _problems(finding: Finding) -> List[JSON]:
    if finding.verdict is None:
        return [_problem(finding)]
    problems: List[JSON] = of_verdict(finding.verdict)["problems"]
    return problems


def of_finding(finding: Finding) -> JSON:
    """A ``CheckFinding``."""
    place = finding.place
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "source": finding.source,
        "operands": list(finding.operands),
        "mends": [{"message": edit.message, "expression": edit.source} for edit in finding.edits],
    }


def _nothing(ok: bool) -> JSON:
    return {
        "ok": ok,
        "result": None,
        "results": [],
        "undetermined": None,
        "operands": [],
        "dimensions": [],
        "problems": [],
        "warnings": [],
        "mends": [],
    }
