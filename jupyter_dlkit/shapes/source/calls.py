"""Calls: of torch's functions, of methods, of layers, of Python's own functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Tuple

from ..checking import OPERATIONS
from ..values import Operand, Scalar
from . import builtin_functions, creation, layer_calling, layer_making
from .containers import of_container
from .layer_kinds import KINDS
from .tensor_methods import RESHAPING, of_tensor
from .torch_names import words
from .values import (
    SOME_DEVICE,
    UNKNOWN,
    Constant,
    Device,
    Layer,
    Method,
    Named,
    Size,
    Unknown,
    Value,
    elements,
)

if TYPE_CHECKING:
    from .expressions import Expressions

Arguments = Tuple[List[Tuple[ast.expr, Value]], Dict[str, Tuple[ast.expr, Value]]]

_KNOWN = frozenset(OPERATIONS)

#: torch.f whose parameters are not those of torch.nn.functional.f.
_ONLY_FUNCTIONAL = words(
    "embedding embedding_bag batch_norm layer_norm group_norm instance_norm nll_loss kl_div "
    "cross_entropy mse_loss l1_loss smooth_l1_loss huber_loss linear ctc_loss "
    "hinge_embedding_loss binary_cross_entropy_with_logits poisson_nll_loss "
    "cosine_embedding_loss margin_ranking_loss triplet_margin_loss"
)

#: Methods of tensors that this name does not have, or has with other parameters.
_SETTERS = frozenset(
    {
        "torch.set_default_dtype",
        "torch.set_default_device",
        "torch.set_default_tensor_type",
        "torch.use_deterministic_algorithms",
    }
)

#: Methods of unknown objects that change no attribute that a path may lead to.
_HARMLESS = words(
    "backward step zero_grad eval train parameters named_parameters modules children "
    "state_dict items keys values size dim item numpy detach cpu clone format join split "
    "startswith endswith strip lower upper replace plot show title xlabel ylabel legend "
    "imshow scatter hist figure subplots savefig mean sum std max min argmax tolist"
)

#: What the live namespace may know: whether there is an accelerator.
_AVAILABLE = frozenset({"torch.cuda.is_available", "torch.backends.mps.is_available"})

#: Methods by which a module changes its parameters.
_MODULE_CHANGES = words(
    "to cuda cpu half float double bfloat16 type to_empty xpu apply _apply requires_grad_ "
    "load_state_dict"
)


def call(follow: Expressions, node: ast.Call) -> Value:
    """The value of a call."""
    function = node.func
    owner: Value = UNKNOWN
    if isinstance(function, ast.Attribute):
        owner = follow.value(function.value)
        if isinstance(owner, Unknown):
            target = follow.outside(function)
        elif isinstance(owner, (Operand, Layer)) and function.attr != "data":
            target = Method(owner, function.attr)
            if isinstance(owner, Layer):
                inner = follow.outside(function)  # net.conv1(x)
                if isinstance(inner, Layer):
                    target = inner
                elif function.attr in owner.operands:
                    target = UNKNOWN
        else:
            target = follow.value(function)
    else:
        target = follow.value(function)
    arguments = _arguments(follow, node)
    if arguments is None or any(map(_may_be_code, (*arguments[0], *arguments[1].values()))):
        follow.names.outside.stirred = True  # sorted(xs, key=mine), map(mine, xs), print(mine)
    if arguments is None:
        _unknown_call(follow, node, owner)
        return UNKNOWN
    value = _called(follow, node, target, owner, arguments)
    if value is None:
        _unknown_call(follow, node, owner)
        return UNKNOWN
    return value


def _called(
    follow: Expressions, node: ast.Call, target: Value, owner: Value, arguments: Arguments
) -> Optional[Value]:
    """The value; None where what is called is not known."""
    positional, keywords = arguments
    if isinstance(target, Layer):
        return layer_calling.called(follow, node, target, node.func, positional, keywords)
    if isinstance(target, Named):
        return _function(follow, node, target.path, arguments)
    if isinstance(target, Method):
        owner = target.owner
        if isinstance(owner, Operand):
            written = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            return of_tensor(follow, node, target.name, (written, owner), positional, keywords)
        if isinstance(owner, Layer):
            return _layer_method(follow, node, owner, target.name, arguments)
        return of_container(
            follow, owner, target.name, [value for _, value in positional], bool(keywords)
        )
    return None


def _may_be_code(argument: Tuple[ast.expr, Value]) -> bool:
    return isinstance(argument[1], Unknown)


def _arguments(follow: Expressions, node: ast.Call) -> Optional[Arguments]:
    """The arguments' values; None where there are as many as nobody knows."""
    positional: List[Tuple[ast.expr, Value]] = []
    keywords: Dict[str, Tuple[ast.expr, Value]] = {}
    known = True
    for part in node.args:
        if isinstance(part, ast.Starred):
            more = elements(follow.value(part.value))
            if more is None:
                known = False
            else:
                positional.extend(
                    (ast.Subscript(part.value, ast.Constant(n), ast.Load()), one)
                    for n, one in enumerate(more)
                )
        else:
            positional.append((part, follow.value(part)))
    for word in node.keywords:
        value = follow.value(word.value)
        if word.arg is None:
            known = False
        else:
            keywords[word.arg] = (word.value, value)
    if known:
        return positional, keywords
    for _, value in (*positional, *keywords.values()):
        follow.escape(value)
    return None


def _function(
    follow: Expressions, node: ast.Call, path: str, arguments: Arguments
) -> Optional[Value]:
    positional, keywords = arguments
    values = [value for _, value in positional]
    named = {word: value for word, (_, value) in keywords.items()}
    space, _, name = path.rpartition(".")
    if space == "builtins":
        return builtin_functions.called(follow, node, name, positional, named)
    if space == "math":
        return builtin_functions.of_math(name, values)
    if space in ("numpy", "numpy.random"):
        return builtin_functions.of_numpy(path, values, named)
    if space == "torch.Tensor" and positional and isinstance(values[0], Operand):
        return of_tensor(follow, node, name, positional[0], positional[1:], keywords)
    if space == "torch.nn":
        if name in KINDS:
            return layer_making.made(follow, name, values, named)
        if name == "Parameter":
            return _parameter(values, named)
        return UNKNOWN
    if space == "torch.nn.functional":
        return _functional(follow, node, name, arguments)
    if space == "torch":
        return _torch(follow, node, name, arguments)
    if path.startswith("torch."):
        if path in ("torch.autograd.set_grad_enabled", "torch.autograd.grad_mode"):
            follow.grad = None
        return _elsewhere_in_torch(follow, node, path, arguments)
    for value in values:
        follow.escape(value)
    return UNKNOWN  # a library's function: it rebinds nothing of the user's


def _torch(follow: Expressions, node: ast.Call, name: str, arguments: Arguments) -> Optional[Value]:
    positional, keywords = arguments
    values = [value for _, value in positional]
    named = {word: value for word, (_, value) in keywords.items()}
    if f"torch.{name}" in _SETTERS:
        follow.names.forget_all()
        return UNKNOWN
    if name == "set_grad_enabled":
        follow.grad = None
        return UNKNOWN
    if name in creation.CREATIONS:
        return creation.created(follow, name, values, named)
    if name == "device":
        return _device(values[0]) if len(values) == 1 and not named else SOME_DEVICE
    if name == "Size":
        items = elements(values[0]) if len(values) == 1 else None
        return UNKNOWN if items is None else Size(tuple(items))
    if name == "is_tensor" and len(values) == 1 and isinstance(values[0], Operand):
        return Scalar(True)
    if name == "numel" and len(values) == 1 and isinstance(values[0], Operand):
        return of_tensor(follow, node, "numel", positional[0], [], {})
    if name in ("manual_seed", "no_grad", "enable_grad", "inference_mode"):
        return UNKNOWN
    if name in _KNOWN and name not in _ONLY_FUNCTIONAL:
        return _operated(follow, node, name, arguments)
    return _written_to(follow, name, arguments)


def _device(value: Value) -> Value:
    """``torch.device("cuda")``."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return Device(value.value)
    return value if isinstance(value, Device) else SOME_DEVICE


def _functional(
    follow: Expressions, node: ast.Call, name: str, arguments: Arguments
) -> Optional[Value]:
    positional, keywords = arguments
    keywords = dict(keywords)
    in_place = keywords.pop("inplace", None)
    if in_place is not None and not isinstance(in_place[1], Scalar):
        return UNKNOWN
    if name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"):
        value = positional[0][1] if positional else keywords.get("input", (None, UNKNOWN))[1]
        return value if isinstance(value, Operand) else UNKNOWN
    for word in ("size_average", "reduce"):
        if word in keywords:
            return UNKNOWN
    keywords.pop("_stacklevel", None)
    if name in ("batch_norm", "layer_norm", "group_norm"):
        for word in ("momentum", "eps"):  # no shape depends on these
            keywords.pop(word, None)
    if name in _KNOWN:
        return _operated(follow, node, name, (positional, keywords))
    return _written_to(follow, name, arguments)


def _operated(follow: Expressions, node: ast.Call, name: str, arguments: Arguments) -> Value:
    positional, keywords = arguments
    if name.endswith("_") and positional:
        return follow.in_place(node, name, positional, keywords)
    out = keywords.get("out")
    value = follow.operation(node, name, positional, keywords)
    if out is not None:
        target = out[1]
        follow.forget_ranges()
        if isinstance(target, Operand):
            if not isinstance(value, Operand) or value.shape != target.shape:
                follow.reshaped(target)  # it is resized, with a warning
            return value
        follow.reshaped(target)
        return UNKNOWN
    return value


def _written_to(follow: Expressions, name: str, arguments: Arguments) -> Value:
    """A function of torch's that is not known: it may have written into its operands."""
    if name.endswith("_") or "out" in arguments[1]:
        follow.forget_ranges()
        if "out" in arguments[1]:
            follow.reshaped(arguments[1]["out"][1])
    return UNKNOWN


def _elsewhere_in_torch(
    follow: Expressions, node: ast.Call, path: str, arguments: Arguments
) -> Value:
    if path.startswith("torch.nn.init."):
        follow.forget_ranges()
        return arguments[0][0][1] if arguments[0] else UNKNOWN
    for _, value in (*arguments[0], *arguments[1].values()):
        follow.escape(value)
    if path in _AVAILABLE:
        return follow.names.outside.answer(f"{path}()", "torch")
    if path == "torch.cuda.set_device":
        follow.names.outside.volatile.add("torch")
        follow.names.outside.stirred = True
    return UNKNOWN


def _parameter(values: Sequence[Value], named: Dict[str, Value]) -> Value:
    data = values[0] if values else named.get("data", UNKNOWN)
    if not isinstance(data, Operand):
        return UNKNOWN
    return Operand(
        data.shape,
        data.dtype,
        data.device,
        requires_grad=True,
        strides=data.strides,
        index_range=data.index_range,
    )


def _layer_method(
    follow: Expressions, node: ast.Call, layer: Layer, name: str, arguments: Arguments
) -> Optional[Value]:
    positional, keywords = arguments
    if name == "forward":
        written = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        return layer_calling.called(follow, node, layer, written, positional, keywords)
    if name in ("eval", "train", "zero_grad", "requires_grad_"):
        return layer
    if name in ("to", "cuda", "cpu", "half", "float", "double", "bfloat16"):
        new = layer_making.converted(
            follow,
            layer,
            name,
            [value for _, value in positional],
            {word: value for word, (_, value) in keywords.items()},
        )
        if new is layer:
            return layer
        follow.modules_changed()
        target = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(target, ast.Name) and not follow.unsure:
            follow.names.bind(target.id, new)
        return new
    if name in ("parameters", "named_parameters", "state_dict", "children", "modules"):
        return UNKNOWN
    follow.modules_changed()
    return UNKNOWN


def _unknown_call(follow: Expressions, node: ast.Call, owner: Value) -> None:
    """Something of the user's is called: what may it change?"""
    function = node.func
    outside = follow.names.outside
    outside.stirred = True
    if isinstance(function, ast.Attribute):
        if function.attr in _HARMLESS:
            return
        if function.attr in _MODULE_CHANGES:
            follow.modules_changed()
            return
        if function.attr.endswith("_") and not function.attr.endswith("__"):
            follow.forget_ranges()
            if function.attr in RESHAPING:
                follow.names.forget_all()
            return
    follow.forget_ranges()
    follow.escape_all()
    for part in (function, *node.args, *(word.value for word in node.keywords)):
        found = follow.path(part.value if isinstance(part, ast.Starred) else part)
        if found is not None:
            outside.changed.add(found[1])
