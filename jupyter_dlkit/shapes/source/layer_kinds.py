"""Which modules of torch's own are followed, and what each takes."""

from __future__ import annotations

from typing import Dict

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
PARAMETERS: Dict[str, str] = {
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

#: Modules that change no shape.
SAME_SHAPE = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"})

#: Losses, by the functions that they call.
LOSSES: Dict[str, str] = {
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

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})

#: The kinds of modules that are followed.
KINDS = frozenset(PARAMETERS) | frozenset(ELEMENTWISE) | SAME_SHAPE | {"Sequential", "Identity"}
