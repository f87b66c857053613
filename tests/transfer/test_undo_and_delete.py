"""One move back; and rows that are deleted as by hand."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from jupyter_dlkit.kernel.errors import Refusal
from tests import second_device

from .picture import Watched
from .target import Fault, Target
from .user import User


def test_one_move_back_and_only_once(user: User, target: Target) -> None:
    x, y = torch.randn(3), torch.randn(3)
    user.has(x=x, y=y)
    watched = Watched(x=x, y=y)
    user.moves("x")
    assert user.moves("y").can_undo
    assert user.undo().state == "undone"
    watched.have_moved(target.name, "x")
    with pytest.raises(Refusal, match="There is no move to undo: the last") as caught:
        user.undo()
    assert caught.value.status == 409
    with pytest.raises(Refusal, match="Only the last move can be undone"):
        user.transfer.undo("another")


def test_nothing_to_undo(user: User, target: Target) -> None:
    with pytest.raises(Refusal, match=r"^There is no move to undo\.$"):
        user.undo()


def test_what_is_gone_by_then_stays_gone(user: User, target: Target) -> None:
    user.has(kept=torch.ones(3), dropped=torch.ones(4))
    user.moves("kept", "dropped")
    del user.names["dropped"]
    gc.collect()
    answer = user.undo()
    assert answer.state == "undone" and user["kept"].device.type == "cpu"
    assert any("gone" in text for text in answer.warnings)


def test_all_is_gone_by_then(user: User, target: Target) -> None:
    user.has(x=torch.ones(3), y=torch.ones(2))
    user.moves("x", "y")
    user.names.clear()
    gc.collect()
    answer = user.undo()
    assert answer.state == "undone" and "2 tensors" in (answer.message or "")
    with pytest.raises(Refusal):
        user.undo()


def test_undo_keeps_nothing_alive(user: User, target: Target) -> None:
    user.has(x=torch.ones(1000))
    before = target.allocated()
    user.moves("x")
    user.names.clear()
    assert target.allocated() == before


def test_changed_values_come_back_changed(user: User, target: Target) -> None:
    x = torch.ones(3)
    user.has(x=x)
    user.moves("x")
    x.mul_(5)
    user.undo()
    assert x.tolist() == [5, 5, 5] and x.device.type == "cpu"


def test_a_live_graph_refuses_undo(user: User, target: Target) -> None:
    w = torch.randn(3, requires_grad=True)
    user.has(w=w)
    user.moves("w")
    user.has(loss=w.square().sum())
    answer = user.undo()
    assert answer.state == "failed" and "loss" in (answer.message or "")
    assert answer.can_undo
    user["loss"].backward()
    assert user.undo().state == "undone" and w.grad.device.type == "cpu"


def test_undo_to_a_device_that_is_full(user: User, target: Target) -> None:
    """Nothing is put back, and that can be asked for again when there is room."""
    size = 1000 if target.kind == second_device.NAME else 64 << 20
    x, y = (torch.ones(size, device=target.name) for _ in range(2))
    user.has(x=x, row=x[1:3], y=y)
    user.moves("x", "y", device="cpu")
    watched = Watched(x=x, row=user["row"], y=y)
    before = target.allocated()
    # The first of the two finds room, the second does not.
    fault = Fault("room for one", target, 2 if target.kind == second_device.NAME else 300 << 20)
    with fault.coming():
        answer = user.undo()
    assert answer.state == "failed" and "memory" in (answer.message or "")
    assert (answer.message or "").startswith("Nothing was put back")
    assert answer.can_undo, "the move stands, and can still be undone"
    watched.have_not_changed()
    assert target.allocated() == before
    assert user.undo().state == "undone"
    watched.have_moved(target.name)


def delete(user: User, path: str) -> Any:
    return user.transfer.delete(None, path)


def test_deleting_every_name(user: User, target: Target) -> None:
    user.has(x=torch.ones(1000, device=target.name), holder={}, thing=SimpleNamespace())
    user.has(same=user["x"])
    user["holder"]["k"] = user["thing"].a = user["x"]
    user.outputs[4] = user["x"]
    before = target.allocated()
    answer = delete(user, "x")
    assert {"x", "same", "holder['k']"} <= set(answer.deleted) and not answer.kept
    assert "x" not in user.names and "same" not in user.names and not user["holder"]
    assert not vars(user["thing"]) and not user.outputs
    assert before - target.allocated() == target.rounded(4000)
    measured = answer.bytes[target.name]
    assert measured.before - measured.after == target.rounded(4000)


def test_what_still_holds_it_is_said(user: User, target: Target) -> None:
    x = torch.ones(1000)
    user.has(x=x, listed=[x])
    answer = delete(user, "x")
    assert answer.deleted == ("x",) and answer.kept == ("listed[0]",)
    assert "listed[0]" in answer.still_held_by and user["listed"][0] is x


def test_a_view_keeps_the_memory(user: User, target: Target) -> None:
    user.has(x=torch.ones(1000, device=target.name))
    user.has(row=user["x"][1:3])
    answer = delete(user, "x")
    assert "x" not in user.names and user["row"].tolist() == [1, 1]
    measured = answer.bytes[target.name]
    assert measured.before == measured.after


def test_a_parameter_is_not_deleted(user: User, target: Target) -> None:
    model = torch.nn.Linear(2, 2)
    user.has(model=model)
    weight = model.weight
    answer = delete(user, "model.weight")
    assert not answer.deleted and model.weight is weight
    assert "Nothing was deleted" in answer.message
