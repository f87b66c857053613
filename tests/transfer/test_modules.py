"""Modules with all that is theirs: ties, flat storages, plain attributes, their own ``.to``."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from .picture import Watched
from .target import Target
from .user import User


class Keeper(torch.nn.Module):
    """Buffers with an alias, a plain tensor, modules in a list, tied weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(4, 4)
        self.second = torch.nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.register_buffer("steps", torch.zeros(3))
        self.scale = torch.ones(4)
        self.listed = [torch.nn.Linear(2, 2)]


def everything(model: Keeper) -> dict[str, torch.Tensor]:
    """All tensors that are the model's own."""
    return {
        "weight": model.first.weight,
        "bias": model.first.bias,
        "other": model.second.bias,
        "steps": model.steps,
        "scale": model.scale,
        "listed": model.listed[0].weight,
        "listed_bias": model.listed[0].bias,
    }


def test_all_that_is_its_own_goes_along(user: User, target: Target) -> None:
    model = Keeper()
    user.has(model=model, steps=model.steps, elsewhere=torch.ones(2))
    watched = Watched(**everything(model))
    answer = user.moves("model")
    watched.have_moved(target.name)
    assert model.second.weight is model.first.weight
    assert user["steps"] is model.steps and model.steps.device == target.device
    assert not answer.left_behind and user["elsewhere"].device.type == "cpu"
    user.undo()
    watched.have_not_changed()


def test_a_flat_storage_stays_one(user: User, target: Target) -> None:
    gru = torch.nn.GRU(3, 4, batch_first=True)
    flat = torch.randn(24)
    pair = torch.nn.Module()
    pair.a = torch.nn.Parameter(torch.empty(0))
    pair.b = torch.nn.Parameter(torch.empty(0))
    pair.a.data, pair.b.data = flat[:12].view(3, 4), flat[12:]
    user.has(gru=gru, pair=pair)
    watched = Watched(a=pair.a, b=pair.b)
    answer = user.moves("pair")
    watched.have_moved(target.name)
    assert answer.total_bytes == 96
    parameters = list(gru.parameters())
    user.moves("gru")
    assert all(p is q for p, q in zip(parameters, gru.parameters(), strict=True))
    assert {p.device for p in parameters} == {target.device}


def test_its_own_to_is_called_and_may_refuse(user: User, target: Target) -> None:
    class Stubborn(torch.nn.Linear):
        calls = 0
        raises = True

        def to(self, *args: Any, **kwargs: Any) -> Any:
            type(self).calls += 1
            if self.raises:
                raise ValueError("`.to` is not supported for 4-bit models")
            return super().to(*args, **kwargs)

    model = Stubborn(3, 3)
    user.has(model=model)
    watched = Watched(weight=model.weight, bias=model.bias)
    before = target.allocated()
    answer = user.cannot_move("model")
    assert "4-bit" in (answer.message or "")
    watched.have_not_changed()
    assert target.allocated() == before and Stubborn.calls == 1
    Stubborn.raises = False
    user.moves("model")
    watched.have_moved(target.name)
    assert Stubborn.calls == 2


def test_a_to_that_makes_new_parameters_is_taken_back(user: User, target: Target) -> None:
    class Replacing(torch.nn.Linear):
        def to(self, *args: Any, **kwargs: Any) -> Any:
            self.weight = torch.nn.Parameter(self.weight.detach().clone())
            return self

    model = Replacing(3, 3)
    weight = model.weight
    user.has(model=model)
    watched = Watched(weight=weight, bias=model.bias)
    before = target.allocated()
    user.cannot_move("model")
    assert model.weight is weight
    watched.have_not_changed()
    assert target.allocated() == before


def test_what_stays_behind_is_said(user: User, target: Target) -> None:
    class Data:
        def __init__(self) -> None:
            self.x = torch.ones(2)

    model = torch.nn.Linear(2, 2)
    model.data_set = Data()
    user.has(model=model)
    answer = user.moves("model")
    assert [left.path for left in answer.left_behind] == ["model.data_set.x"]
    assert model.data_set.x.device.type == "cpu"
    user.moves(answer.left_behind[0].path)
    assert model.data_set.x.device == target.device


def test_will_training_fit(user: User, target: Target) -> None:
    model = torch.nn.Linear(100, 100, bias=False)
    user.has(model=model)
    assert "No optimizer" in user.preview("model").fit.message
    user.has(optimizer=torch.optim.Adam(model.parameters()))
    fit = user.preview("model").fit
    assert (fit.parameters, fit.gradients, fit.optimizer) == (40_000, 40_000, 80_000)
    assert fit.needed == 160_000 and fit.activations is None
    assert fit.fits in (True, None)
    loss = model(torch.randn(5, 100)).square().sum()
    user.has(loss=loss)
    assert user.preview("model").fit.activations >= 2_000


def test_optimizers_go_with_their_model(user: User, target: Target) -> None:
    model = torch.nn.Linear(3, 3)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(2, 3)).sum().backward()
    optimizer.step()
    state = optimizer.state[model.weight]
    user.has(model=model, optimizer=optimizer)
    watched = Watched(m=state["exp_avg"], v=state["exp_avg_sq"], step=state["step"])
    user.moves("model")
    watched.have_moved(target.name, "m", "v")
    assert optimizer.state[model.weight] is state


def test_a_step_that_the_device_counts_goes_too(user: User, target: Target) -> None:
    model = torch.nn.Linear(3, 3)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    model(torch.randn(2, 3)).sum().backward()
    optimizer.step()
    user.has(model=model, optimizer=optimizer)
    user.moves("model")
    assert optimizer.state[model.weight]["step"].device == target.device


def test_an_optimizer_as_the_target(user: User, target: Target) -> None:
    w = torch.randn(4, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    w.square().sum().backward()
    optimizer.step()
    buffer = optimizer.state[w]["momentum_buffer"]
    user.has(optimizer=optimizer)
    watched = Watched(w=w, grad=w.grad, buffer=buffer)
    user.moves("optimizer")
    watched.have_moved(target.name)
    assert optimizer.param_groups[0]["params"][0] is w


@pytest.mark.parametrize("wrapped", ["_compiled_call_impl", "OptimizedModule"])
def test_a_compiled_module_is_warned_of(user: User, target: Target, wrapped: str) -> None:
    model: Any = torch.nn.Linear(2, 2)
    if wrapped == "OptimizedModule":
        model = torch.compile(model, backend="eager")
    else:
        model.compile(backend="eager")
    user.has(model=model)
    assert any("compiled" in text for text in user.preview("model").warnings)
