"""Modules of torch's own: made by ``nn.Linear(…)``, called by ``layer(x)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..dtypes import is_floating
from ..layout import contiguous_strides
from ..values import Operand, Scalar
from .creation import named_device
from .values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Dtype,
    Layer,
    NotPlain,
    Size,
    Value,
    plain,
)

if TYPE_CHECKING:
    from .expressions import Expressions

_CONV = (
    "in_channels out_channels kernel_size stride=1 padding=0 dilation=1 groups=1 bias=True "
    "padding_mode=zeros"
)
_CONV_TRANSPOSE = (
    "in_channels out_channels kernel_size stride=1 padding=0 output_padding=0 groups=1 "
    "bias=True dilation=1 padding_mode=zeros"
)
_NORM = "num_features eps=1e-5 momentum=0.1 affine=True track_running_stats=True"
_POOL = "kernel_size stride=None padding=0 dilation=1 return_indices=False ceil_mode=False"
_AVERAGE = "kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True"
_LOSS = "size_average=None reduce=None reduction=mean"
_RNN = (
    "input_size hidden_size num_layers=1 bias=True batch_first=False dropout=0.0 "
    "bidirectional=False"
)

#: What each constructor takes, as torch names it.
_PARAMETERS: Dict[str, str] = {
    "Linear": "in_features out_features bias=True",
    "Bilinear": "in1_features in2_features out_features bias=True",
    **{f"Conv{n}d": _CONV for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": _CONV_TRANSPOSE for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": _NORM for n in (1, 2, 3)},
    **{f"MaxPool{n}d": _POOL for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _AVERAGE for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": "output_size" for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": "output_size return_indices=False" for n in (1, 2, 3)},
    "Embedding": "num_embeddings embedding_dim padding_idx=None max_norm=None",
    "LayerNorm": "normalized_shape eps=1e-5 elementwise_affine=True bias=True",
    "GroupNorm": "num_groups num_channels eps=1e-5 affine=True",
    "Flatten": "start_dim=1 end_dim=-1",
    "Unflatten": "dim unflattened_size",
    "Softmax": "dim=None",
    "LogSoftmax": "dim=None",
    "LSTM": _RNN,
    "GRU": _RNN,
    "RNN": "input_size hidden_size num_layers=1 nonlinearity=tanh bias=True batch_first=False "
    "dropout=0.0 bidirectional=False",
    "CrossEntropyLoss": "weight=None size_average=None ignore_index=-100 reduce=None "
    "reduction=mean label_smoothing=0.0",
    "NLLLoss": "weight=None size_average=None ignore_index=-100 reduce=None reduction=mean",
    "BCELoss": "weight=None " + _LOSS,
    "BCEWithLogitsLoss": "weight=None " + _LOSS + " pos_weight=None",
    "MSELoss": _LOSS,
    "L1Loss": _LOSS,
    "SmoothL1Loss": _LOSS + " beta=1.0",
    "HuberLoss": "reduction=mean delta=1.0",
    "KLDivLoss": _LOSS + " log_target=False",
    "PoissonNLLLoss": "log_input=True full=False size_average=None eps=1e-8 reduce=None "
    "reduction=mean",
}

#: Modules that are one operation on one tensor, with whatever settings.
ELEMENTWISE: Dict[str, str] = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "CELU": "celu",
    "SELU": "selu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Mish": "mish",
    "Sigmoid": "sigmoid",
    "LogSigmoid": "logsigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Hardtanh": "hardtanh",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
}

_SAME_SHAPE = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"})
_LOSSES: Dict[str, str] = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "KLDivLoss": "kl_div",
    "PoissonNLLLoss": "poisson_nll_loss",
}
_RECURRENT = frozenset({"LSTM", "GRU", "RNN"})

#: The kinds of modules that are followed.
KINDS = frozenset(_PARAMETERS) | frozenset(ELEMENTWISE) | _SAME_SHAPE | {"Sequential", "Identity"}


def made(
    follow: Expressions, kind: str, positional: Sequence[Value], keywords: Dict[str, Value]
) -> Value:
    """``nn.Linear(20, 30)``; UNKNOWN where a setting is not known."""
    if kind == "Sequential":
        if keywords or not all(isinstance(one, Layer) for one in positional):
            return UNKNOWN
        return Layer("Sequential", children=tuple(positional))
    if kind == "Identity":
        return Layer("Identity")
    left = dict(keywords)
    dtype = left.pop("dtype", Dtype("float32"))
    device = named_device(follow, left.pop("device", None))
    if kind in ELEMENTWISE or kind in _SAME_SHAPE:
        return Layer(kind)
    if dtype == NOTHING:
        dtype = Dtype("float32")
    if not follow.names.outside.usual and not ("dtype" in keywords and "device" in keywords):
        return UNKNOWN
    settings = _settings(kind, positional, left)
    if settings is None or device is None or not isinstance(dtype, Dtype):
        return UNKNOWN
    try:
        operands = _operands(kind, settings, dtype.name, device or "cpu")
    except (TypeError, ValueError, KeyError):
        return UNKNOWN
    return Layer(kind, operands, settings)


def _settings(
    kind: str, positional: Sequence[Value], keywords: Dict[str, Value]
) -> Optional[Dict[str, Any]]:
    settings: Dict[str, Any] = {}
    rest = list(positional)
    for word in _PARAMETERS[kind].split():
        name, has_default, default = word.partition("=")
        if rest:
            value = rest.pop(0)
        elif name in keywords:
            value = keywords.pop(name)
        elif has_default:
            settings[name] = _default(default)
            continue
        else:
            return None
        if isinstance(value, Scalar) and not value.known and isinstance(value.value, float):
            settings[name] = value.value  # a probability, a slope: no shape depends on it
            continue
        try:
            settings[name] = plain(value)
        except NotPlain:
            return None
    return None if rest or keywords else settings


def _default(text: str) -> Any:
    constants = {"None": None, "True": True, "False": False}
    if text in constants:
        return constants[text]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _operands(
    kind: str, settings: Mapping[str, Any], dtype: str, device: str
) -> Dict[str, Operand]:
    """The parameters that such a module has."""

    def parameter(*shape: int) -> Operand:
        if any(type(size) is not int or size < 0 for size in shape):
            raise ValueError
        return Operand(shape, dtype, device, requires_grad=True, strides=contiguous_strides(shape))

    found: Dict[str, Operand] = {}
    if kind == "Linear":
        found["weight"] = parameter(settings["out_features"], settings["in_features"])
        if settings["bias"]:
            found["bias"] = parameter(settings["out_features"])
    elif kind == "Bilinear":
        found["weight"] = parameter(
            settings["out_features"], settings["in1_features"], settings["in2_features"]
        )
        if settings["bias"]:
            found["bias"] = parameter(settings["out_features"])
    elif kind.startswith("Conv"):
        spatial = int(kind[-2])
        kernel = settings["kernel_size"]
        sizes = [kernel] * spatial if type(kernel) is int else list(kernel)
        if len(sizes) != spatial:
            raise ValueError
        first, second = settings["out_channels"], settings["in_channels"]
        if "Transpose" in kind:
            first, second = second, first
        if second % settings["groups"]:
            raise ValueError
        found["weight"] = parameter(first, second // settings["groups"], *sizes)
        if settings["bias"]:
            found["bias"] = parameter(settings["out_channels"])
    elif kind == "Embedding":
        found["weight"] = parameter(settings["num_embeddings"], settings["embedding_dim"])
    elif kind.startswith("BatchNorm"):
        if settings["affine"]:
            found["weight"] = found["bias"] = parameter(settings["num_features"])
        if settings["track_running_stats"]:
            plain_buffer = Operand((settings["num_features"],), dtype, device)
            found["running_mean"] = found["running_var"] = plain_buffer
    elif kind == "LayerNorm":
        shape = settings["normalized_shape"]
        sizes = [shape] if type(shape) is int else list(shape)
        if settings["elementwise_affine"]:
            found["weight"] = parameter(*sizes)
            if settings["bias"]:
                found["bias"] = found["weight"]
    elif kind == "GroupNorm":
        if settings["affine"]:
            found["weight"] = found["bias"] = parameter(settings["num_channels"])
    elif kind in ("CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss"):
        for name in ("weight", "pos_weight"):
            if isinstance(settings.get(name), Operand):
                found[name] = settings[name]
    elif kind in _RECURRENT:
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
        found["weight_ih_l0"] = parameter(gates * settings["hidden_size"], settings["input_size"])
    return found


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
    if kind in _LOSSES:
        return _loss(follow, node, layer, called_as, positional)
    if kind in _RECURRENT:
        return _recurrent(layer, [value for _, value in positional])
    if len(positional) != 1:
        return UNKNOWN
    if not isinstance(value, Operand):
        return UNKNOWN
    if kind in _SAME_SHAPE:
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
    return follow.operation(node, _LOSSES[layer.kind], positional, keywords)


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


def converted(
    follow: Expressions,
    layer: Layer,
    name: str,
    positional: Sequence[Value],
    keywords: Mapping[str, Value],
) -> Value:
    """``layer.to(…)``: it changes itself; the new layer, or UNKNOWN."""
    from .creation import converted as tensor_converted

    changed: List[bool] = [False]

    def change(one: Operand) -> Operand:
        given = [value for value in positional if isinstance(value, Dtype)]
        named = keywords.get("dtype")
        casts = name in ("half", "float", "double", "bfloat16")
        if (given or isinstance(named, Dtype) or casts) and not is_floating(one.dtype):
            raise NotPlain
        new = tensor_converted(follow, one, name, positional, dict(keywords))
        if not isinstance(new, Operand):
            raise NotPlain
        changed[0] = changed[0] or new is not one
        return Operand(new.shape, new.dtype, new.device, None, one.requires_grad, True, new.strides)

    def all_of(one: Value) -> Value:
        if not isinstance(one, Layer):
            raise NotPlain
        return Layer(
            one.kind,
            {key: change(part) for key, part in one.operands.items()},
            one.settings,
            tuple(map(all_of, one.children)),
        )

    try:
        new = all_of(layer)
    except NotPlain:
        return UNKNOWN
    return new if changed[0] else layer
