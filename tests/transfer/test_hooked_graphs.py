"""Graphs whose saved tensors have hooks: looking at them runs none."""

from __future__ import annotations

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint

from .picture import Watched
from .target import Target
from .user import User


def test_no_hook_of_the_users_runs(user: User, target: Target) -> None:
    calls: list[str] = []

    def unpack(packed: tuple[str, torch.Tensor]) -> torch.Tensor:
        calls.append("unpack")
        return packed[1]

    w = torch.randn(3, requires_grad=True)
    with saved_tensors_hooks(lambda tensor: ("packed", tensor), unpack):
        result = w.exp()
    user.has(w=w, result=result)
    watched = Watched(w=w)
    for look in (user.preview, user.cannot_move):
        (refused,) = look("w").refused
        assert "result" in refused.message
    assert calls == []
    watched.have_not_changed()
    result.sum().backward()
    assert calls == ["unpack"]
    user.moves("w")
    assert calls == ["unpack"]
    assert w.grad is not None
    assert w.grad.device == target.device


def test_a_checkpoint_is_not_computed_again(user: User, target: Target) -> None:
    runs: list[int] = []

    def block(x: torch.Tensor) -> torch.Tensor:
        runs.append(1)
        return torch.tanh(layer(x))

    layer = torch.nn.Linear(4, 4)
    x = torch.randn(2, 4)
    out = checkpoint(block, x, use_reentrant=False)
    user.has(layer=layer, x=x, out=out)
    watched = Watched(w=layer.weight, x=x)
    assert user.preview("layer").refused
    assert user.cannot_move("layer").refused
    assert len(runs) == 1
    watched.have_not_changed()
    out.sum().backward()
    assert len(runs) == 2
    user.moves("layer", "x")
    assert len(runs) == 2


class Squared(torch.autograd.Function):  # type: ignore[misc]
    """Saves its input in a node of Python."""

    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x, None)
        return x * x

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        x, _ = ctx.saved_tensors
        return 2 * x * gradient


def test_what_a_function_of_the_users_saved(user: User, target: Target) -> None:
    data, scale = torch.randn(3), torch.ones(3, requires_grad=True)
    loss = Squared.apply(data * scale).sum()
    user.has(data=data, scale=scale, loss=loss)
    (refused,) = user.cannot_move("data").refused
    assert "loss" in refused.message
    loss.backward()
    user.moves("data", "scale")
    assert scale.grad is not None
    assert torch.equal(scale.grad.cpu(), 2 * data.cpu() ** 2)


def test_an_operand_that_was_never_saved_is_no_sign_of_the_end(user: User, target: Target) -> None:
    x = torch.randn(4, 3, requires_grad=True)
    plain = torch.nn.functional.batch_norm(x, None, None, training=True)  # no weight: None is saved
    user.has(x=x, plain=plain)
    (refused,) = user.cannot_move("x").refused
    assert "plain" in refused.message
