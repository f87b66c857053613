"""Optimizers that do not keep one tensor for each parameter: flattened, or kept elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from .picture import Watched
from .target import Target
from .user import User


class FlatMomentum(torch.optim.Optimizer):
    """SGD with momentum, whose momenta are one flat storage, updated in one operation.

    ``place``: who has the storage: views of it as each parameter's state, an attribute, a
    group, the state under a key that is no parameter, or one list with a tensor of each.
    """

    def __init__(self, parameters: Any, place: str) -> None:
        super().__init__(parameters, {"lr": 0.1})
        self.place = place
        group = self.param_groups[0]
        sizes = [p.numel() for p in group["params"]]
        flat = torch.zeros(sum(sizes))
        pieces = [
            piece.view_as(p) for piece, p in zip(flat.split(sizes), group["params"], strict=True)
        ]
        if place == "views":
            for parameter, piece in zip(group["params"], pieces, strict=True):
                self.state[parameter]["momentum"] = piece
        elif place == "attribute":
            self.flat = flat
        elif place == "group":
            group["flat"] = {"float32": flat}
        elif place == "key":
            self.state["flat"] = flat
        else:
            self.copies = [piece.clone() for piece in pieces]

    def tensors(self) -> dict[str, torch.Tensor]:
        """What it keeps, by name."""
        group = self.param_groups[0]
        if self.place == "views":
            kept = [self.state[p]["momentum"] for p in group["params"]]
        elif self.place == "copies":
            kept = self.copies
        else:
            kept = [
                {
                    "attribute": lambda: self.flat,
                    "group": lambda: group["flat"]["float32"],
                    "key": lambda: self.state["flat"],
                }[self.place]()
            ]
        return {f"kept{i}": tensor for i, tensor in enumerate(kept)}

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        parameters = self.param_groups[0]["params"]
        gradient = torch.cat([p.grad.reshape(-1) for p in parameters])
        if self.place in ("views", "copies"):
            momentum = torch.cat([m.reshape(-1) for m in self.tensors().values()])
        else:
            (momentum,) = self.tensors().values()
        momentum.mul_(0.9).add_(gradient)
        start = 0
        for i, parameter in enumerate(parameters):
            piece = momentum[start : start + parameter.numel()].view_as(parameter)
            if self.place in ("views", "copies"):
                self.tensors()[f"kept{i}"].copy_(piece)
            parameter.sub_(piece, alpha=0.1)
            start += parameter.numel()


class Training:
    """Two layers and their optimizer."""

    def __init__(self, place: str) -> None:
        torch.manual_seed(2)
        self.model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 3))
        self.optimizer = FlatMomentum(self.model.parameters(), place)
        self.x = torch.randn(5, 3)

    def steps(self, count: int) -> list[float]:
        """Losses."""
        losses = []
        for _ in range(count):
            self.optimizer.zero_grad()
            loss = (self.model(self.x) - self.x).square().mean()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return losses

    def watched(self) -> Watched:
        parameters = dict(self.model.named_parameters())
        gradients = {f"{name}.grad": p.grad for name, p in parameters.items()}
        names = {**parameters, **gradients, **self.optimizer.tensors()}
        return Watched(**{name.replace(".", "_"): tensor for name, tensor in names.items()})


PLACES = ["views", "attribute", "group", "key", "copies"]


@pytest.mark.parametrize("asked", ["model", "model[0]", "optimizer"])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_flat_and_its_parameters_go_together(
    user: User, target: Target, place: str, asked: str
) -> None:
    stays, goes = Training(place), Training(place)
    assert stays.steps(2) == goes.steps(2)
    user.has(model=goes.model, optimizer=goes.optimizer, x=goes.x)
    watched = goes.watched()
    dragged = [text for text in user.preview(asked).warnings if "several parameters" in text]
    if asked == "model[0]":  # the other layer would be elsewhere than its momenta
        assert "model[1].weight" in dragged[0] and "model[0].weight" not in dragged[0]
    else:
        assert not dragged
    user.moves(asked)
    watched.have_moved(target.name)
    user.moves("x")
    assert goes.steps(5) == pytest.approx(stays.steps(5), rel=1e-5)
    there = goes.watched()
    user.moves("model[1]", device="cpu")
    there.have_moved("cpu")


def test_undo_puts_back_what_was_dragged_along(user: User, target: Target) -> None:
    training = Training("views")
    training.steps(1)
    user.has(model=training.model, optimizer=training.optimizer)
    watched = training.watched()
    user.moves("model[0]")
    watched.have_moved(target.name)
    assert user.undo().state == "undone"
    watched.have_not_changed()


def test_state_kept_beside_the_state_goes_with_its_parameter(user: User, target: Target) -> None:
    first, second = (torch.randn(3, requires_grad=True) for _ in range(2))
    optimizer: Any = torch.optim.SGD([first, second], lr=0.1)
    optimizer.slow = {first: torch.zeros(3), second: {"weights": [torch.ones(3)]}}
    user.has(first=first, second=second, optimizer=optimizer)
    watched = Watched(a=optimizer.slow[first], b=optimizer.slow[second]["weights"][0])
    user.moves("first")
    watched.have_moved(target.name, "a")
    user.moves("second")
    watched.have_moved(target.name)


def test_what_is_small_stays_and_holds_nothing(user: User, target: Target) -> None:
    """A history, a mask, a learning rate: an optimizer's, but not its parameters'."""
    first, second = (torch.randn(30, requires_grad=True) for _ in range(2))
    optimizer: Any = torch.optim.SGD([first, second], lr=torch.tensor(0.1))
    optimizer.history = torch.zeros(10)
    user.has(first=first, second=second, optimizer=optimizer)
    watched = Watched(
        first=first,
        second=second,
        history=optimizer.history,
        rate=optimizer.param_groups[0]["lr"],
    )
    user.moves("first")
    watched.have_moved(target.name, "first")
