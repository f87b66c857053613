"""Operations that torch asks of a device of others, and the second device's fallback lacks.

Computed on the CPU; convolutions, and the cells of an LSTM.
"""

from __future__ import annotations

import functools
from typing import Any

import torch

from tests import second_device


def _convolution(x: Any, weight: Any, bias: Any, *rest: Any) -> Any:
    found = torch.convolution(x.cpu(), weight.cpu(), None if bias is None else bias.cpu(), *rest)
    return found.to(x.device)


def _convolution_backward(
    grad: Any, x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, *rest: Any
) -> Any:
    found = torch.ops.aten.convolution_backward(
        grad.cpu(), x.cpu(), weight.cpu(), [weight.shape[0]], stride, padding, dilation, *rest
    )
    return tuple(one if one is None else one.to(x.device) for one in found)


def _lstm_cell(
    of_input: Any, of_hidden: Any, cx: Any, b_input: Any = None, b_hidden: Any = None
) -> Any:
    gates = of_input.cpu() + of_hidden.cpu()
    if b_input is not None:
        gates = gates + b_input.cpu() + b_hidden.cpu()
    i, f, g, o = gates.chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cy = f * cx.cpu() + i * g
    workspace = torch.cat([i, f, g, o], 1)
    return tuple(one.to(cx.device) for one in (o * cy.tanh(), cy, workspace))


def _lstm_cell_backward(
    grad_hy: Any, grad_cy: Any, cx: Any, cy: Any, workspace: Any, has_bias: bool
) -> Any:
    i, f, g, o = workspace.cpu().chunk(4, 1)
    tanh = cy.cpu().tanh()
    dh = torch.zeros_like(tanh) if grad_hy is None else grad_hy.cpu()
    dc = torch.zeros_like(tanh) if grad_cy is None else grad_cy.cpu()
    dc = dc + dh * o * (1 - tanh**2)
    gates = torch.cat(
        [
            dc * g * i * (1 - i),
            dc * cx.cpu() * f * (1 - f),
            dc * i * (1 - g**2),
            dh * tanh * o * (1 - o),
        ],
        1,
    )
    bias = gates.sum(0) if has_bias else gates.new_empty(0)
    return tuple(one.to(cx.device) for one in (gates, dc * f, bias))


@functools.cache
def register() -> torch.library.Library:
    """Once in a process; the second device is loaded."""
    assert second_device.load()
    library = torch.library.Library("aten", "IMPL")
    for name, function in (
        ("convolution_overrideable", _convolution),
        ("convolution_backward_overrideable", _convolution_backward),
        ("_thnn_fused_lstm_cell", _lstm_cell),
        ("_thnn_fused_lstm_cell_backward_impl", _lstm_cell_backward),
    ):
        library.impl(name, function, "PrivateUse1")
    return library
