"""What an operation is called with: which parameters are tensors, and in what order.

Written as torch writes them, with a kind after the name:

    add(input N, other N, *, alpha=1, out O=None)
    cat(tensors T*, dim=0)
    permute(input T, *dims)

``T`` a tensor, ``N`` a tensor or a number, ``T*`` a list of tensors, ``O`` a tensor that is
written into, nothing: an argument.  ``*dims`` takes the rest, or one list of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from .errors import CannotCheck, Malformed, UnknownArgument
from .values import Operand, Scalar

_REQUIRED = object()


class Parameter(NamedTuple):
    """One parameter of an operation."""

    name: str
    kind: str
    default: Any
    keyword_only: bool
    rest: bool

    @property
    def tensor(self) -> bool:
        """An operand, and not an argument."""
        return self.kind in ("T", "N", "T*")


class Bound(NamedTuple):
    """The operands in the order of the tensor parameters, and every argument's value."""

    operands: Tuple[Any, ...]
    names: Tuple[str, ...]
    arguments: Dict[str, Any]
    given: Tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """One way to call an operation."""

    operation: str
    parameters: Tuple[Parameter, ...]

    def from_call(
        self, positional: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Tuple[List[Any], Dict[str, Any]]:
        """(operands, arguments) of a Python call; ``self`` of a method is the first."""
        named: Dict[str, Any] = {}
        rest = list(positional)
        for parameter in self.parameters:
            if not rest or parameter.keyword_only:
                break
            if parameter.rest:
                one_list = len(rest) == 1 and isinstance(rest[0], (list, tuple))
                named[parameter.name] = rest[0] if one_list else rest
                rest = []
            else:
                named[parameter.name] = rest.pop(0)
        if rest:
            raise UnknownArgument(f"{self.operation} takes fewer positional arguments.")
        known = {parameter.name for parameter in self.parameters}
        for name, value in keywords.items():
            if name not in known:
                raise unknown_argument(self.operation, name)
            if name in named:
                raise Malformed(f"{self.operation} got {name} twice.")
            named[name] = value
        operands: List[Any] = []
        for parameter in self.parameters:
            if not parameter.tensor:
                continue
            value = named.pop(parameter.name, None)
            if parameter.kind == "T*":
                listed = _listed(self.operation, value)
                if any(one is None for one in listed):
                    raise Malformed(f"{self.operation} takes tensors, not None.")
                operands.extend(listed)
            else:
                operands.append(value)
        while operands and operands[-1] is None:
            operands.pop()
        self.bind(operands, named)
        return operands, named

    def bind(self, operands: Sequence[Any], arguments: Mapping[str, Any]) -> Bound:
        """Every parameter's value; raises where they do not fit this signature."""
        left = dict(arguments)
        values: Dict[str, Any] = {}
        ordered: List[Any] = []
        names: List[str] = []
        index = 0
        for parameter in self.parameters:
            name = parameter.name
            if parameter.kind == "T*":
                several = left.pop(name, None)
                listed = list(operands[index:]) if several is None else list(several)
                index = len(operands) if several is None else index
                for position, value in enumerate(listed):
                    if not isinstance(value, Operand):
                        raise Malformed(f"{self.operation} takes tensors, not {described(value)}.")
                    ordered.append(value)
                    names.append(f"tensor {position + 1}")
            elif parameter.tensor:
                if index < len(operands):
                    value = operands[index]
                    index += 1
                    if value is None and name in left:
                        value = left.pop(name)
                else:
                    value = left.pop(name, None)
                if value is None and parameter.default is _REQUIRED:
                    raise Malformed(self._needs())
                if isinstance(value, (bool, int, float, complex)):
                    value = Scalar(value)
                if value is not None and not isinstance(value, Operand):
                    if not isinstance(value, Scalar):
                        raise Malformed(
                            f"{name} of {self.operation} is a tensor, not {described(value)}."
                        )
                    if parameter.kind == "T":
                        raise Malformed(f"{name} of {self.operation} is a tensor, not a number.")
                ordered.append(value)
                names.append(name)
            elif name in left:
                value = left.pop(name)
                if isinstance(value, Scalar):
                    if not value.known:
                        raise UnknownArgument(f"The value of {name} is not known.")
                    value = value.value
                if isinstance(value, Operand) and parameter.kind != "O":
                    raise UnknownArgument(f"{self.operation} with a tensor as {name}.")
                values[name] = value
            elif parameter.default is _REQUIRED:
                raise Malformed(self._needs())
            else:
                values[name] = parameter.default
        if index < len(operands):
            raise Malformed(self._needs())
        if left:
            raise unknown_argument(self.operation, next(iter(left)))
        return Bound(tuple(ordered), tuple(names), values, tuple(arguments))

    def _needs(self) -> str:
        needed = [p.name for p in self.parameters if p.default is _REQUIRED and p.kind != "T*"]
        return f"{self.operation} needs {_and(needed)}."


def described(value: Any) -> str:
    """A stranger's value in a sentence, short and on one line."""
    if isinstance(value, Scalar):
        return "a number"
    if value is None or isinstance(value, (bool, int, float, str)):
        return ascii(value)[:40]
    return f"a {type(value).__name__}"


def unknown_argument(operation: str, name: object) -> UnknownArgument:
    """The sentence for an argument that no rule knows."""
    return UnknownArgument(f"The checker does not know {str(name)[:40]!r} of {operation}.")


def _and(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words) or "tensors"
    return ", ".join(words[:-1]) + " and " + words[-1]


def _listed(operation: str, value: Any) -> List[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if value is None:
        return []
    raise Malformed(f"{operation} takes a list of tensors, not {described(value)}.")


_CONSTANTS = {"None": None, "True": True, "False": False}


def _default(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text.strip("'\"")


def parse(text: str) -> Signature:
    """The signature that ``text`` writes down."""
    operation, _, inside = text.partition("(")
    parameters: List[Parameter] = []
    keyword_only = False
    for part in inside.rstrip(")").split(","):
        word = part.strip()
        if not word:
            continue
        if word == "*":
            keyword_only = True
            continue
        word, _, default = word.partition("=")
        rest = word.startswith("*")
        name, _, kind = word.lstrip("*").partition(" ")
        value = _default(default) if default else _REQUIRED
        parameters.append(Parameter(name, kind, value, keyword_only, rest))
    return Signature(operation, tuple(parameters))


def choose(
    signatures: Sequence[Signature], operands: Sequence[Any], arguments: Mapping[str, Any]
) -> Bound:
    """The first signature that takes these; else the first one's reason."""
    refusal: CannotCheck
    for number, signature in enumerate(signatures):
        try:
            return signature.bind(operands, arguments)
        except CannotCheck as error:
            if number == 0:
                refusal = error
    raise refusal
