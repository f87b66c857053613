"""A tensor moves with all its names, views and aliases, and looks as it did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from .picture import Watched
from .target import Target
from .user import User

MIB = 1 << 20


def test_every_alias_has_it_still(user: User, target: Target) -> None:
    x = torch.randn(3, 4)

    def closure() -> torch.Tensor:
        return x

    user.has(
        x=x,
        other=x,
        listed=[x, 1],
        keyed={"a": {"b": x}},
        paired=(x,),
        queued=deque([x]),
        f=closure,
    )
    user.has(held=SimpleNamespace(inside=x))
    watched = Watched(x=x)
    answer = user.moves("x")
    watched.have_moved(target.name)
    assert user["listed"][0] is x and user["keyed"]["a"]["b"] is x and user["f"]() is x
    (row,) = answer.moved
    assert (row.name, row.source, row.target) == ("x", "cpu", target.name)
    assert {"other", "listed[0]", "keyed['a']['b']", "paired[0]"} <= set(row.aliases)
    assert any("closure" in alias for alias in row.aliases)


def test_bytes_are_measured_and_the_source_is_freed(user: User, target: Target) -> None:
    user.has(x=torch.zeros(1000, dtype=torch.int16))
    before = target.allocated()
    answer = user.moves("x")
    there = target.rounded(2000)
    assert target.allocated() - before == there
    assert answer.bytes[target.name].after - answer.bytes[target.name].before == there
    assert answer.total_bytes == 2000 and not answer.still_held_by
    assert answer.bytes["cpu"].before - answer.bytes["cpu"].after == 2000
    answer = user.moves("x", device="cpu")
    assert answer.bytes["cpu"].after - answer.bytes["cpu"].before == 2000
    assert target.allocated() == before
    assert answer.bytes[target.name].after == before and not answer.still_held_by


def test_it_moves_there_and_back(user: User, target: Target) -> None:
    x = torch.randn(5, 3).t()
    watched = Watched(x=x, row=x[1], base=x._base)
    user.has(x=x)
    user.moves("x")
    watched.have_moved(target.name)
    user.moves("x", device="cpu")
    watched.have_not_changed()


def test_between_two_devices_of_one_kind(user: User, target: Target) -> None:
    if target.second is None:
        pytest.skip("this machine has one device of the kind")
    x = torch.randn(4, 4, device=target.name)
    user.has(x=x, row=x[2])
    watched = Watched(x=x, row=user["row"])
    user.moves("row", device=target.second)
    watched.have_moved(target.second)
    assert user.preview("x", device=target.kind).moved, "the current one is the first"


def test_already_there(user: User, target: Target) -> None:
    x = torch.randn(4, device=target.name)
    watched = Watched(x=x)
    user.has(x=x)
    for device in (target.name, target.kind):
        answer = user.move("x", device=device)
        assert answer.state == "done" and not answer.moved
        assert list(answer.already_there) == ["x"]
        assert answer.device == target.name
        assert answer.message and not answer.can_undo
    watched.have_not_changed()


def test_a_preview_changes_nothing(user: User, target: Target) -> None:
    x = torch.randn(64, requires_grad=True)
    x.grad = torch.randn(64)
    user.has(x=x)
    watched = Watched(x=x, grad=x.grad)
    before = target.allocated()
    answer = user.preview("x")
    watched.have_not_changed()
    assert target.allocated() == before
    assert answer.id is None and answer.total_bytes == 512 and not answer.bytes
    assert {row.name for row in answer.moved} == {"x", "x.grad"}
    assert answer.free is None or answer.free > 512


STRANGE = {
    "scalar": lambda: torch.tensor(3.5),
    "empty": lambda: torch.empty(0, 3),
    "transposed": lambda: torch.randn(3, 4).t(),
    "every second": lambda: torch.randn(12)[1::2],
    "channels last": lambda: torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "channels last 3d": lambda: torch.randn(1, 2, 3, 4, 5).to(memory_format=torch.channels_last_3d),
    "overlapping": lambda: torch.randn(8).as_strided((3, 3), (2, 1), 1),
    "windows": lambda: torch.randn(8).unfold(0, 3, 1),
    "conjugated": lambda: torch.randn(4, dtype=torch.complex64).conj(),
    "conjugated transposed": lambda: torch.randn(2, 3, dtype=torch.complex128).mH,
    "negated": lambda: torch.randn(4, dtype=torch.complex64).conj().imag,
    "bits": lambda: torch.randn(4).view(torch.int32),
    "bool": lambda: torch.tensor([True, False, True]),
    "half": lambda: torch.randn(3).half(),
    "bfloat16": lambda: torch.randn(3).bfloat16(),
    "float8": lambda: torch.randn(8).to(torch.float8_e4m3fn),
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE.keys())
def test_it_looks_as_it_did(user: User, target: Target, make: Any) -> None:
    x = make()
    user.has(x=x)
    watched = Watched(x=x)
    user.moves("x")
    watched.have_moved(target.name)
    user.moves("x", device="cpu")
    watched.have_not_changed()


def test_what_is_expanded_is_not_made_real(user: User, target: Target) -> None:
    x = torch.tensor([1.0, 2.0, 3.0]).expand(1 << 20, 3)
    user.has(x=x)
    before = target.allocated()
    answer = user.moves("x")
    assert answer.total_bytes == 12
    assert target.allocated() - before == target.rounded(12)
    assert x.stride() == (0, 1) and x[77].tolist() == [1, 2, 3]


def test_a_view_takes_its_storage_along(user: User, target: Target) -> None:
    base = torch.randn(MIB)
    view = base[2:4]
    user.has(view=view)
    user.has(a_list=[base])
    watched = Watched(base=base, view=view, third=base.view(1024, 1024).t())
    preview = user.preview("view")
    assert preview.total_bytes == 4 * MIB
    (row,) = [row for row in preview.moved if row.name == "view"]
    assert (row.bytes, row.storage_bytes) == (8, 4 * MIB)
    assert "a_list[0]" in row.shares
    user.moves("view")
    watched.have_moved(target.name)
    base[2] = 17
    assert view[0].item() == 17


def test_copying_only_the_view(user: User, target: Target) -> None:
    base = torch.randn(MIB)
    view = base[2:4]
    user.has(base=base, view=view)
    watched = Watched(base=base, view=view)
    before = target.allocated()
    user.moves("view", how="copy")
    watched.have_not_changed()
    copy = user["view"]
    assert copy is not view and copy.device == target.device
    assert copy.untyped_storage().nbytes() == 8 and copy._base is None
    assert torch.equal(copy.cpu(), view)
    assert target.allocated() - before == target.rounded(8)


def test_a_base_that_only_torch_holds_moves_too(user: User, target: Target) -> None:
    row = torch.randn(4, 4)[1]
    user.has(row=row)
    assert row._base is not None
    before = target.allocated()
    answer = user.moves("row")
    assert row._base.device == target.device
    assert row._base.untyped_storage()._cdata == row.untyped_storage()._cdata
    assert target.allocated() - before == target.rounded(64) and not answer.still_held_by


def test_what_the_view_of_a_view_shares(user: User, target: Target) -> None:
    x = torch.zeros(4, 6)
    user.has(x=x, a=x[1:], b=x[1:].t(), c=x.detach(), d=x.data)
    watched = Watched(**{name: user[name] for name in "xabcd"})
    answer = user.moves("c")
    watched.have_moved(target.name)
    assert len(answer.moved) == 5 and answer.total_bytes == 96
    x[1, 0] = 5
    assert [float(user[name].sum()) for name in "xabcd"] == [5] * 5


def test_attributes_and_classes_of_the_user(user: User, target: Target) -> None:
    class Tagged(torch.Tensor):
        pass

    x = torch.randn(3).as_subclass(Tagged)
    x.note = ["mine"]
    user.has(x=x)
    watched = Watched(x=x)
    user.moves("x")
    watched.have_moved(target.name)
    assert type(x) is Tagged and x.note == ["mine"]


@dataclass
class Batch:
    inputs: torch.Tensor
    labels: torch.Tensor


def test_containers_and_objects_as_targets(user: User, target: Target) -> None:
    tensors = [torch.randn(2) for _ in range(6)]
    user.has(
        several=[tensors[0], {"a": tensors[1]}],
        pair=(tensors[2], [tensors[3]]),
        batch=Batch(tensors[4], tensors[5]),
        elsewhere=torch.randn(2),
    )
    watched = Watched(**{f"t{i}": tensor for i, tensor in enumerate(tensors)}, e=user["elsewhere"])
    user.moves("several", "pair", "batch")
    watched.have_moved(target.name, *(f"t{i}" for i in range(6)))


def test_a_result_of_a_cell(user: User, target: Target) -> None:
    x = torch.randn(2)
    user.outputs[3] = x
    watched = Watched(x=x)
    user.moves("Out[3]")
    watched.have_moved(target.name)


def test_one_target_said_twice(user: User, target: Target) -> None:
    x = torch.randn(4)
    user.has(x=x, same=x, row=x[:2])
    watched = Watched(x=x, row=user["row"])
    answer = user.moves("x", "same", "row", "x")
    watched.have_moved(target.name)
    assert answer.total_bytes == 16


def test_a_tensor_of_inference_mode(user: User, target: Target) -> None:
    with torch.inference_mode():
        x = torch.randn(4)
        row = x[1:]
    user.has(x=x, row=row)
    watched = Watched(x=x, row=row)
    user.moves("x")
    watched.have_moved(target.name)
    user.moves("x", device="cpu")
    watched.have_not_changed()


def test_within_a_cell_under_inference_mode_or_another_default(user: User, target: Target) -> None:
    x = torch.randn(4, requires_grad=True)
    user.has(x=x)
    watched = Watched(x=x)
    with torch.inference_mode(), torch.device("meta"):
        user.moves("x")
    watched.have_moved(target.name)
    x.sum().backward()
    assert x.grad.tolist() == [1] * 4
