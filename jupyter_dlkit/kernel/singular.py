"""Describes tensors that have no plain strides and storage, one at a time.

Sparse, nested, functorch's and those wrapped by ``__torch_dispatch__``.  What
cannot be known without running somebody's code is null.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from . import loaded
from .columns import DESCRIBED, TEXT, Columns, Describer, empty, itemsize
from .kinds import WRAPPED, Layout, instance_dict, layout, type_name

Row = Dict[str, Any]

_JAGGED = "torch.nested._internal.nested_tensor"
#: Module of ``FakeTensor``.
FAKE = "torch._subclasses.fake_tensor"


def describe(describer: Describer, tensors: List[Any], kinds: List[int]) -> Columns:
    """Columns for odd tensors."""
    columns = empty()
    for tensor, kind in zip(tensors, kinds):
        row = dict.fromkeys(DESCRIBED, None)
        row["type"] = json.dumps(type_name(type(tensor)))
        try:
            _fill(describer, tensor, kind, row)
        except Exception as error:  # this tensor refuses: its other fields stay null
            del error
        for name in DESCRIBED:
            value = row[name]
            columns[name].append("null" if value is None and name in TEXT else value)
    return columns


def _fill(describer: Describer, tensor: Any, kind: int, row: Row) -> None:
    if kind == WRAPPED:
        _wrapped(describer, tensor, row)
        return
    get = describer.get
    row["dtype"] = describer.dtypes[get["dtype"](tensor)]
    row["device"] = describer.devices[get["device"](tensor)]
    row["layout"] = describer.layouts[get["layout"](tensor)]
    row["requires_grad"] = json.dumps(get["requires_grad"](tensor))
    row["is_leaf"] = json.dumps(get["is_leaf"](tensor))
    row["version"] = describer.version_or_none(tensor)
    row["is_view"] = "false"
    if describer.nested(tensor):
        _nested(describer, tensor, row)
        return
    row["shape"] = describer.shapes[get["shape"](tensor)]
    row["rank"] = describer.call["dim"](tensor)
    row["numel"] = describer.call["numel"](tensor)
    parts = sparse_parts(describer.torch, tensor)
    if parts:
        row["bytes"] = sum(_nbytes(describer, part) for part in parts)
        if json.loads(row["device"]) == "meta":
            row["bytes"] = 0


def sparse_parts(torch: Any, tensor: Any) -> List[Any]:
    """The tensors in which a sparse tensor keeps its indices and values."""
    base = torch._C.TensorBase
    kind = base.layout.__get__(tensor)
    if kind is torch.sparse_coo:
        return [base._indices(tensor), base._values(tensor)]
    if kind in (torch.sparse_csr, torch.sparse_bsr):
        return [base.crow_indices(tensor), base.col_indices(tensor), base.values(tensor)]
    if kind in (torch.sparse_csc, torch.sparse_bsc):
        return [base.ccol_indices(tensor), base.row_indices(tensor), base.values(tensor)]
    return []


def _nbytes(describer: Describer, tensor: Any) -> int:
    dtype = describer.get["dtype"](tensor)
    return int(describer.call["numel"](tensor) * itemsize(describer.torch, dtype))


def _nested(describer: Describer, tensor: Any, row: Row) -> None:
    """A nested tensor of the strided layout: its parts lie in one buffer."""
    sizes = describer.torch._C.TensorBase._nested_tensor_size(tensor).tolist()
    shape: List[Optional[int]] = [len(sizes)]
    for column in zip(*sizes):
        shape.append(column[0] if len(set(column)) == 1 else None)
    row["shape"] = json.dumps(shape)
    row["rank"] = len(shape)
    row["numel"] = describer.call["numel"](tensor)
    storage = describer.storage(tensor)
    row["storage_id"] = describer.address(tensor)
    row["storage_bytes"] = describer.nbytes(storage)
    row["bytes"] = _nbytes(describer, tensor)


def _wrapped(describer: Describer, tensor: Any, row: Row) -> None:
    """A subclass whose answers run its ``__torch_dispatch__``: only what is known of its class."""
    where: Layout = layout(type(tensor))
    attributes = instance_dict(tensor, where) or {}
    if _is(tensor, FAKE, "FakeTensor"):
        shape = describer.get["shape"](tensor)
        if all(type(size) is int for size in shape):
            row["shape"] = json.dumps(list(shape))
            row["rank"] = len(shape)
            row["numel"] = describer.call["numel"](tensor)
        row["dtype"] = describer.dtypes[describer.get["dtype"](tensor)]
        row["device"] = json.dumps(
            str(attributes.get("_fake_device", attributes.get("fake_device")))
        )
        row["layout"] = describer.layouts[describer.get["layout"](tensor)]
        if row["numel"] is not None:
            row["bytes"] = _nbytes(describer, tensor)
        row["storage_bytes"] = 0
    elif _is(tensor, _JAGGED, "NestedTensor"):
        values = attributes.get("_values")
        sizes = attributes.get("_size") or ()
        if values is not None and type(values) is describer.torch.Tensor:
            row["shape"] = json.dumps([s if type(s) is int else None for s in sizes])
            row["rank"] = len(sizes)
            row["numel"] = describer.call["numel"](values)
            row["dtype"] = describer.dtypes[describer.get["dtype"](values)]
            row["device"] = describer.devices[describer.get["device"](values)]
            row["layout"] = '"jagged"'
            row["bytes"] = _nbytes(describer, values)
            row["storage_id"] = describer.address(values)
            row["storage_bytes"] = describer.nbytes(describer.storage(values))


def _is(tensor: Any, module: str, name: str) -> bool:
    """Whether the tensor is exactly of a class that is loaded."""
    found = loaded.loaded(module)
    return found is not None and type(tensor) is found.__dict__.get(name)
