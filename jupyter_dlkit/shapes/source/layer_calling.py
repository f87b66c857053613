"""Modules of torch's own as they are called: ``layer(x)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from ..dtypes import is_floating
from ..values import Operand, Scalar
from .values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Layer,
    Size,
    Value,
)

if TYPE_CHECKING:
    from .expressions import Expressions

from .layer_kinds import ELEMENTWISE, LOSSES, RECURRENT, SAME_SHAPE


def called(
    follow: Expressions,
    node: ast.AST,
    layer: Layer,
    called_as: ast.expr,
    positional: List[Tuple[ast.expr, Value]],
    keywords: Dict[str, Tuple[ast.expr, Value]],
) -> Value:
    """``layer(x)``; ``called_as`` is the source of the layer."""
    kind = layer.kind
    keywords = dict(keywords)
    for word in ("input", "x"):
        if not positional and word in keywords:
            positional = [keywords.pop(word)]
    if keywords or not positional:
        return UNKNOWN
    if kind == "Sequential":
        return _in_order(follow, node, layer, called_as, positional)
    value = positional[0][1]
    if kind == "Identity":
        return value
    if kind in LOSSES:
        return _loss(follow, node, layer, called_as, positional)
    if kind in RECURRENT:
        return _recurrent(layer, [value for _, value in positional])
    if len(positional) != 1:
        return UNKNOWN
    if not isinstance(value, Operand):
        return UNKNOWN
    if kind in SAME_SHAPE:
        return value if is_floating(value.dtype) else UNKNOWN
    return _one_tensor(follow, node, layer, called_as, positional[0], value)


def _one_tensor(
    follow: Expressions,
    node: ast.AST,
    layer: Layer,
    called_as: ast.expr,
    argument: Tuple[ast.expr, Value],
    value: Operand,
) -> Value:
    kind, settings = layer.kind, layer.settings
    if kind in ELEMENTWISE:
        return follow.operation(node, ELEMENTWISE[kind], [argument])

    def own(name: str) -> Tuple[ast.expr, Value]:
        return _part(called_as, name), layer.operands.get(name, NOTHING)

    def setting(*names: str) -> Dict[str, Tuple[ast.expr, Value]]:
        return {name: (_part(called_as, name), _as_value(settings.get(name))) for name in names}

    if kind == "Linear":
        return follow.operation(node, "linear", [argument, own("weight"), own("bias")])
    if kind.startswith("Conv"):
        if settings.get("padding_mode", "zeros") != "zeros" or "weight" not in layer.operands:
            return UNKNOWN
        names = ["stride", "padding", "dilation", "groups"]
        operation = f"conv{kind[-2:]}"
        if "Transpose" in kind:
            operation = f"conv_transpose{kind[-2:]}"
            names.insert(2, "output_padding")
        return follow.operation(
            node, operation, [argument, own("weight"), own("bias")], setting(*names)
        )
    if kind == "Embedding":
        return follow.operation(node, "embedding", [argument, own("weight")])
    if kind == "Flatten":
        return follow.operation(node, "flatten", [argument], setting("start_dim", "end_dim"))
    if kind == "Unflatten":
        return follow.operation(
            node,
            "unflatten",
            [argument, *setting("dim").values(), *setting("unflattened_size").values()],
        )
    if kind.startswith("MaxPool"):
        if settings.get("return_indices"):
            return UNKNOWN
        names = ["kernel_size", "stride", "padding", "dilation", "ceil_mode"]
        return follow.operation(node, f"max_pool{kind[-2:]}", [argument], setting(*names))
    if kind.startswith("AvgPool"):
        names = ["kernel_size", "stride", "padding", "ceil_mode"]
        return follow.operation(node, f"avg_pool{kind[-2:]}", [argument], setting(*names))
    if kind.startswith("Adaptive"):
        if settings.get("return_indices"):
            return UNKNOWN
        which = "avg" if "Avg" in kind else "max"
        return follow.operation(
            node, f"adaptive_{which}_pool{kind[-2:]}", [argument], setting("output_size")
        )
    if kind in ("Softmax", "LogSoftmax"):
        if settings.get("dim") is None:
            return UNKNOWN
        operation = "softmax" if kind == "Softmax" else "log_softmax"
        return follow.operation(node, operation, [argument], setting("dim"))
    if kind.startswith("BatchNorm"):
        return _batch_norm(follow, node, layer, argument, value, own)
    if kind == "LayerNorm":
        shape = settings.get("normalized_shape")
        listed = [shape] if isinstance(shape, int) else shape
        return follow.operation(
            node,
            "layer_norm",
            [
                argument,
                (_part(called_as, "normalized_shape"), _as_value(listed)),
                own("weight"),
                own("bias"),
            ],
        )
    if kind == "GroupNorm":
        return follow.operation(
            node,
            "group_norm",
            [argument, *setting("num_groups").values(), own("weight"), own("bias")],
        )
    return UNKNOWN


def _batch_norm(
    follow: Expressions,
    node: ast.AST,
    layer: Layer,
    argument: Tuple[ast.expr, Value],
    value: Operand,
    own: Any,
) -> Value:
    ranks = {"1": (2, 3), "2": (4,), "3": (5,)}[layer.kind[-2]]
    if len(value.shape) not in ranks:
        text = follow.record.text
        expected = " or ".join(str(rank) for rank in ranks)
        follow.record.find(
            node,
            "rank",
            "error",
            f"{layer.kind} takes {expected} dimensions, and {text.of(argument[0])} has "
            f"{len(value.shape)}.",
            (text.of(argument[0]),),
        )
        return UNKNOWN
    return follow.operation(
        node,
        "batch_norm",
        [argument, own("running_mean"), own("running_var"), own("weight"), own("bias")],
        # Whether it is training is not asked: it only adds that a batch has two values.
        {"training": (argument[0], Scalar("running_mean" not in layer.operands))},
    )


def _in_order(
    follow: Expressions,
    node: ast.AST,
    layer: Layer,
    called_as: ast.expr,
    positional: List[Tuple[ast.expr, Value]],
) -> Value:
    for number, child in enumerate(layer.children):
        if not isinstance(child, Layer):
            return UNKNOWN
        as_written = ast.Subscript(called_as, ast.Constant(number), ast.Load())
        value = called(follow, node, child, as_written, positional, {})
        if value is UNKNOWN or value is None:
            return UNKNOWN
        # What goes into the next layer has no source of its own.
        into = ast.Name(f"the output of {ast.unparse(as_written)}", ast.Load())
        positional = [(into, value)]
    return positional[0][1]


def _loss(
    follow: Expressions,
    node: ast.AST,
    layer: Layer,
    called_as: ast.expr,
    positional: List[Tuple[ast.expr, Value]],
) -> Value:
    if len(positional) != 2:
        return UNKNOWN
    settings = layer.settings
    if settings.get("reduce") is not None or settings.get("size_average") is not None:
        return UNKNOWN
    keywords: Dict[str, Tuple[ast.expr, Value]] = {
        name: (_part(called_as, name), layer.operands[name]) for name in layer.operands
    }
    reduction = settings.get("reduction", "mean")
    keywords["reduction"] = (_part(called_as, "reduction"), _as_value(reduction))
    return follow.operation(node, LOSSES[layer.kind], positional, keywords)


def _recurrent(layer: Layer, values: List[Value]) -> Value:
    """(output, state); nothing is refused, the shapes are only carried on."""
    settings, value = layer.settings, values[0]
    if not isinstance(value, Operand) or settings.get("proj_size"):
        return UNKNOWN
    hidden, layers = settings.get("hidden_size"), settings.get("num_layers")
    first = layer.operands.get("weight_ih_l0")
    if type(hidden) is not int or type(layers) is not int or first is None:
        return UNKNOWN
    if len(value.shape) not in (2, 3) or value.shape[-1] != settings.get("input_size"):
        return UNKNOWN
    if value.dtype != first.dtype or value.device != first.device:
        return UNKNOWN
    directions = 2 if settings.get("bidirectional") else 1
    batch: Tuple[int, ...] = ()
    if len(value.shape) == 3:
        batch = (value.shape[0 if settings.get("batch_first") else 1],)

    def new(*shape: int) -> Operand:
        return Operand(shape, value.dtype, value.device)

    output = new(*value.shape[:-1], directions * hidden)
    state = new(directions * layers, *batch, hidden)
    return Size((output, Size((state, state)) if layer.kind == "LSTM" else state))


def _part(owner: ast.expr, name: str) -> ast.expr:
    """``owner.name``, which stands nowhere in the source."""
    return ast.Attribute(owner, name, ast.Load())


def _as_value(setting: Any) -> Value:
    if isinstance(setting, (bool, int, float)):
        return Scalar(setting)
    if isinstance(setting, (list, tuple)):
        return Size(tuple(map(_as_value, setting)))
    if setting is None or isinstance(setting, str):
        return Constant(setting)
    return UNKNOWN
