"""The second device is a device: its errors, its bytes, its failures, its arithmetic."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests import second_device
from tests.second_device import allocated, fail_at, fail_copy_at, keep_freed, limit, load

GIB = 1 << 30


@pytest.fixture(autouse=True)
def toy() -> Iterator[Any]:
    """The device, holding nothing, telling the truth."""
    module = load()
    second_device.reset()
    gc.collect()
    before = allocated(0), allocated(1)
    yield module
    second_device.reset()
    gc.collect()
    assert (allocated(0), allocated(1)) == before


def test_two_devices_do_not_mix() -> None:
    with pytest.raises(RuntimeError, match="found at least two devices, toy:0 and cpu"):
        torch.ones(3, device="toy") + torch.ones(3)
    with pytest.raises(RuntimeError, match="found at least two devices, toy:0 and toy:1"):
        torch.mm(torch.ones(3, 3, device="toy:0"), torch.ones(3, 3, device="toy:1"))


def test_bytes_are_exact() -> None:
    x = torch.empty(7, dtype=torch.int16, device="toy:0")
    y = torch.empty(3, device="toy:1")
    view = x[2:4]
    assert (allocated(0), allocated(1)) == (14, 12)
    del x
    assert allocated(0) == 14
    del view, y
    assert (allocated(0), allocated(1)) == (0, 0)


def test_it_counts_its_peak(toy: Any) -> None:
    x = torch.empty(100, dtype=torch.uint8, device="toy:0")
    del x
    assert (toy.memory_allocated(0), toy.max_memory_allocated(0)) == (0, 100)
    toy.reset_peak_memory_stats(0)
    assert toy.max_memory_allocated(0) == 0


def test_what_is_freed_can_stay_reserved(toy: Any) -> None:
    keep_freed(True)
    limit(0, 150)
    x = torch.full((100,), 7, dtype=torch.uint8, device="toy:0")
    del x
    assert (toy.memory_allocated(0), toy.memory_reserved(0)) == (0, 100)
    again = torch.empty(100, dtype=torch.uint8, device="toy:0")
    assert toy.memory_reserved(0) == 100
    assert 7 not in again.cpu()
    del again
    other = torch.empty(60, dtype=torch.uint8, device="toy:0")  # the kept one gives way
    assert toy.memory_reserved(0) == 60
    del other
    toy.empty_cache()
    assert toy.memory_reserved(0) == 0


def test_it_runs_out_of_memory_at_a_limit(toy: Any) -> None:
    limit(1, 100)
    x = torch.empty(80, dtype=torch.uint8, device="toy:1")
    assert toy.mem_get_info("toy:1") == (20, 100)
    with pytest.raises(torch.OutOfMemoryError, match="Tried to allocate 21 bytes"):
        torch.empty(21, dtype=torch.uint8, device="toy:1")
    assert toy.memory_allocated("toy:1") == x.nbytes
    assert toy.mem_get_info(0) == (8 * GIB, 8 * GIB)


def test_it_fails_once_when_told() -> None:
    fail_at(3)
    held = [torch.empty(1, device="toy") for _ in range(2)]
    with pytest.raises(torch.OutOfMemoryError):
        torch.empty(1, device="toy")
    held.append(torch.empty(1, device="toy"))
    assert allocated(0) == 12
    fail_copy_at(2)
    assert held[0].cpu().shape == (1,)
    with pytest.raises(RuntimeError, match="the copy failed"):
        held[0].to("toy:1")
    assert held[0].to("toy:1").shape == (1,)


def test_there_are_two_of_it(toy: Any) -> None:
    assert torch.accelerator.current_accelerator() == torch.device("toy")
    assert toy.device_count() == 2
    assert torch.empty(1, device="toy").device == torch.device("toy:0")
    toy.set_device(1)
    assert torch.empty(1, device="toy").device == torch.device("toy:1")
    toy.set_device(0)
    with pytest.raises(RuntimeError, match="invalid device ordinal 7"):
        torch.empty(1, device="toy:7")
    assert torch.arange(3, device="toy:0").to("toy:1").tolist() == [0, 1, 2]


def test_fresh_memory_is_not_zero_by_luck() -> None:
    assert (torch.empty(64, dtype=torch.uint8, device="toy").cpu() == 0xCD).all()


@pytest.mark.parametrize("compatible", [True, False])
def test_both_modes(compatible: bool) -> None:
    load(compatible)
    ours, theirs = torch.zeros(2), torch.ones(2, device="toy")
    assert torch._has_compatible_shallow_copy_type(ours, theirs) is compatible
    assert torch._has_compatible_shallow_copy_type(theirs, theirs.clone())
    model = torch.nn.Linear(2, 2)
    weight = model.weight
    model.to("toy")
    assert model.weight.device.type == "toy"
    assert (model.weight is weight) is compatible
    model.to("cpu")
    assert (model.weight is weight) is compatible
    if compatible:
        ours.data = theirs
        assert ours.device.type == "toy" and ours.tolist() == [1, 1]
    else:
        with pytest.raises(RuntimeError, match="incompatible tensor type"):
            ours.data = theirs


VIEWS = {
    "slice": lambda x: x[1:, ::2],
    "transpose": lambda x: x.t(),
    "expand": lambda x: x[:1].expand(5, 6),
    "view": lambda x: x.view(6, 4),
    "unfold": lambda x: x.unfold(1, 3, 2),
    "conj": lambda x: x.conj(),
    "imaginary part, negated": lambda x: x.conj().imag,
    "real": torch.view_as_real,
    "diagonal": lambda x: x.diagonal(),
    "permuted": lambda x: x.view(2, 2, 6).permute(2, 0, 1),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_views_are_views(view: Any) -> None:
    x = torch.randn(4, 6, dtype=torch.complex64)
    there = x.to("toy")
    bytes_there = allocated(0)
    expected, seen = view(x), view(there)
    assert allocated(0) == bytes_there
    assert seen.untyped_storage().data_ptr() == there.untyped_storage().data_ptr()
    assert seen.stride() == expected.stride() and seen.shape == expected.shape
    assert (seen.is_conj(), seen.is_neg()) == (expected.is_conj(), expected.is_neg())
    assert torch.equal(seen.cpu(), expected)
    there.mul_(2)
    assert torch.equal(seen.cpu(), view(x * 2))
    if 0 not in seen.stride():
        seen.copy_(expected)
        assert torch.equal(seen.cpu(), expected)


def test_a_storage_can_be_set() -> None:
    source = torch.arange(12.0).to("toy:1")
    t = torch.empty(0, device="toy:1").set_(source.untyped_storage(), 2, (2, 2), (4, 1))
    assert t.tolist() == [[2, 3], [6, 7]]
    assert allocated(1) == 48
    assert t.is_set_to(source.as_strided((2, 2), (4, 1), 2))
    source.untyped_storage().resize_(64)
    assert allocated(1) == 64
    assert t.tolist() == [[2, 3], [6, 7]]
    source.untyped_storage().resize_(0)
    assert allocated(1) == 0


def test_pinned_memory() -> None:
    x = torch.ones(3)
    assert x.pin_memory().is_pinned() and not x.is_pinned()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"momentum": 0.9}),
        ("Adam", {}),
        ("Adam", {"fused": True}),
        ("AdamW", {"fused": True}),
        ("AdamW", {"foreach": True, "amsgrad": True}),
        ("RMSprop", {"momentum": 0.5, "centered": True}),
        ("Adagrad", {}),
        ("LBFGS", {"max_iter": 4}),
    ],
    ids=str,
)
def test_training_gives_the_numbers_of_the_cpu(name: str, options: dict[str, Any]) -> None:
    def losses(device: str) -> list[float]:
        torch.manual_seed(0)
        model = torch.nn.Sequential(
            torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8), torch.nn.Tanh(), torch.nn.Linear(8, 1)
        )
        x, y = torch.randn(16, 5).to(device), torch.randn(16, 1).to(device)
        model.to(device)
        optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.05, **options)
        seen = []

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            return loss

        for _ in range(6):
            seen.append(optimizer.step(closure).item())
        assert {p.grad.device.type for p in model.parameters()} == {device}
        return seen

    assert losses("toy") == pytest.approx(losses("cpu"), rel=1e-6)
