"""Whatever fails on the way, everything is as it was: for each k, the k-th allocation."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests import second_device

from .picture import Watched
from .target import Target
from .user import User


class Net(torch.nn.Module):
    """Tied weights, buffers, a flat shared storage, a plain attribute, modules in a list."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = torch.nn.Linear(width, width, bias=False)
        self.norm = torch.nn.BatchNorm1d(width)
        self.first = torch.nn.Linear(width, width, bias=False)
        self.second = torch.nn.Linear(width, width, bias=False)
        self.head = torch.nn.Linear(width, width, bias=False)
        self.head.weight = self.embedding.weight
        flat = torch.randn(2 * width * width)
        self.first.weight.data = flat[: width * width].view(width, width)
        self.second.weight.data = flat[width * width :].view(width, width)
        self.mask = torch.ones(width)
        self.listed = [torch.nn.Linear(width, width)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.embedding(x)) * self.mask
        x = self.second(self.first(x))
        return self.head(self.listed[0](x))


def workshop(user: User, width: int) -> dict[str, torch.Tensor]:
    """A trained model, its optimizer, data with views and aliases; all tensors by name."""
    torch.manual_seed(0)
    net = Net(width)
    parameters = [*net.parameters(), *net.listed[0].parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.01)
    x = torch.randn(6, width)
    for _ in range(2):
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()
    rows, wide = x[1:, ::2], x[:1].expand(50, width)
    z = torch.randn(width, dtype=torch.complex64).conj()
    user.has(net=net, optimizer=optimizer, x=x, rows=[rows], wide={"w": wide}, z=z, f=lambda: rows)
    tensors = {"x": x, "rows": rows, "wide": wide, "z": z, "z base": z._base, "mask": net.mask}
    tensors |= {f"buffer {name}": buffer for name, buffer in net.named_buffers()}
    for i, parameter in enumerate(parameters):
        tensors |= {f"p{i}": parameter, f"g{i}": parameter.grad}
        state = optimizer.state[parameter]
        tensors |= {f"s{i} {key}": value for key, value in state.items()}
    return tensors


WANTED = ("net", "x", "z")


def test_every_allocation_may_fail(user: User, target: Target) -> None:
    watched = Watched(**workshop(user, 8 if target.kind == second_device.NAME else 1900))
    needed = user.preview(*WANTED).total_bytes
    before = target.allocated()
    failures = 0
    for fault in target.faults(needed):
        with fault.coming():
            answer = user.move(*WANTED)
        if answer.state == "done":
            break
        failures += 1
        assert answer.state == "failed" and "memory" in (answer.message or ""), fault.name
        assert not answer.can_undo
        watched.have_not_changed()
        assert target.allocated() == before, fault.name
    assert failures >= 10
    watched.have_moved(target.name, *(n for n in watched.before if not n.endswith(" step")))


def test_every_copy_may_fail(user: User, target: Target) -> None:
    if target.kind != second_device.NAME:
        pytest.skip("only the second device fails in the middle of a copy")
    watched = Watched(**workshop(user, 4))
    before = target.allocated()
    for k in range(1, 1000):
        second_device.fail_copy_at(k)
        answer = user.move(*WANTED)
        second_device.fail_copy_at(0)
        if answer.state == "done":
            break
        assert answer.state == "failed", k
        watched.have_not_changed()
        assert target.allocated() == before, k
    assert k > 10
    watched.have_moved(target.name, *(n for n in watched.before if not n.endswith(" step")))


def test_moving_back_may_fail(user: User, target: Target) -> None:
    if target.kind != second_device.NAME:
        pytest.skip("only the second device fails in the middle of a copy")
    watched = Watched(**workshop(user, 4))
    user.moves(*WANTED)
    there = Watched(**watched.tensors)
    for k in range(1, 1000):
        second_device.fail_copy_at(k)
        answer = user.undo()
        second_device.fail_copy_at(0)
        if answer.state == "undone":
            break
        assert answer.state == "failed", k
        there.have_not_changed()
    assert k > 10
    watched.have_not_changed()


def test_where_tensors_cannot_be_pointed_there(replacing: Target) -> None:
    """Refused with nothing changed; or done, and every reference is the right one."""
    user = User(replacing)
    watched = Watched(**workshop(user, 4))
    before = replacing.allocated()
    for name in ("net", "x", "optimizer"):
        answer: Any = user.move(name)
        if answer.state == "done":
            held = {id(p) for group in user["optimizer"].param_groups for p in group["params"]}
            assert {id(p) for p in user["net"].parameters()} <= held
        else:
            assert answer.refused and answer.message
            watched.have_not_changed()
            assert replacing.allocated() == before
    user.names.clear()
