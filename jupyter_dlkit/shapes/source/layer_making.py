"""Modules of torch's own as they are made (``nn.Linear(20, 30)``) and changed (``.to(…)``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence

from ..dtypes import is_floating
from ..layout import contiguous_strides
from ..values import Operand, Scalar
from .creation import named_device
from .values import (
    NOTHING,
    UNKNOWN,
    Dtype,
    Layer,
    NotPlain,
    Value,
    plain,
)

if TYPE_CHECKING:
    from .expressions import Expressions

from .layer_kinds import ELEMENTWISE, PARAMETERS, RECURRENT, SAME_SHAPE


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
    if kind in ELEMENTWISE or kind in SAME_SHAPE:
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
    for word in PARAMETERS[kind].split():
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
    elif kind in RECURRENT:
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
        found["weight_ih_l0"] = parameter(gates * settings["hidden_size"], settings["input_size"])
    return found


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
