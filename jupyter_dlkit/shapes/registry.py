"""The rules by the names of torch's operations."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Sequence, Tuple, Union

from .errors import UnknownOperation
from .signature import Signature, parse
from .values import Result, Scalar

if TYPE_CHECKING:
    from .call import Call


class Undetermined(str):
    """It runs; why its result's shape cannot be known."""


#: What a rule returns.
Outcome = Union[Result, List[Result], Scalar, Undetermined]
Rule = Callable[["Call"], Outcome]

_RULES: Dict[str, Tuple[Rule, Tuple[str, ...]]] = {}
_PARSED: Dict[str, Tuple[Signature, ...]] = {}


def rule(*signatures: str) -> Callable[[Rule], Rule]:
    """Registers a rule for signatures; several of one name are tried in this order."""

    def register(function: Rule) -> Rule:
        for text in signatures:
            add_rule(text, function)
        return function

    return register


def add_rule(text: str, function: Rule) -> None:
    """One signature of an operation and the rule for it."""
    name = text.partition("(")[0]
    earlier = _RULES[name][1] if name in _RULES else ()
    _RULES[name] = (function, (*earlier, text))


def operations(families: Sequence[object]) -> Tuple[str, ...]:
    """Every name, sorted; the families of rules are asked for so that they are imported."""
    return tuple(sorted(_RULES)) if families else ()


def rule_of(operation: Any) -> Tuple[Rule, Tuple[Signature, ...]]:
    """The rule and its signatures; UnknownOperation with the names that are near."""
    if not isinstance(operation, str) or operation not in _RULES:
        raise _unknown(operation)
    function, texts = _RULES[operation]
    signatures = _PARSED.get(operation)
    if signatures is None:
        signatures = _PARSED[operation] = tuple(parse(text) for text in texts)
    return function, signatures


def _unknown(operation: object) -> UnknownOperation:
    word = str(operation)[:60] if isinstance(operation, str) else type(operation).__name__
    near = difflib.get_close_matches(word, _RULES, 3, 0.7)
    hint = f" Near it: {', '.join(near)}." if near else ""
    return UnknownOperation(f"The checker has no rule for {word!r}.{hint}")
