"""What an expression can be known to be, without running it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..values import Operand, Scalar, Verdict


class Unknown:
    """What is not known.  Whatever is done with it is not known either."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()

#: What ``look`` answers for a name that is not there at all: then it is Python's own, if any.
ABSENT = Unknown()


@dataclass(frozen=True)
class Constant:
    """A text, bytes, None or the ellipsis."""

    value: Any


NOTHING = Constant(None)


@dataclass(frozen=True)
class Dtype:
    """A dtype of torch, by its name without ``torch.``."""

    name: str


@dataclass(frozen=True)
class Device:
    """A device, as torch prints it; ``?`` for one that is not known."""

    name: str


#: ``"cuda" if torch.cuda.is_available() else "cpu"``.
SOME_DEVICE = Device("?")


@dataclass(frozen=True)
class Named:
    """Something of a library, by the path that it is documented under.

    ``torch``, ``torch.nn.functional``, ``torch.nn.Linear``, ``math.prod``.
    """

    path: str


@dataclass(frozen=True)
class Array:
    """A NumPy array: its shape and dtype.  NumPy's own rules are not followed."""

    shape: Tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Range:
    """``range(start, stop, step)``."""

    start: int
    stop: int
    step: int

    def __len__(self) -> int:
        return len(range(self.start, self.stop, self.step))


@dataclass(frozen=True)
class Size:
    """``torch.Size``, or any tuple of known things."""

    items: Tuple[Any, ...]
    #: Names of the items, where there are (``x.max(0).indices``).
    fields: Tuple[str, ...] = ()


@dataclass(eq=False)
class Items:
    """A list.  It is changed in place, as the user's is, until it is no longer known."""

    items: Optional[List[Any]]


@dataclass(eq=False)
class Table:
    """A dict with known keys.  Changed in place; None when it is no longer known."""

    items: Optional[Dict[Any, Any]]


@dataclass(frozen=True)
class Layer:
    """A module of torch's own: its class (``Linear``), parameters and settings.

    ``operands``: by the module's names (``weight``, ``bias``; absent where None).
    ``settings``: by the module's attributes (``stride``, ``padding_idx``…), plain values.
    ``children``: of a Sequential, in order.  ``training`` is never relied upon.
    """

    kind: str
    operands: Mapping[str, Operand] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    children: Tuple[Any, ...] = ()


@dataclass(frozen=True)
class Method:
    """``x.view``: a method that is known, before it is called."""

    owner: Any
    name: str


#: Operand, Scalar, Constant, Dtype, Device, Named, Array, Range, Size, Items, Table, Layer,
#: Method or UNKNOWN.
Value = Any


@dataclass(frozen=True)
class Place:
    """Where in the source: lines from 1, columns from 0 in UTF-8 bytes, as ``ast`` counts."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Edit:
    """A mend as a change of the source: what is at ``place`` becomes ``replacement``.

    ``source`` is the whole sub-expression after the change.
    """

    message: str
    place: Place
    replacement: str
    source: str


@dataclass(frozen=True)
class Finding:
    """What would fail, or would run and do something else than was meant.

    ``severity``: ``error`` or ``warning``.  ``source``: the sub-expression.  ``operands``:
    the source of each of its operands.  ``verdict``: the engine's; None where the rule is
    Python's own (``a, b = x.shape``).
    """

    place: Place
    code: str
    severity: str
    message: str
    source: str
    operands: Tuple[str, ...] = ()
    verdict: Optional[Verdict] = None
    edits: Tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Step:
    """One operation of an expression: its source and the engine's verdict.

    ``operands``: their sources; ``values``: what they were, None for one that is left out.
    """

    source: str
    place: Place
    operands: Tuple[str, ...]
    verdict: Verdict
    values: Tuple[Any, ...] = ()


@dataclass(frozen=True)
class Followed:
    """An expression that was followed.

    ``unparsed``: why it could not be parsed, a sentence, or None.
    """

    value: Value
    steps: Tuple[Step, ...] = ()
    findings: Tuple[Finding, ...] = ()
    unparsed: Optional[str] = None


def number(value: Any) -> Value:
    """A number that is known."""
    return Scalar(value)


def sizes(shape: Tuple[int, ...]) -> Size:
    """A shape as ``x.shape`` gives it."""
    return Size(tuple(Scalar(size) for size in shape))


def is_known_number(value: Value) -> bool:
    """A Python number whose value is known."""
    return isinstance(value, Scalar) and value.known


def whole(value: Value) -> Optional[int]:
    """The int, where the value is a known int (not a bool)."""
    if isinstance(value, Scalar) and value.known and type(value.value) is int:
        return value.value
    return None


def elements(value: Value) -> Optional[Tuple[Any, ...]]:
    """What iterating over it gives, where that is known and not long."""
    if isinstance(value, Size):
        return value.items
    if isinstance(value, Items):
        return None if value.items is None else tuple(value.items)
    if isinstance(value, Table):
        if value.items is None:
            return None
        return tuple(plain_value(key) for key in value.items)
    if isinstance(value, Range) and len(value) <= LONGEST:
        return tuple(Scalar(i) for i in range(value.start, value.stop, value.step))
    return None


#: Sequences longer than this are not followed item by item.
LONGEST = 64


def plain_value(value: Any) -> Value:
    """A Python constant as a value."""
    if isinstance(value, (bool, int, float, complex)):
        return Scalar(value)
    if value is None or value is Ellipsis or isinstance(value, (str, bytes)):
        return Constant(value)
    if isinstance(value, tuple):
        return Size(tuple(plain_value(item) for item in value))
    return UNKNOWN


class NotPlain(Exception):
    """The value has no plain Python equivalent."""


def plain(value: Value) -> Any:
    """A value as the engine's arguments want it.  Raises NotPlain."""
    if isinstance(value, Scalar) and value.known:
        return value.value
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, (Dtype, Device)):
        return value.name
    if isinstance(value, Operand):
        return value
    if isinstance(value, (Size, Items, Range)):
        items = elements(value)
        if items is not None:
            return [plain(item) for item in items]
    raise NotPlain


def truth(value: Value) -> Optional[bool]:
    """``bool(value)``, or None where it is not known."""
    if isinstance(value, Scalar):
        return bool(value.value) if value.known else None
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Range):
        return len(value) > 0
    if isinstance(value, (Size, Items, Table)):
        return None if value.items is None else bool(value.items)
    if isinstance(value, (Layer, Named, Dtype, Device, Method)):
        return True if not isinstance(value, Layer) or value.kind != "Sequential" else None
    return None


def either(values: Sequence[Any]) -> Value:
    """One of these, nobody knows which."""
    first = values[0]
    if all(same(first, one) for one in values[1:]):
        return first
    if all(map(_is_device, values)):
        return SOME_DEVICE
    return UNKNOWN


def _is_device(value: Value) -> bool:
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value.partition(":")[0] in ("cpu", "cuda", "mps", "xpu")
    return isinstance(value, Device)


def same(left: Value, right: Value) -> bool:
    """Whether two values are the same for whoever uses them from now on."""
    if left is right:
        return True
    if isinstance(left, (Items, Table)) or isinstance(right, (Items, Table)):
        return False  # two objects: a change of one is not a change of the other
    if type(left) is not type(right):
        return False
    if isinstance(left, Size):
        return (
            left.fields == right.fields
            and len(left.items) == len(right.items)
            and all(map(same, left.items, right.items))
        )
    if isinstance(left, Scalar):
        return type(left.value) is type(right.value) and repr(left) == repr(right)
    if isinstance(left, Operand):  # whatever it is called
        return bool(replace(left, name=None) == replace(right, name=None))
    if isinstance(left, Layer):
        return (
            (left.kind, left.settings) == (right.kind, right.settings)
            and left.operands.keys() == right.operands.keys()
            and all(same(one, right.operands[name]) for name, one in left.operands.items())
            and len(left.children) == len(right.children)
            and all(map(same, left.children, right.children))
        )
    return bool(left == right)
