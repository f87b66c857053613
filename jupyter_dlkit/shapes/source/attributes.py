"""``x.shape`` and the other attributes that are known without running anything."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from ..dtypes import ITEMSIZE
from ..values import Operand, Scalar
from .torch_names import CLASSES, DTYPES, NAMESPACES
from .values import (
    SOME_DEVICE,
    UNKNOWN,
    Array,
    Constant,
    Device,
    Dtype,
    Layer,
    Method,
    Named,
    Size,
    Value,
    sizes,
)

if TYPE_CHECKING:
    from .expressions import Expressions

#: Attributes that are operations of the engine.
_VIEWS = {"T": "T", "mT": "mT", "H": "H", "mH": "mH", "real": "real", "imag": "imag"}


def attribute(follow: Expressions, node: ast.Attribute, owner: Value) -> Value:
    """``owner.name``."""
    name = node.attr
    if isinstance(owner, Operand):
        return of_tensor(follow, node, owner)
    if isinstance(owner, Named):
        return of_library(owner.path, name)
    if isinstance(owner, Layer):
        return of_layer(owner, name)
    if isinstance(owner, Size):
        if name in owner.fields:
            return owner.items[owner.fields.index(name)]
        return Method(owner, name)
    if isinstance(owner, Array):
        if name == "shape":
            return sizes(owner.shape)
        if name == "ndim":
            return Scalar(len(owner.shape))
        if name == "size":
            return Scalar(math.prod(owner.shape))
        return Method(owner, name)
    if isinstance(owner, Device):
        if name == "type" and owner != SOME_DEVICE:
            return Constant(owner.name.partition(":")[0])
        return UNKNOWN
    if isinstance(owner, (Scalar, Dtype)):
        return UNKNOWN
    return Method(owner, name)


def of_tensor(follow: Expressions, node: ast.Attribute, owner: Operand) -> Value:
    """An attribute of a tensor, or its method."""
    name = node.attr
    if name == "shape":
        return sizes(owner.shape)
    if name == "ndim":
        return Scalar(len(owner.shape))
    if name == "dtype":
        return Dtype(owner.dtype)
    if name == "device":
        return Device(owner.device) if follow.names.outside.devices_known else SOME_DEVICE
    if name == "is_cuda":
        known = follow.names.outside.devices_known
        return Scalar(owner.device.startswith("cuda")) if known else UNKNOWN
    if name == "itemsize":
        return Scalar(ITEMSIZE[owner.dtype])
    if name == "nbytes":
        return Scalar(ITEMSIZE[owner.dtype] * math.prod(owner.shape))
    if name == "data":
        return detached(owner)
    if name in _VIEWS:
        return follow.operation(node, _VIEWS[name], [(node.value, owner)])
    if name in ("grad", "grad_fn", "requires_grad", "is_leaf", "names", "layout", "volatile"):
        return UNKNOWN
    return Method(owner, name)


def detached(owner: Operand) -> Operand:
    """The same tensor outside the graph."""
    return Operand(
        owner.shape,
        owner.dtype,
        owner.device,
        strides=owner.strides,
        index_range=owner.index_range,
    )


def of_library(path: str, name: str) -> Value:
    """Something of torch's, math's or NumPy's by its documented path."""
    whole = f"{path}.{name}"
    if path == "torch" and name in DTYPES:
        return Dtype(DTYPES[name])
    if path == "math" and name in ("pi", "e", "tau", "inf", "nan"):
        return Scalar(getattr(math, name))
    if path in NAMESPACES or whole in NAMESPACES or path in CLASSES:
        return Named(whole)
    return UNKNOWN


def of_layer(owner: Layer, name: str) -> Value:
    """A parameter, a setting or a method of a module of torch's own."""
    if name in owner.operands:
        return owner.operands[name]
    if name in owner.settings:
        value = owner.settings[name]
        if isinstance(value, (bool, int, float)):
            return Scalar(value)
        return UNKNOWN
    if name in ("weight", "bias", "running_mean", "running_var", "training"):
        return UNKNOWN
    return Method(owner, name)
