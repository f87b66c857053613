"""A rule applied: to the question itself, and to every mend before it is offered."""

from __future__ import annotations

from typing import Any, List, Mapping, NamedTuple, Optional

from .call import Call, Refused
from .errors import CannotCheck, UnknownArgument
from .registry import Outcome, rule_of
from .signature import Bound, choose
from .values import Operand, Result


class Question(NamedTuple):
    """An operation with everything that its rule needs."""

    operation: str
    bound: Bound
    free: Mapping[str, int]
    grad: bool

    def with_operand(self, index: int, operand: Operand) -> Question:
        """The same with another operand."""
        operands = list(self.bound.operands)
        operands[index] = operand
        return self._replace(bound=self.bound._replace(operands=tuple(operands)))

    def with_argument(self, name: str, value: Any) -> Question:
        """The same with another argument."""
        arguments = {**self.bound.arguments, name: value}
        return self._replace(bound=self.bound._replace(arguments=arguments))


class Judged(NamedTuple):
    """What a rule found: the call with its problems and traps, and the outcome."""

    call: Call
    outcome: Optional[Outcome]

    @property
    def ok(self) -> bool:
        """Whether it runs."""
        return not self.call.problems

    @property
    def results(self) -> List[Result]:
        """The tensors that it returns."""
        if isinstance(self.outcome, Result):
            return [self.outcome]
        return self.outcome if isinstance(self.outcome, list) else []


def judge(question: Question) -> Judged:
    """Applies the rule.  UnknownArgument and Malformed go through."""
    function, _ = rule_of(question.operation)
    call = Call(question.operation, question.bound, question.free, question.grad)
    try:
        outcome: Optional[Outcome] = function(call)
    except Refused:
        outcome = None
    except CannotCheck:
        raise
    except Exception as error:
        # Arguments are strangers': what a rule stumbles over is not followed, and no traceback.
        raise UnknownArgument(
            f"The checker could not read an argument of {question.operation} "
            f"({type(error).__name__})."
        ) from error
    return Judged(call, outcome)


def applied(operation: str, operand: Operand, *others: Any, **arguments: Any) -> Optional[Operand]:
    """An operand after an operation on it; None where that fails."""
    _, signatures = rule_of(operation)
    bound = choose(signatures, [operand, *others], arguments)
    judged = judge(Question(operation, bound, {}, True))
    if not judged.ok or len(judged.results) != 1:
        return None
    return judged.results[0].operand(operand.name)
