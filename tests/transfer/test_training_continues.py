"""After a move, training goes on with the numbers that it would have had."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests import second_device

from .target import Target
from .user import User

OPTIMIZERS = [
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"fused": True}),
    ("AdamW", {"foreach": True}),
    ("AdamW", {"foreach": False}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("Adagrad", {}),
    ("LBFGS", {"max_iter": 3, "history_size": 4}),
]


class Training:
    """A model that is trained step by step."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        torch.manual_seed(1)
        self.model = torch.nn.Sequential(
            # Without a bias: what comes before a batch norm has a gradient of rounding errors
            # only, which Adam and Adagrad would blow up to steps.
            torch.nn.Linear(5, 6, bias=False),
            torch.nn.BatchNorm1d(6),
            torch.nn.Tanh(),
            torch.nn.Linear(6, 5),
        ).double()
        self.model[3].weight = torch.nn.Parameter(self.model[0].weight.detach().t().contiguous())
        self.optimizer = getattr(torch.optim, name)(self.model.parameters(), lr=0.05, **options)
        self.x = torch.randn(12, 5, dtype=torch.float64)

    def steps(self, count: int) -> list[float]:
        """Losses."""

        def closure() -> torch.Tensor:
            self.optimizer.zero_grad()
            loss = (self.model(self.x) - self.x).square().mean()
            loss.backward()
            return loss

        return [self.optimizer.step(closure).item() for _ in range(count)]

    def weights(self) -> list[torch.Tensor]:
        return [p.detach().cpu() for p in self.model.parameters()]


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=str)
def test_the_next_five_steps(
    user: User, target: Target, name: str, options: dict[str, Any]
) -> None:
    stays, goes = Training(name, options), Training(name, options)
    assert stays.steps(3) == goes.steps(3)
    user.has(model=goes.model, optimizer=goes.optimizer, x=goes.x)
    user.moves("model", "x")
    expected = stays.steps(5)
    exact = target.kind == second_device.NAME and options.get("foreach") is not None
    close = 1e-13 if exact else 1e-9
    assert goes.steps(5) == pytest.approx(expected, rel=close)
    for ours, theirs in zip(goes.weights(), stays.weights(), strict=False):
        torch.testing.assert_close(ours, theirs, rtol=close, atol=close)
    user.moves("model", "x", device="cpu")
    assert goes.steps(2) == pytest.approx(stays.steps(2), rel=close)
