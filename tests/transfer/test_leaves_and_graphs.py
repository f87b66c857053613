"""Tensors that autograd knows: leaves, gradients, hooks, live graphs, results."""

from __future__ import annotations

import gc

import pytest
import torch

from .picture import Watched
from .target import Target
from .user import User


def test_a_leaf_stays_a_leaf_with_its_gradient_and_hooks(user: User, target: Target) -> None:
    x = torch.randn(4, requires_grad=True)
    calls = []
    x.register_hook(lambda gradient: calls.append("hook"))
    x.register_post_accumulate_grad_hook(lambda leaf: calls.append("after"))
    x.pow(2).sum().backward()
    user.has(x=x)
    watched = Watched(x=x, gradient=x.grad)
    answer = user.moves("x")
    watched.have_moved(target.name)
    assert {row.name for row in answer.moved} == {"x", "x.grad"}
    calls.clear()
    gradient = x.grad.clone()
    x.pow(2).sum().backward()
    assert calls == ["hook", "after"]
    assert torch.equal(x.grad, 2 * gradient)


def test_gradients_that_share_one_storage(user: User, target: Target) -> None:
    flat = torch.randn(8)
    x, y = (torch.randn(4, requires_grad=True) for _ in range(2))
    x.grad, y.grad = flat[:4], flat[4:]
    user.has(x=x, y=y)
    watched = Watched(x=x, y=y, flat=flat, xg=x.grad, yg=y.grad)
    user.moves("x")
    # y could not use a gradient that is elsewhere: it goes along.
    watched.have_moved(target.name)


def test_a_view_of_a_leaf(user: User, target: Target) -> None:
    x = torch.randn(4, requires_grad=True)
    with torch.no_grad():
        row = x[1:]
    user.has(x=x, row=row, plain=x.detach())
    watched = Watched(x=x, row=row, plain=user["plain"])
    user.moves("row")
    watched.have_moved(target.name)
    x.sum().backward()
    assert x.grad.device == target.device


def test_a_live_graph_refuses(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    x = torch.randn(3)
    loss = (w * x).sum()
    user.has(w=w, x=x, loss=loss)
    watched = Watched(w=w, x=x)
    before = target.allocated()
    for name in ("w", "x"):
        answer = user.cannot_move(name)
        (refused,) = [row for row in answer.refused if row.name == name]
        assert refused.forcible and "loss" in refused.message
        assert "backward" in refused.hint
    watched.have_not_changed()
    assert target.allocated() == before
    loss.backward()
    user.moves("w", "x")
    assert w.device == x.device == w.grad.device == target.device
    assert torch.equal(w.grad, x)


def test_force(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    loss = (w * 2).sum()
    user.has(w=w, loss=loss)
    watched = Watched(w=w)
    user.cannot_move("w")
    user.moves("w", force=True)
    watched.have_moved(target.name)
    # That is what was warned of: the graph recorded the old device.
    try:
        loss.backward()
    except RuntimeError:
        assert w.grad is None
    else:
        assert w.grad.device.type in ("cpu", target.kind)


def test_a_graph_that_is_gone_does_not_refuse(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    user.has(w=w, loss=(w * 2).sum())
    del user.names["loss"]
    gc.collect()
    user.moves("w")
    assert w.device == target.device


def test_a_graph_that_was_kept(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    user.has(w=w, loss=loss)
    assert any(row.forcible for row in user.cannot_move("w").refused)


def test_a_result_is_refused_in_place(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    y = w * 2
    user.has(w=w, y=y)
    watched = Watched(w=w, y=y)
    answer = user.cannot_move("y")
    (refused,) = [row for row in answer.refused if row.name == "y"]
    assert not refused.forcible
    assert {way.how for way in refused.alternatives} == {"rebind", "copy"}
    user.cannot_move("y", force=True)
    watched.have_not_changed()


def test_rebinding_a_result(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    y = w * 2
    user.has(w=w, y=y, kept=[y])
    user.moves("y", how="rebind")
    there = user["y"]
    assert there.device == target.device and there.grad_fn is not None
    assert user["kept"][0] is y and y.device.type == "cpu"
    there.sum().backward()
    assert w.grad.tolist() == [2] * 3 and w.grad.device.type == "cpu"


def test_copying_a_result(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    y = w * 2
    user.has(y=y, holder={"deep": [y]})
    user.moves("holder['deep'][0]", how="copy")
    there = user["holder"]["deep"][0]
    assert there.device == target.device and there.is_leaf and not there.requires_grad
    assert torch.equal(there.cpu(), y.detach()) and user["y"] is y


def test_a_parameter_alone_is_offered_as_its_module(user: User, target: Target) -> None:
    model = torch.nn.Linear(2, 2)
    user.has(model=model)
    watched = Watched(weight=model.weight, bias=model.bias)
    answer = user.cannot_move("model.weight")
    (refused,) = answer.refused
    assert [(way.how, way.path) for way in refused.alternatives] == [("move", "model")]
    watched.have_not_changed()
    user.moves("model")
    watched.have_moved(target.name)


def test_a_parameter_without_a_module(user: User, target: Target) -> None:
    p = torch.nn.Parameter(torch.randn(3))
    user.has(p=p)
    watched = Watched(p=p)
    user.moves("p")
    watched.have_moved(target.name)


def test_code_does_the_same(user: User, target: Target) -> None:
    x = torch.randn(3)
    leaf = torch.randn(3, requires_grad=True)
    user.has(x=x, leaf=leaf, model=torch.nn.Linear(2, 2))
    assert user.preview("model").code.strip().endswith(f"model.to('{target.name}')")
    assert user.preview("x").code.strip() == f"x = x.to('{target.name}')"
    # x.to() would make a non-leaf, and would leave an alias behind.
    assert "dlkit.move" in user.preview("leaf").code
    user.has(alias=[x])
    assert "dlkit.move" in user.preview("x").code


@pytest.mark.parametrize("retained", [True, False])
def test_a_gradient_of_a_result_stays_with_it(user: User, target: Target, retained: bool) -> None:
    w = torch.randn(3, requires_grad=True)
    y = w * 2
    if retained:
        y.retain_grad()
    y.sum().backward()
    user.has(w=w, y=y)
    answer = user.moves("w")
    assert w.grad.device == target.device and y.device.type == "cpu"
    assert {row.name for row in answer.moved} == {"w", "w.grad"}
