"""What cannot be moved is refused in words, and nothing moves."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from jupyter_dlkit.kernel.errors import Refusal
from jupyter_dlkit.kernel.transfer import refusals

from .picture import Watched
from .target import Target
from .user import User


@pytest.mark.parametrize("device", ["nowhere", "meta", "cpu:x", "xla", "toy:7", ""])
def test_devices_that_cannot_be(user: User, target: Target, device: str) -> None:
    x = torch.ones(3)
    user.has(x=x)
    watched = Watched(x=x)
    if device == "toy:7":
        device = f"{target.kind}:97"
    with pytest.raises(Refusal) as caught:
        user.transfer.move(["x"], device)
    assert caught.value.status == 400 and caught.value.hint
    assert "meta" not in device or "data" in str(caught.value)
    watched.have_not_changed()


def test_a_target_that_is_not_there(user: User, target: Target) -> None:
    user.has(x=torch.ones(3), word="text")
    for path, status in {"y": 404, "x.real": 404, "word": 404}.items():
        with pytest.raises(Refusal) as caught:
            user.move("x", path)
        assert caught.value.status == status, path
    assert user["x"].device.type == "cpu"


def test_a_row_that_is_another_object_now(user: User, target: Target) -> None:
    user.has(x=torch.ones(3), y=torch.ones(3))
    row = {"id": f"{id(user['x']):x}-1", "path": "x"}
    user.has(old=user["x"], x=torch.zeros(3))
    watched = Watched(old=user["old"], x=user["x"], y=user["y"])
    with pytest.raises(Refusal) as caught:
        user.move("y", row)
    assert (caught.value.status, caught.value.code) == (409, "changed")
    watched.have_not_changed()


def refused(user: User, name: str, *others: str) -> Any:
    """The refusal of one target; nothing of the others moves either."""
    answer = user.cannot_move(name, *others)
    assert answer.refused[0].message and answer.refused[0].hint
    assert all(user[other].device.type == "cpu" for other in others)
    return answer.refused[0]


def test_from_meta(user: User, target: Target) -> None:
    user.has(m=torch.empty(3, device="meta"), x=torch.ones(3))
    found = refused(user, "m", "x")
    assert found.code == "from_meta" and "to_empty" in found.hint


def test_a_fake_tensor(user: User, target: Target) -> None:
    with FakeTensorMode():
        fake = torch.empty(3)
    user.has(fake=fake, x=torch.ones(3))
    assert refused(user, "fake", "x").code == "fake"


def test_a_class_that_answers_for_its_tensors(user: User, target: Target) -> None:
    class Wrapper(torch.Tensor):
        @classmethod
        def __torch_dispatch__(cls, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("nobody may ask")

    wrapper = torch.Tensor._make_wrapper_subclass(Wrapper, (3,))
    user.has(x=torch.ones(3), deep={"wrapper": wrapper})
    answer = user.cannot_move("x", "deep")
    assert [row.code for row in answer.refused] == ["wrapper"]
    assert "Wrapper" in answer.refused[0].message
    assert user["x"].device.type == "cpu"


def test_a_tensor_of_a_function_transform(user: User, target: Target) -> None:
    def inside(row: torch.Tensor) -> torch.Tensor:
        user.has(row=row)
        assert refused(user, "row").code == "functorch"
        user.names.clear()
        return row * 2

    assert torch.vmap(inside)(torch.ones(2, 2)).tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("dtype", "cast"), [(torch.float64, "float()"), (torch.complex128, "complex64")]
)
def test_a_dtype_that_the_device_does_not_have(dtype: torch.dtype, cast: str) -> None:
    from jupyter_dlkit.kernel.columns import Describer
    from jupyter_dlkit.kernel.kinds import TENSOR

    x, device = torch.ones(2, dtype=dtype), torch.device("mps", 0)
    found = refusals.of(Describer(torch), x, TENSOR, "x", device)
    assert found is not None and found.code == "dtype" and cast in found.hint
    assert refusals.of(Describer(torch), x.cfloat().real, TENSOR, "x", device) is None


def quantized() -> torch.Tensor:
    return torch.quantize_per_tensor(torch.ones(4), 0.5, 0, torch.qint8)


WHOLE = {
    "coo": lambda: torch.eye(4).to_sparse(),
    "csr": lambda: torch.eye(4).to_sparse_csr(),
    "nested": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "jagged": lambda: torch.nested.nested_tensor(
        [torch.ones(2), torch.ones(3)], layout=torch.jagged
    ),
    "quantized": quantized,
    "mkldnn": lambda: torch.ones(3, 3).to_mkldnn(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE.keys())
def test_tensors_without_strides(user: User, target: Target, make: Any) -> None:
    """As a whole where torch can; else refused, and nothing else moves."""
    odd = make()
    user.has(odd=odd, listed=[odd], x=torch.ones(2))
    before = target.allocated()
    answer = user.move("odd", "x")
    assert user["odd"] is odd and user["listed"][0] is odd
    if answer.state == "done":
        assert odd.device == target.device and user["x"].device == target.device
        assert user.undo().state == "undone"
    else:
        assert answer.message and answer.hint
    assert odd.device.type == "cpu" and user["x"].device.type == "cpu"
    assert torch.equal(user["x"], torch.ones(2))
    assert target.allocated() == before


def test_a_distributed_module(user: User, target: Target) -> None:
    class DistributedDataParallel(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = torch.nn.Linear(2, 2)

    user.has(model=DistributedDataParallel())
    assert user.cannot_move("model").refused[0].code == "distributed"


@pytest.mark.parametrize("made", ["Linear", "tensor"])
def test_devices_that_no_object_can_be_pointed_at(replacing: Target, made: str) -> None:
    user = User(replacing)
    x = torch.nn.Linear(2, 2) if made == "Linear" else torch.ones(2)
    user.has(x=x)
    tensors = dict(x.named_parameters()) if made == "Linear" else {"x": x}
    watched = Watched(**tensors)
    before = replacing.allocated()
    answer = user.cannot_move("x")
    assert {row.code for row in answer.refused} == {"incompatible"}
    assert replacing.name in answer.refused[0].message
    watched.have_not_changed()
    assert replacing.allocated() == before
    if made == "Linear":
        # What it says works, and leaves an optimizer that updates what is there.
        assert not any(row.alternatives for row in answer.refused)
        assert f"Run x.to({replacing.name!r})" in answer.refused[0].hint
        x.to(replacing.name)
        assert x.weight is not tensors["weight"] and x.weight.device == replacing.device
        optimizer = torch.optim.SGD(x.parameters(), lr=0.1)
        was = x.weight.detach().clone()
        x(torch.ones(1, 2, device=replacing.name)).sum().backward()
        optimizer.step()
        assert not torch.equal(x.weight, was)
        del optimizer, was
        x.to("cpu")
    if made == "tensor":
        assert "x = x.detach()" in answer.refused[0].hint
        assert user.move("x", how="copy").state == "done"
        assert user["x"].device == replacing.device and x.device.type == "cpu"
    user.names.clear()
