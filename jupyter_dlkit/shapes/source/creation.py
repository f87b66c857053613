"""New tensors: ``torch.zeros(3, 4)``, ``torch.tensor([…])``, ``x.new_zeros(…)``, ``x.to(…)``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

from ..dtypes import is_floating
from ..layout import contiguous_strides
from ..values import Operand, Scalar
from .torch_names import DTYPES
from .values import (
    NOTHING,
    SOME_DEVICE,
    UNKNOWN,
    Array,
    Constant,
    Device,
    Dtype,
    Items,
    Range,
    Size,
    Unknown,
    Value,
    elements,
    whole,
)

if TYPE_CHECKING:
    from .expressions import Expressions

_LARGEST = 2**63 - 1

_SIZED = frozenset({"zeros", "ones", "empty", "rand", "randn"})
_LIKE = frozenset(
    {"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like"}
)  # fmt: skip
CREATIONS = (
    _SIZED
    | _LIKE
    | {"full", "arange", "linspace", "logspace", "eye", "randint", "randperm"}
    | {"tensor", "as_tensor", "asarray", "from_numpy"}
)
NEW = frozenset({"new_zeros", "new_ones", "new_empty", "new_full", "new_tensor"})
CASTS = frozenset(DTYPES) - {"int8", "uint8"} | {"int", "float", "bool", "char", "byte"}
_CAST_TO = {**DTYPES, "char": "int8", "byte": "uint8"}


def created(
    follow: Expressions, name: str, positional: Sequence[Value], keywords: Dict[str, Value]
) -> Value:
    """What a function of `CREATIONS` returns."""
    if keywords.keys() & {"out", "names", "layout"}:
        return UNKNOWN
    dtype = _dtype(keywords.get("dtype"))
    device = named_device(follow, keywords.get("device"))
    if dtype is None or device is None:
        return UNKNOWN
    if name in _LIKE:
        return _like(positional, keywords, dtype, device)
    if not follow.names.outside.usual and not (dtype and device):
        return UNKNOWN
    if name in ("tensor", "as_tensor", "asarray", "from_numpy"):
        return _from_data(name, positional, keywords, dtype, device)
    shape, implied, values = _SHAPES[name if name not in _SIZED else "zeros"](
        list(positional), keywords
    )
    if shape is None:
        return UNKNOWN
    if name == "zeros" or name == "ones":
        values = (0, 0) if name == "zeros" else (1, 1)
    elif name in _SIZED:
        values = None
    return _new(follow, shape, dtype or implied, device or "cpu", values, keywords)


def created_like_owner(
    follow: Expressions,
    name: str,
    owner: Operand,
    positional: Sequence[Value],
    keywords: Dict[str, Value],
) -> Value:
    """``x.new_zeros(3)``: the owner's dtype and device where none is given."""
    dtype = _dtype(keywords.get("dtype"))
    device = named_device(follow, keywords.get("device"))
    if dtype is None or device is None:
        return UNKNOWN
    if name == "new_tensor":
        return UNKNOWN
    if name == "new_full":
        shape = size_of(positional[:1]) if positional else None
    else:
        shape = size_of(positional or [keywords.get("size", UNKNOWN)])
    if shape is None:
        return UNKNOWN
    return _new(follow, shape, dtype or owner.dtype, device or owner.device, None, keywords)


def converted(
    follow: Expressions,
    owner: Operand,
    name: str,
    positional: Sequence[Value],
    keywords: Dict[str, Value],
) -> Value:
    """``x.to(…)``, ``x.cuda()``, ``x.cpu()``, ``x.float()``, ``x.type(torch.long)``."""
    dtype: Optional[str] = ""
    device: Optional[str] = ""
    left = dict(keywords)
    for word in ("non_blocking", "copy", "memory_format"):
        left.pop(word, None)
    if name in CASTS and not positional:
        dtype = _CAST_TO[name]
    elif name == "cpu" and not positional:
        device = "cpu"
    elif name == "cuda":
        given = positional[0] if positional else left.pop("device", Constant("cuda"))
        device = device_of(follow, given)
        if device and not device.startswith("cuda") and follow.names.outside.devices_known:
            return UNKNOWN
    elif name in ("to", "type"):
        named = left.pop("device", None)
        if isinstance(named, Unknown):
            device, named = some_device(follow), None
        for given in (*positional, left.pop("dtype", None), named):
            if given is None or (isinstance(given, Scalar) and isinstance(given.value, bool)):
                continue  # non_blocking, copy
            if isinstance(given, Operand) and name == "to":
                dtype, device = given.dtype, given.device
            elif isinstance(given, Dtype):
                dtype = given.name
            elif name == "to" and given != NOTHING:
                device = device_of(follow, given)
    else:
        return UNKNOWN
    if left or dtype is None or device is None or (name == "type" and not dtype):
        return UNKNOWN
    new = (dtype or owner.dtype, device or owner.device)
    if new == (owner.dtype, owner.device):
        return owner
    return Operand(
        owner.shape,
        *new,
        requires_grad=owner.requires_grad and is_floating(new[0]),
        is_leaf=not owner.requires_grad,
        strides=dense(owner),
        index_range=owner.index_range if new[0] == owner.dtype else None,
    )


def dense(owner: Operand) -> Optional[Tuple[int, ...]]:
    """The strides of a copy that preserves the layout, where they are plain."""
    contiguous = contiguous_strides(owner.shape)
    return contiguous if owner.strides == contiguous else None


def size_of(values: Sequence[Value]) -> Optional[Tuple[int, ...]]:
    """A shape given as ``3, 4`` or as ``(3, 4)``."""
    if len(values) == 1 and whole(values[0]) is None:
        found = elements(values[0]) if isinstance(values[0], (Size, Items)) else None
        if found is None:
            return None
        values = found
    shape: List[int] = []
    for value in values:
        size = whole(value)
        if size is None or not 0 <= size <= _LARGEST:
            return None
        shape.append(size)
    return tuple(shape) if len(shape) <= 64 else None


def device_of(follow: Expressions, value: Optional[Value]) -> Optional[str]:
    """A device's name, "" where none is given; None where ``value`` may be no device at all.

    Where the device is not known, no device is relied upon from then on.
    """
    if value is None or value == NOTHING:
        return ""
    if value == SOME_DEVICE:
        return some_device(follow)
    name: Optional[str] = None
    if isinstance(value, Device):
        name = value.name
    elif isinstance(value, Constant) and isinstance(value.value, str):
        name = value.value
    elif whole(value) is not None:
        name = f"cuda:{whole(value)}"
    if name == "cuda":
        current = whole(follow.names.outside.answer("torch.cuda.current_device()", "torch"))
        return some_device(follow) if current is None else f"cuda:{current}"
    if name is not None and (name in ("cpu", "meta") or ":" in name):
        return name
    return None


def some_device(follow: Expressions) -> str:
    """A tensor is on a device that is not known."""
    follow.names.outside.devices_known = False
    return "cpu"


def named_device(follow: Expressions, value: Optional[Value]) -> Optional[str]:
    """``device=…``: whatever is given is a device."""
    if isinstance(value, Unknown):
        return some_device(follow)
    return device_of(follow, value)


def _dtype(value: Optional[Value]) -> Optional[str]:
    if value is None or value == NOTHING:
        return ""
    return value.name if isinstance(value, Dtype) else None


def _new(
    follow: Expressions,
    shape: Tuple[int, ...],
    dtype: str,
    device: str,
    values: Optional[Tuple[int, int]],
    keywords: Dict[str, Value],
) -> Value:
    if math.prod(shape) > _LARGEST // 16:
        return UNKNOWN
    wants = keywords.get("requires_grad")
    return Operand(
        shape,
        dtype,
        device,
        requires_grad=isinstance(wants, Scalar) and wants.known and bool(wants.value),
        strides=contiguous_strides(shape),
        index_range=values if dtype.startswith(("int", "uint")) and 0 not in shape else None,
    )


def _like(
    positional: Sequence[Value], keywords: Dict[str, Value], dtype: str, device: str
) -> Value:
    owner = positional[0] if positional else keywords.get("input")
    if not isinstance(owner, Operand):
        return UNKNOWN
    return Operand(owner.shape, dtype or owner.dtype, device or owner.device, strides=dense(owner))


def _from_data(
    name: str,
    positional: Sequence[Value],
    keywords: Dict[str, Value],
    dtype: str,
    device: str,
) -> Value:
    data = positional[0] if positional else keywords.get("data", UNKNOWN)
    if isinstance(data, Array):
        shape, implied, values = data.shape, data.dtype, None
        if implied not in DTYPES:
            return UNKNOWN
    elif isinstance(data, Operand):
        if name == "from_numpy":
            return UNKNOWN
        device = device or data.device
        shape, implied, values = data.shape, data.dtype, None
    else:
        if name == "from_numpy":
            return UNKNOWN
        found = _nested(data, 0)
        if found is None:
            return UNKNOWN
        shape, numbers = found
        implied = _implied([type(one.value) for one in numbers])
        values = None
        if implied == "int64" and numbers and all(one.known for one in numbers):
            known = [int(one.value) for one in numbers if not isinstance(one.value, complex)]
            values = (min(known), max(known))
    final = dtype or implied
    return Operand(
        shape,
        final,
        device or "cpu",
        strides=contiguous_strides(shape) if not isinstance(data, (Array, Operand)) else None,
        index_range=values if final.startswith(("int", "uint")) else None,
    )


def _nested(data: Value, depth: int) -> Optional[Tuple[Tuple[int, ...], List[Scalar]]]:
    """Shape and numbers of nested lists; None where they are not known or ragged."""
    if isinstance(data, Scalar):
        return (), [data]
    items: Optional[Sequence[Any]] = None
    if isinstance(data, (Size, Items)):
        items = data.items
    elif isinstance(data, Range) and len(data) <= 4096:
        items = [Scalar(n) for n in range(data.start, data.stop, data.step)]
    if items is None or depth > 16:
        return None
    inner: Optional[Tuple[int, ...]] = None
    numbers: List[Scalar] = []
    for one in items:
        found = _nested(one, depth + 1)
        if found is None or (inner is not None and found[0] != inner):
            return None
        inner = found[0]
        numbers.extend(found[1])
    return (len(items), *(inner or ())), numbers


def _implied(types: List[type]) -> str:
    if complex in types:
        return "complex64"
    if float in types or not types:
        return "float32"
    return "int64" if int in types else "bool"


_Shaped = Tuple[Optional[Tuple[int, ...]], str, Optional[Tuple[int, int]]]
_NO: _Shaped = (None, "", None)


def _by_size(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    if not positional and "size" in keywords:
        positional = [keywords["size"]]
    return size_of(positional), "float32", None


def _full(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    size = positional[0] if positional else keywords.get("size", UNKNOWN)
    fill = positional[1] if len(positional) > 1 else keywords.get("fill_value", UNKNOWN)
    if not isinstance(fill, Scalar) or whole(size) is not None:
        return _NO
    value = whole(fill)
    values = None if value is None else (value, value)
    return size_of([size]), _implied([type(fill.value)]), values


def _arange(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    given = list(positional)
    if not given and "end" in keywords:
        given = [keywords.get("start", Scalar(0)), keywords["end"]]
        if "step" in keywords:
            given.append(keywords["step"])
    elif (len(given) == 1 and "end" in keywords) or "start" in keywords:
        return _NO
    elif "step" in keywords:
        given = [Scalar(0), *given] if len(given) == 1 else given
        given.append(keywords["step"])
    if not 1 <= len(given) <= 3:
        return _NO
    numbers: List[Any] = []
    for one in given:
        if not isinstance(one, Scalar) or not one.known or isinstance(one.value, (bool, complex)):
            return _NO
        numbers.append(one.value)
    start, end, step = 0, numbers[0], 1
    if len(numbers) > 1:
        start, end = numbers[:2]
    if len(numbers) > 2:
        step = numbers[2]
    if step == 0 or (end - start) * step < 0 or not all(map(math.isfinite, numbers)):
        return _NO
    whole_numbers = all(isinstance(number, int) for number in numbers)
    if whole_numbers:
        length = len(range(start, end, step)) if abs(end - start) < 2**62 else -1
        if length < 0:
            return _NO
        last = start + (length - 1) * step
        values = (min(start, last), max(start, last)) if length else None
        return (length,), "int64", values
    return (math.ceil((end - start) / step),), "float32", None


def _spaced(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    steps = positional[2] if len(positional) > 2 else keywords.get("steps", UNKNOWN)
    for one in positional[:2]:
        if not isinstance(one, Scalar) or isinstance(one.value, complex):
            return _NO
    return size_of([steps]) if whole(steps) is not None else None, "float32", None


def _eye(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    sizes = positional if len(positional) == 2 else [*positional, *positional]
    if len(sizes) != 2 or "m" in keywords or "n" in keywords:
        return _NO
    return size_of(sizes), "float32", None


def _randint(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    size = keywords.get("size", positional[-1] if len(positional) > 1 else UNKNOWN)
    if whole(size) is not None:
        return _NO
    return size_of([size]), "int64", None


def _randperm(positional: List[Value], keywords: Dict[str, Value]) -> _Shaped:
    count = whole(positional[0]) if len(positional) == 1 else None
    if count is None or count < 0:
        return _NO
    return (count,), "int64", (0, count - 1) if count else None


_SHAPES = {
    "zeros": _by_size,
    "full": _full,
    "arange": _arange,
    "linspace": _spaced,
    "logspace": _spaced,
    "eye": _eye,
    "randint": _randint,
    "randperm": _randperm,
}
