"""Describes many tensors at once, a column at a time.

``list(map(descriptor, tensors))`` fills a column at C speed and leaves no object
per row behind that the garbage collector would count.  Shapes, strides, dtypes
and devices are kept as the JSON text that they will be.

Descriptors are ``torch._C.TensorBase``'s own, so that no property of a subclass
is asked; the caller has switched off torch functions of subclasses.
"""

from __future__ import annotations

import json
from operator import mul
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from .kinds import type_name

#: Fields of a row that a description fills, in the order of the answer.
DESCRIBED = (
    "type",
    "shape",
    "rank",
    "dtype",
    "device",
    "layout",
    "numel",
    "bytes",
    "storage_id",
    "storage_bytes",
    "is_view",
    "is_contiguous",
    "strides",
    "storage_offset",
    "requires_grad",
    "is_leaf",
    "version",
)

#: Fields whose values are JSON text already.
TEXT = frozenset(
    """
    type shape dtype device layout is_view is_contiguous strides requires_grad is_leaf
    """.split()  # noqa: SIM905
)

Columns = Dict[str, List[Any]]

#: Different shapes and the like that are remembered as text.
_MOST_TEXTS = 20_000

_BOOLEAN = {True: "true", False: "false"}


class Texts(Dict[Any, str]):
    """Remembers the JSON text of values: ``texts[value]``."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self.write = write

    def __missing__(self, value: Any) -> str:
        if len(self) > _MOST_TEXTS:
            self.clear()
        text = self[value] = self.write(value)
        return text

    def of(self, values: Iterable[Any]) -> List[str]:
        """The text of each value."""
        return list(map(self.__getitem__, values))


class TypeNames:
    """JSON text of class names in one scan, by identity: a metaclass may define ``__hash__``."""

    def __init__(self) -> None:
        self._known: Dict[int, str] = {}

    def of(self, values: Sequence[Any]) -> List[str]:
        """The class name of each value."""
        ids = list(map(id, map(type, values)))
        unknown = set(ids).difference(self._known)
        if unknown:
            for value, number in zip(values, ids):
                if number in unknown:
                    unknown.discard(number)
                    self._known[number] = json.dumps(type_name(type(value)))
        return list(map(self._known.__getitem__, ids))


def _sizes(value: Sequence[int]) -> str:
    return json.dumps(list(value))


def _after_dot(value: Any) -> str:
    return json.dumps(str(value).partition(".")[2])


class Fingerprint(NamedTuple):
    """Columns that tell whether anything changed of tensors that are the same objects.

    Shapes and strides by their hashes, which leaves no tuple per row behind.
    ``is_leaf`` is not among them: it changes with ``requires_grad`` or the version.
    """

    types: List[int]
    dtypes: List[Any]
    shapes: List[int]
    strides: List[int]
    addresses: List[int]
    nbytes: List[int]
    offsets: List[int]
    requires_grad: List[bool]
    versions: List[Any]


class Describer:
    """Fills the columns of plain, strided tensors."""

    def __init__(self, torch: Any) -> None:
        base = torch._C.TensorBase
        self.torch = torch
        self.get = {
            name: getattr(base, name).__get__
            for name in ("shape", "dtype", "device", "layout", "requires_grad", "is_leaf")
        }
        self.version = base._version.__get__
        self.nested = base.is_nested.__get__
        self.call = {
            name: getattr(base, name)
            for name in ("numel", "dim", "stride", "storage_offset", "is_contiguous", "_is_view")
        }
        self.storage = base.untyped_storage
        storage = torch._C.StorageBase
        self.nbytes = storage.nbytes
        self.address = getattr(torch._C, "_storage_address", None) or (
            lambda tensor: storage._cdata.__get__(self.storage(tensor))
        )
        self.shapes = Texts(_sizes)
        self.strides = Texts(_sizes)
        self.dtypes = Texts(_after_dot)
        self.devices = Texts(lambda device: json.dumps(str(device)))
        self.layouts = Texts(_after_dot)
        self.itemsizes: Dict[Any, int] = {}
        self.functorch = getattr(
            getattr(torch._C, "_functorch", None), "is_functorch_wrapped_tensor", None
        )

    def is_plain(self, tensors: Sequence[Any]) -> List[bool]:
        """Whether each tensor has strides and a storage that can be read in passing."""
        strided = self.torch.strided
        layouts = list(map(self.get["layout"], tensors))
        if layouts.count(strided) == len(layouts):
            plain = [True] * len(layouts)
        else:
            plain = [layout is strided for layout in layouts]
        if any(map(self.nested, tensors)):
            plain = [p and not self.nested(t) for p, t in zip(plain, tensors)]
        if self.functorch is not None and any(map(self.functorch, tensors)):
            plain = [p and not self.functorch(t) for p, t in zip(plain, tensors)]
        return plain

    def fingerprint(self, tensors: Sequence[Any]) -> Fingerprint:
        """What can change of a plain tensor that stays the same object.

        Raises ``RuntimeError`` when one of them is not plain: sparse, nested, opaque and
        functorch's tensors have no storage, or no shape, to be asked.
        """
        get, call = self.get, self.call
        return Fingerprint(
            list(map(id, map(type, tensors))),
            list(map(get["dtype"], tensors)),
            list(map(hash, map(get["shape"], tensors))),
            list(map(hash, map(call["stride"], tensors))),
            list(map(self.address, tensors)),
            list(map(self.nbytes, map(self.storage, tensors))),
            list(map(call["storage_offset"], tensors)),
            list(map(get["requires_grad"], tensors)),
            self.versions(tensors),
        )

    def describe(
        self, tensors: Sequence[Any], type_names: TypeNames, seen: Optional[Fingerprint] = None
    ) -> Columns:
        """Columns for plain tensors; ``seen`` is their fingerprint, if it is known."""
        get, call = self.get, self.call
        seen = seen or self.fingerprint(tensors)
        devices = self.devices.of(map(get["device"], tensors))
        numel = list(map(call["numel"], tensors))
        sizes = self.itemsizes
        for dtype in set(seen.dtypes).difference(sizes):
            sizes[dtype] = itemsize(self.torch, dtype)
        nbytes = seen.nbytes
        if '"meta"' in devices:
            nbytes = [0 if d == '"meta"' else n for n, d in zip(nbytes, devices)]
        truth = _BOOLEAN.__getitem__
        return {
            "type": type_names.of(tensors),
            "shape": self.shapes.of(map(get["shape"], tensors)),
            "rank": list(map(call["dim"], tensors)),
            "dtype": self.dtypes.of(seen.dtypes),
            "device": devices,
            "layout": ['"strided"'] * len(numel),
            "numel": numel,
            "bytes": list(map(mul, numel, map(sizes.__getitem__, seen.dtypes))),
            "storage_id": seen.addresses,
            "storage_bytes": nbytes,
            "is_view": list(map(truth, map(call["_is_view"], tensors))),
            "is_contiguous": list(map(truth, map(call["is_contiguous"], tensors))),
            "strides": self.strides.of(map(call["stride"], tensors)),
            "storage_offset": seen.offsets,
            "requires_grad": list(map(truth, seen.requires_grad)),
            "is_leaf": list(map(truth, map(get["is_leaf"], tensors))),
            "version": seen.versions,
        }

    def pointers(self, tensors: Sequence[Any]) -> List[int]:
        """Where the storage of each tensor begins in the host's memory; 0 on other devices."""
        cpu = self.torch.device("cpu")
        start = self.torch._C.StorageBase.data_ptr
        return [
            start(self.storage(tensor)) if self.get["device"](tensor) == cpu else 0
            for tensor in tensors
        ]

    def versions(self, tensors: Sequence[Any]) -> List[Any]:
        """Autograd's version counters; tensors made under inference mode have none."""
        try:
            return list(map(self.version, tensors))
        except RuntimeError:
            return [self.version_or_none(tensor) for tensor in tensors]

    def version_or_none(self, tensor: Any) -> Any:
        """The version counter of one tensor, or None."""
        try:
            return self.version(tensor)
        except RuntimeError:
            return None


def itemsize(torch: Any, dtype: Any) -> int:
    """Bytes of an element."""
    size = getattr(dtype, "itemsize", None)  # torch 2.1 and later
    return int(torch.empty((), dtype=dtype).element_size() if size is None else size)


def empty() -> Columns:
    """Columns without rows."""
    return {name: [] for name in DESCRIBED}


def extend(columns: Columns, more: Columns) -> None:
    """Append the rows of ``more``."""
    for name in DESCRIBED:
        columns[name].extend(more[name])
