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


#: More tensors are not guarded: a guard takes some 250 bytes.
_MOST_GUARDED = 50_000


class Placed(NamedTuple):
    """What else can change of plain tensors that stay the same objects, by columns.

    ``is_leaf`` and ``is_view`` are not among them: they change with these, or with
    ``requires_grad``.
    """

    addresses: List[int]
    nbytes: List[int]
    offsets: List[int]
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
        guards = getattr(getattr(torch._C, "_dynamo", None), "guards", None)
        self._make_guards: Any = getattr(guards, "TensorGuards", None)

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

    def guards(self, tensors: Sequence[Any]) -> Optional[Callable[[Sequence[Any]], bool]]:
        """Tells of the same tensors, later, whether what ``shaped`` says is as it was.

        By the guards that Dynamo's compiled code is checked with: one call into C, which
        keeps sizes and the like, but no tensor and no weak reference.  None where torch
        has none.  They may say that something changed when nothing did.
        """
        if self._make_guards is None or not 0 < len(tensors) <= _MOST_GUARDED:
            return None
        # Guards do not look at requires_grad while gradients are switched off.
        switch, before = self.torch._C._set_grad_enabled, self.torch.is_grad_enabled()
        try:
            switch(True)
            check = self._make_guards(
                *tensors, dynamic_dims_sizes=None, dynamic_dims_strides=None
            ).check
        except Exception:  # another torch's guards are made in another way
            self._make_guards = None
            return None
        finally:
            switch(before)

        def unchanged(tensors: Sequence[Any]) -> bool:
            before = self.torch.is_grad_enabled()
            try:
                switch(True)
                return bool(check(*tensors))
            finally:
                switch(before)

        return unchanged

    def shaped(self, tensors: Sequence[Any], type_names: TypeNames) -> Columns:
        """What follows from class, dtype, device, sizes, strides and ``requires_grad``.

        Raises ``RuntimeError`` when one of them is not plain: sparse, nested, opaque and
        functorch's tensors have no storage, or no shape, to be asked.
        """
        get, call = self.get, self.call
        dtypes = list(map(get["dtype"], tensors))
        numel = list(map(call["numel"], tensors))
        sizes, truth = self.itemsizes, _BOOLEAN.__getitem__
        for dtype in set(dtypes).difference(sizes):
            sizes[dtype] = itemsize(self.torch, dtype)
        return {
            "type": type_names.of(tensors),
            "shape": self.shapes.of(map(get["shape"], tensors)),
            "rank": list(map(call["dim"], tensors)),
            "dtype": self.dtypes.of(dtypes),
            "device": self.devices.of(map(get["device"], tensors)),
            "layout": ['"strided"'] * len(numel),
            "numel": numel,
            "bytes": list(map(mul, numel, map(sizes.__getitem__, dtypes))),
            "is_contiguous": list(map(truth, map(call["is_contiguous"], tensors))),
            "strides": self.strides.of(map(call["stride"], tensors)),
            "requires_grad": list(map(truth, map(get["requires_grad"], tensors))),
        }

    def placed(self, tensors: Sequence[Any]) -> Placed:
        """Where they are, and their versions; raises as ``shaped`` does."""
        return Placed(
            list(map(self.address, tensors)),
            list(map(self.nbytes, map(self.storage, tensors))),
            list(map(self.call["storage_offset"], tensors)),
            self.versions(tensors),
        )

    def complete(self, tensors: Sequence[Any], shaped: Columns, placed: Placed) -> Columns:
        """All columns, from both halves."""
        nbytes, devices = placed.nbytes, shaped["device"]
        if '"meta"' in devices:
            nbytes = [0 if d == '"meta"' else n for n, d in zip(nbytes, devices)]
        truth = _BOOLEAN.__getitem__
        rest: Columns = {
            "storage_id": placed.addresses,
            "storage_bytes": nbytes,
            "is_view": list(map(truth, map(self.call["_is_view"], tensors))),
            "storage_offset": placed.offsets,
            "is_leaf": list(map(truth, map(self.get["is_leaf"], tensors))),
            "version": placed.versions,
        }
        return {name: shaped[name] if name in shaped else rest[name] for name in DESCRIBED}

    def describe(self, tensors: Sequence[Any], type_names: TypeNames) -> Columns:
        """Columns for plain tensors; raises as ``shaped`` does."""
        shaped = self.shaped(tensors, type_names)
        return self.complete(tensors, shaped, self.placed(tensors))

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
