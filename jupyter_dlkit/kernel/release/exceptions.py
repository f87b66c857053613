"""The last exception: kept by ``sys``, by IPython for ``%tb`` and ``%debug``, and by its result.

Those it came from (``__cause__``, ``__context__``, members of a group) are kept by it alone.
"""

from __future__ import annotations

import sys
from typing import Any, List

from ..memory.roots import Roots
from .parts import Part, Reference, roots

_OF_SYS = ("last_type", "last_value", "last_traceback", "last_exc")
_REPORTERS = ("InteractiveTB", "SyntaxTB", "sys_excepthook")


def part(shell: Any, what: str) -> Part:
    """Everything that keeps it."""
    references = [_delete(sys, name, f"sys.{name}") for name in _OF_SYS if name in vars(sys)]
    for name in _REPORTERS:
        reporter = vars(shell).get(name)
        own = getattr(reporter, "__dict__", None)
        if type(own) is not dict:
            continue
        if own.get("tb") is not None:
            references.append(_delete(reporter, "tb", f"{name}.tb"))
        if own.get("last_syntax_error") is not None:
            references.append(_none(reporter, "last_syntax_error", f"{name}.last_syntax_error"))
        if own.get("pdb") is not None:  # of %debug, which makes another when it needs one
            references.append(_none(reporter, "pdb", f"{name}.pdb"))
    result = getattr(shell, "last_execution_result", None)
    if _error_of(result) is not None:
        references.append(_none(shell, "last_execution_result", "last_execution_result"))

    def only() -> Any:
        return roots(shell, errors=_errors(shell), exception=True)

    def without(rest: Roots) -> Roots:
        left = roots(shell, rest.namespace, rest.outputs, rest.history)
        rest.outputs.clear()
        rest.drop()
        return left

    nothing = None if references else "no exception is kept"
    return Part(what, references, only, without, nothing=nothing)


def _errors(shell: Any) -> List[BaseException]:
    """The exceptions, each once; what they came from is found from there."""
    result = getattr(shell, "last_execution_result", None)
    waiting = [vars(sys).get("last_exc"), vars(sys).get("last_value"), _error_of(result)]
    found: List[BaseException] = []
    while waiting:
        one = waiting.pop(0)
        if not issubclass(type(one), BaseException) or any(one is other for other in found):
            continue
        found.append(one)
    return found


def _error_of(result: Any) -> Any:
    error = getattr(result, "error_in_exec", None)
    return getattr(result, "error_before_exec", None) if error is None else error


def _delete(owner: Any, name: str, label: str) -> Reference:
    return Reference(label, lambda: vars(owner).pop(name, None))


def _none(owner: Any, name: str, label: str) -> Reference:
    return Reference(label, lambda: setattr(owner, name, None))
