"""What a deletion would do, and what becomes of a module, an optimizer or a container."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from jupyter_dlkit.kernel.errors import Refusal
from jupyter_dlkit.kernel.transfer import Deletion

from .target import Target
from .user import User


def would(user: User, path: str) -> Deletion:
    """A preview, which changes nothing."""
    before = {name: id(value) for name, value in user.names.items()}
    answer = user.transfer.delete(None, path, dry_run=True)
    assert answer.state == "preview" and answer.id is None
    assert {name: id(value) for name, value in user.names.items()} == before
    return answer


def change(answer: Deletion, device: str) -> int:
    """Bytes that are free again there."""
    measured = answer.bytes[device]
    assert measured.before is not None and measured.after is not None
    return measured.before - measured.after


def both(user: User, path: str) -> Deletion:
    """Deletes it; the preview has said the same before."""
    said = would(user, path)
    done = user.transfer.delete(None, path)
    assert done.state == "done"
    assert (said.deleted, said.kept) == (done.deleted, done.kept)
    assert set(said.still_held_by) == set(done.still_held_by)
    for device in done.bytes:
        assert change(said, device) == change(done, device), device
    return done


# A tensor -------------------------------------------------------------------------------


def test_a_preview_says_what_would_go_and_be_free(user: User, target: Target) -> None:
    x = torch.ones(1024, device=target.name)
    user.has(x=x, holder={"k": x}, thing=SimpleNamespace(a=x))
    user.outputs[4] = x
    del x
    said = would(user, "x")
    assert set(said.deleted) >= {"x", "holder['k']", "thing.a"}
    assert not said.kept and not said.still_held_by
    assert change(said, target.name) == 4096
    assert "Would delete x" in said.message and "4 KiB would be free" in said.message
    assert user["holder"]["k"] is user["x"] is user["thing"].a is user.outputs[4]
    both(user, "x")


def test_a_preview_of_a_tensor_on_the_host(user: User, target: Target) -> None:
    user.has(x=torch.arange(10.0).view(2, 5))  # a view, whose base nobody else has
    assert change(both(user, "x"), "cpu") == 40


def test_what_would_remain_is_named(user: User, target: Target) -> None:
    x = torch.ones(1000)
    user.has(x=x, listed=[x])
    del x
    answer = both(user, "x")
    assert answer.kept == answer.still_held_by == ("listed[0]",)


def test_views_are_named(user: User, target: Target) -> None:
    user.has(x=torch.ones(1000, device=target.name))
    user.has(row=user["x"][1:3])
    answer = both(user, "x")
    assert answer.still_held_by == ("row",) and "row" in answer.message
    assert change(answer, target.name) == 0


@pytest.mark.parametrize("back", [False, True])
def test_a_graph_that_holds_a_leaf_is_named(user: User, target: Target, back: bool) -> None:
    w = torch.ones(1000, requires_grad=True)
    loss = (w * 2).sum()
    if back:
        loss.backward()  # lets go of what it saved, not of its leaves
    user.has(w=w, loss=loss)
    del w, loss
    answer = both(user, "w")
    assert answer.still_held_by == ("the graph of loss",)
    assert change(answer, "cpu") == 0


def test_a_tensor_that_a_graph_saved(user: User, target: Target) -> None:
    w, x = torch.ones(1000, requires_grad=True), torch.ones(1000)
    user.has(w=w, x=x, loss=(w * x).sum())
    del w, x
    assert both(user, "x").still_held_by == ("the graph of loss",)


def test_somebody_without_a_name_is_told_of_before(user: User, target: Target) -> None:
    def count() -> Any:
        x = torch.ones(1000)
        yield x
        yield x.sum()

    generator = count()
    user.has(x=next(generator))
    (who,) = both(user, "x").still_held_by
    assert "count" in who
    next(generator)


def test_an_array_is_deleted_too(user: User, target: Target) -> None:
    user.has(a=torch.ones(3).numpy(), d={})
    user["d"]["k"] = user["a"]
    answer = both(user, "a")
    assert set(answer.deleted) == {"a", "d['k']"} and not user["d"] and "a" not in user.names
    assert answer.bytes == {}


# A group ---------------------------------------------------------------------------------


def test_a_module_with_all_that_is_its_own(user: User, target: Target) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4)).to(target.name)
    model(torch.ones(2, 4, device=target.name)).sum().backward()
    parameters = list(model.parameters())
    nbytes = target.rounded(
        *(2 * [p.nbytes for p in parameters]), *(b.nbytes for b in model.buffers())
    )
    user.has(model=model, same=model, models={"a": model})
    user.outputs[2] = model
    del model, parameters
    gc.collect()
    before = target.allocated()
    answer = both(user, "model")
    assert set(answer.deleted) >= {"model", "same", "models['a']"}
    assert not answer.kept and not answer.still_held_by
    assert set(user.names) == {"models"} and not user["models"] and not user.outputs
    assert before - target.allocated() == nbytes
    if target.kind != "cuda":  # which rounds what it gives out
        assert change(answer, target.name) == nbytes


def test_who_still_has_parameters_of_a_module(user: User, target: Target) -> None:
    model = torch.nn.Linear(4, 4)
    user.has(
        model=model,
        optimizer=torch.optim.SGD([model.weight], lr=0.1),
        loss=(model.bias * 2).sum(),
        extra=torch.ones(2),
    )
    del model
    answer = both(user, "model")
    assert answer.deleted == ("model",)
    assert set(answer.still_held_by) == {"optimizer", "the graph of loss"}
    assert change(answer, "cpu") == 0
    assert user["optimizer"].param_groups[0]["params"][0].shape == (4, 4)


def test_an_optimizer_and_not_its_parameters(user: User, target: Target) -> None:
    model = torch.nn.Linear(4, 4, bias=False)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    user.has(model=model, optimizer=optimizer)
    del model, optimizer
    answer = both(user, "optimizer")
    # Two moments of 64 B, and a step of 4 B.
    assert change(answer, "cpu") == 132
    assert "optimizer" not in user.names and answer.still_held_by == ("model",)
    assert user["model"].weight.grad is not None


def test_an_optimizer_that_a_scheduler_needs(user: User, target: Target) -> None:
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    user.has(model=model, optimizer=optimizer, scheduler=scheduler)
    answer = both(user, "optimizer")
    assert answer.deleted == ("optimizer",) and answer.kept == ("scheduler.optimizer",)
    assert scheduler.optimizer is optimizer


def test_a_container_lets_go_of_what_nobody_else_has(user: User, target: Target) -> None:
    shared = torch.ones(100)
    user.has(batch={"x": torch.ones(50), "y": [shared, torch.ones(25)]}, shared=shared)
    del shared
    answer = both(user, "batch")
    assert change(answer, "cpu") == 300 and answer.still_held_by == ("shared",)
    assert "some of its memory" in answer.message
    assert user["shared"].sum() == 100


def test_a_part_of_a_module_is_not_taken_out(user: User, target: Target) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2))
    user.has(model=model, listed=[model])
    for path in ("model[0]", "listed[0]"):
        if path == "listed[0]":
            del user.names["model"]
        answer = both(user, path)
        assert not answer.deleted and path in answer.kept
        assert "Nothing was deleted" in answer.message
    assert isinstance(model[0], torch.nn.Linear) and user["listed"][0] is model


def test_a_module_in_a_cycle_is_freed_at_once(user: User, target: Target) -> None:
    model: Any = torch.nn.Linear(10, 10).to(target.name)
    model.itself = [model]
    user.has(model=model)
    del model
    before = target.allocated()
    answer = user.transfer.delete(None, "model")
    assert before - target.allocated() == target.rounded(400, 40)
    assert "free again" in answer.message


def test_who_holds_a_module_without_a_name(user: User, target: Target) -> None:
    def train(model: torch.nn.Module) -> Any:
        yield model

    user.has(model=torch.nn.Linear(3, 3))
    generator = train(user["model"])
    next(generator)
    (who,) = both(user, "model").still_held_by
    assert "train" in who


def test_what_is_another_class_now_is_kept(user: User, target: Target) -> None:
    user.has(model=torch.nn.Linear(2, 2), word="text")
    with pytest.raises(Refusal) as caught:
        user.transfer.delete(None, "model", listed_type="Sequential")
    assert (caught.value.status, caught.value.code) == (409, "changed")
    with pytest.raises(Refusal) as caught:
        user.transfer.delete(None, "word")
    assert caught.value.code == "nothing_to_delete"
    assert set(user.names) == {"model", "word"}
    user.transfer.delete(None, "model", listed_type="Linear")
    assert set(user.names) == {"word"}
