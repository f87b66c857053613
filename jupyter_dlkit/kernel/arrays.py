"""NumPy arrays as rows, and the memory that they share with tensors."""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any, Dict, List, Sequence, Tuple

from .columns import Columns, TypeNames, empty

#: Steps from a view to the array that owns the memory.
_DEEPEST = 64


class Owner:
    """The memory behind an array: where it begins, and its length in bytes."""

    def __init__(self, address: int, nbytes: int, storage: str) -> None:
        self.address = address
        self.nbytes = nbytes
        self.storage = storage


def describe(
    numpy: Any, arrays: Sequence[Any], type_names: TypeNames
) -> Tuple[Columns, List[Owner]]:
    """Columns for arrays, by NumPy's own descriptors, and the memory of each."""
    base = numpy.ndarray
    get = {
        name: getattr(base, name).__get__
        for name in ("shape", "strides", "dtype", "nbytes", "size", "ndim", "base", "flags")
    }
    interface = base.__array_interface__.__get__
    columns, owners = empty(), []
    for array in arrays:
        root = array
        for _ in range(_DEEPEST):
            parent = get["base"](root)
            if parent is None or not _is_array(parent, base):
                break
            root = parent
        address = interface(root)["data"][0]
        owner = Owner(address, get["nbytes"](root), f"a{address:x}")
        owners.append(owner)
        dtype = get["dtype"](array)
        size = dtype.itemsize or 1
        row: Dict[str, Any] = {
            "type": type_names.of([array])[0],
            "shape": json.dumps(list(get["shape"](array))),
            "rank": get["ndim"](array),
            "dtype": json.dumps(dtype.name if dtype.names is None else str(dtype)),
            "device": '"cpu"',
            "layout": '"strided"',
            "numel": get["size"](array),
            "bytes": get["nbytes"](array),
            "storage_id": owner.storage,
            "storage_bytes": owner.nbytes,
            "is_view": "true" if root is not array else "false",
            "is_contiguous": "true" if get["flags"](array).c_contiguous else "false",
            "strides": json.dumps([stride // size for stride in get["strides"](array)]),
            "storage_offset": (interface(array)["data"][0] - address) // size,
            "requires_grad": "false",
            "is_leaf": "true",
            "version": None,
        }
        for name, value in row.items():
            columns[name].append(value)
    return columns, owners


def share(owners: List[Owner], arrays: Columns, tensors: Columns, pointers: Sequence[int]) -> None:
    """Give arrays and tensors on the same memory one storage.

    ``pointers`` are where the storages of ``tensors`` begin (0: not on the CPU).  An
    array made by ``tensor.numpy()`` lies inside the tensor's storage, and a
    tensor made by ``torch.from_numpy`` begins inside the array's memory.
    """
    spans = sorted(owners, key=lambda owner: owner.address)
    starts = [owner.address for owner in spans]
    shared: Dict[Any, Owner] = {}
    for row, pointer in enumerate(pointers):
        storage = tensors["storage_id"][row]
        if not pointer or storage in shared:
            continue
        end = pointer + tensors["storage_bytes"][row]
        position = max(bisect_right(starts, pointer) - 1, 0)
        for owner in spans[position:]:
            if owner.address >= max(end, pointer + 1):
                break
            if owner.address + owner.nbytes > pointer:
                first = shared.setdefault(storage, owner)
                first.nbytes = max(first.nbytes, owner.nbytes, end - pointer)
                owner.storage, owner.nbytes = first.storage, first.nbytes
    if not shared:
        return
    for row, storage in enumerate(tensors["storage_id"]):
        owner_of = shared.get(storage)
        if owner_of is not None:
            tensors["storage_id"][row] = owner_of.storage
            tensors["storage_bytes"][row] = owner_of.nbytes
    arrays["storage_id"] = [owner.storage for owner in owners]
    arrays["storage_bytes"] = [owner.nbytes for owner in owners]


def _is_array(value: Any, base: type) -> bool:
    return any(cls is base for cls in type.__dict__["__mro__"].__get__(type(value)))
