"""Methods of tensors."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Dict, List, Tuple

from ..checking import OPERATIONS
from ..dtypes import ITEMSIZE, is_complex, is_floating
from ..layout import contiguous_strides
from ..values import Operand, Scalar
from . import creation
from .attributes import detached
from .torch_names import words
from .values import (
    NOTHING,
    UNKNOWN,
    Array,
    Value,
    sizes,
    whole,
)

if TYPE_CHECKING:
    from .expressions import Expressions

Argument = Tuple[ast.expr, Value]

_KNOWN = frozenset(OPERATIONS)

#: Methods after which the tensor itself, under every name, may have another shape.
RESHAPING = words(
    "unsqueeze_ squeeze_ t_ transpose_ swapaxes_ swapdims_ resize_ resize_as_ set_ "
    "as_strided_ moveaxis_ movedim_ share_memory_"
)

#: Methods that write values and return the tensor itself.
_WRITES = words(
    "zero_ fill_ normal_ uniform_ random_ bernoulli_ exponential_ cauchy_ geometric_ "
    "log_normal_ copy_ clamp_ clip_ masked_fill_ index_fill_ index_copy_ index_add_ "
    "scatter_ scatter_add_ masked_scatter_ fill_diagonal_ tril_ triu_ requires_grad_ "
    "detach_ retain_grad pin_memory share_memory_"
)

#: Functions of torch.nn.functional that are no methods.
_NO_METHODS = words(
    "linear embedding conv1d conv2d conv3d cross_entropy mse_loss l1_loss cat stack einsum "
    "where batch_norm layer_norm group_norm nll_loss concat concatenate hstack vstack "
    "dstack broadcast_tensors meshgrid"
)

_SAME = frozenset({"contiguous", "clone", "detach", "requires_grad_", "cpu", "positive"})


def of_tensor(
    follow: Expressions,
    node: ast.Call,
    name: str,
    owner: Argument,
    positional: List[Argument],
    keywords: Dict[str, Argument],
) -> Value:
    """``owner.name(…)``."""
    tensor = owner[1]
    assert isinstance(tensor, Operand)
    values = [value for _, value in positional]
    named = {word: value for word, (_, value) in keywords.items()}
    if name in RESHAPING:
        return _reshaping(follow, node, name, owner, positional, keywords)
    if name in creation.NEW:
        return creation.created_like_owner(follow, name, tensor, values, named)
    if name in creation.CASTS or name in ("to", "type", "cpu", "cuda"):
        return creation.converted(follow, tensor, name, values, named)
    if not named and not values and name in _PLAIN:
        return _PLAIN[name](tensor)
    if name in ("size", "stride"):
        return _size(follow, node, name, tensor, values, named)
    if name == "requires_grad_":
        return _requiring(tensor, values, named)
    if name == "where" and len(positional) == 2 and not keywords:
        condition, other = positional
        return follow.operation(node, "where", [condition, owner, other])
    if name.endswith("_") and not name.endswith("__"):
        if name in _KNOWN:
            return follow.in_place(node, name, [owner, *positional], keywords)
        follow.forget_ranges()
        if name in _WRITES:
            return tensor
        follow.reshaped(tensor)
        return UNKNOWN
    if name in _KNOWN and name not in _NO_METHODS:
        return follow.operation(node, name, [owner, *positional], keywords)
    if name in ("__getitem__", "__setitem__", "apply_", "map_"):
        follow.forget_ranges()
    return UNKNOWN


def _requiring(tensor: Operand, values: List[Value], named: Dict[str, Value]) -> Value:
    wants = values[0] if values else named.get("requires_grad", Scalar(True))
    if not isinstance(wants, Scalar) or not wants.known:
        return UNKNOWN
    return tensor


def _size(
    follow: Expressions,
    node: ast.Call,
    name: str,
    tensor: Operand,
    values: List[Value],
    named: Dict[str, Value],
) -> Value:
    given = [*values, *named.values()]
    listed = tensor.shape if name == "size" else tensor.strides
    if listed is None or len(given) > 1 or named.keys() - {"dim"}:
        return UNKNOWN
    if not given or given[0] == NOTHING:
        return sizes(listed)
    position = whole(given[0])
    if position is None:
        return UNKNOWN
    if -len(listed) <= position < len(listed):
        return Scalar(listed[position])
    text = follow.record.text.of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    follow.record.find(
        node,
        "dim",
        "error",
        f"{text or 'The tensor'} has {len(listed)} dimensions: there is no dimension {position}.",
        (text,),
    )
    return UNKNOWN


def _reshaping(
    follow: Expressions,
    node: ast.Call,
    name: str,
    owner: Argument,
    positional: List[Argument],
    keywords: Dict[str, Argument],
) -> Value:
    written, tensor = owner
    new: Value = UNKNOWN
    if name in _KNOWN or name[:-1] in _KNOWN:
        operation = name[:-1] if name[:-1] in _KNOWN else name
        new = follow.operation(node, operation, [owner, *positional], keywords)
    follow.reshaped(tensor)
    if isinstance(written, ast.Name) and not follow.unsure:
        follow.names.bind(written.id, new)
    return new if not follow.unsure else UNKNOWN


def _clone(tensor: Operand) -> Value:
    return Operand(
        tensor.shape,
        tensor.dtype,
        tensor.device,
        requires_grad=tensor.requires_grad,
        is_leaf=not tensor.requires_grad,
        strides=creation.dense(tensor),
        index_range=tensor.index_range,
    )


def _contiguous(tensor: Operand) -> Value:
    strides = contiguous_strides(tensor.shape)
    if tensor.strides == strides:
        return tensor
    return Operand(
        tensor.shape,
        tensor.dtype,
        tensor.device,
        requires_grad=tensor.requires_grad,
        is_leaf=not tensor.requires_grad,
        strides=strides,
        index_range=tensor.index_range,
    )


_PLAIN = {
    "dim": lambda x: Scalar(len(x.shape)),
    "ndimension": lambda x: Scalar(len(x.shape)),
    "numel": lambda x: Scalar(math.prod(x.shape)),
    "nelement": lambda x: Scalar(math.prod(x.shape)),
    "element_size": lambda x: Scalar(ITEMSIZE[x.dtype]),
    "is_floating_point": lambda x: Scalar(is_floating(x.dtype)),
    "is_complex": lambda x: Scalar(is_complex(x.dtype)),
    "type": lambda x: UNKNOWN,
    "tolist": lambda x: UNKNOWN,
    "backward": lambda x: NOTHING,
    "numpy": lambda x: Array(x.shape, x.dtype),
    "detach": detached,
    "clone": _clone,
    "contiguous": _contiguous,
}
