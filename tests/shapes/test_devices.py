"""Mixed devices, against FakeTensorMode and against a real second device.

The second device decides elementwise, where FakeTensorMode is wrong (``FAKE_IS_WRONG``); it
computes everything else on the host, and FakeTensorMode decides that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from jupyter_dlkit.shapes import Operand, bind, check

from ..second_device import load
from .oracle import dtype_name
from .questions import Asked, call_torch

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,)]


def told(tensor: Any) -> Any:
    if isinstance(tensor, torch.Tensor):
        return Operand(tuple(tensor.shape), dtype_name(tensor.dtype), str(tensor.device))
    if isinstance(tensor, list):
        return [told(one) for one in tensor]
    return tensor


def answers(asked: Asked) -> tuple[str | None, str | None]:
    """The result's device by the engine and by torch; None where it is refused."""
    verdict = check(
        asked.operation,
        *bind(
            asked.operation,
            [told(one) for one in asked.positional],
            {name: told(one) for name, one in asked.keywords.items()},
        ),
    )
    mine = verdict.results[0].device if verdict.results else None
    try:
        result = call_torch(asked)
    except Exception:
        return mine, None
    first = result if isinstance(result, torch.Tensor) else result[0]
    return mine, str(first.device)


def combinations(count: int, device: str) -> list[tuple[tuple[tuple[int, ...], str], ...]]:
    kinds = [(shape, place) for shape in SHAPES for place in ("cpu", device)]
    return list(itertools.product(kinds, repeat=count))


Maker = Callable[..., torch.Tensor]


#: TensorIterator decides: a real second device answers as CUDA does.
ELEMENTWISE = ("add", "mul", "eq", "maximum", "atan2", "add_", "mul_", "mse_loss", "l1_loss")
TERNARY = ("addcmul", "lerp", "clamp")


def elementwise(device: str, make: Maker) -> list[Asked]:
    return [
        Asked(name, [make(*one), make(*two)])
        for one, two in combinations(2, device)
        for name in ELEMENTWISE
    ]


def ternary(device: str, make: Maker) -> list[Asked]:
    return [
        Asked(name, [make(*one) for one in three])
        for three in combinations(3, device)
        for name in TERNARY
    ]


def others(device: str, make: Maker) -> list[Asked]:
    """Operations with rules of their own; the second device computes these on the host."""
    made: list[Asked] = []
    for one, two in itertools.product(("cpu", device), repeat=2):
        row, other = make((3,), one), make((3,), two)
        made.append(Asked("dot", [row, other]))
        made.append(Asked("cat", [[row, other]]))
        made.append(Asked("stack", [[row, other]]))
        made.append(Asked("outer", [row, other]))
        made.append(Asked("linear", [row, make((2, 3), two)]))
        made.append(Asked("mv", [make((2, 3), one), other]))
        made.append(Asked("matmul", [make((2, 3), one), make((3, 2), two)]))
        made.append(Asked("bmm", [make((2, 2, 3), one), make((2, 3, 2), two)]))
        made.append(Asked("layer_norm", [row, [3], other]))
        made.append(Asked("embedding", [make((3,), one).long(), make((5, 2), two)]))
        made.append(Asked("cross_entropy", [make((2, 3), one), make((2,), two).long()]))
        made.append(Asked("conv1d", [make((1, 2, 3), one), make((1, 2, 1), two)]))
        made.append(Asked("index_select", [make((3, 3), one), 0, make((2,), two).long()]))
        made.append(Asked("binary_cross_entropy", [make((3,), one), make((3,), two)]))
    for three in combinations(3, device):
        condition, one, two = (make(*kind) for kind in three)
        made.append(Asked("where", [condition.bool(), one, two]))
    return made


#: Where fake tensors answer otherwise than devices do, and what they say.
FAKE_IS_WRONG = {"conv1d": "a convolution of a tensor and a weight on two devices is accepted"}


def compared(questions: list[Asked], skip: frozenset[str] = frozenset()) -> list[str]:
    differ = []
    for asked in questions:
        if asked.operation not in skip:
            mine, real = answers(asked)
            if mine != real:
                text = ", ".join(str(places(one)) for one in asked.positional)
                differ.append(f"{asked.operation}({text}): {mine}, torch {real}")
    return differ


def places(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return f"{list(value.shape)}@{value.device}"
    return [places(one) for one in value] if isinstance(value, list) else value


def test_devices_meet_as_fake_tensors_do() -> None:
    def fake(shape: tuple[int, ...], place: str) -> torch.Tensor:
        return torch.empty(shape, device=place)

    with FakeTensorMode():
        questions = [*elementwise("cuda:0", fake), *others("cuda:0", fake)]
        differ = compared(questions, frozenset(FAKE_IS_WRONG))
        assert len(questions) > 300
    assert not differ, "\n".join(differ[:40])


@pytest.fixture(scope="module")
def toy() -> str:
    load()
    return "toy:0"


def real(shape: tuple[int, ...], place: str) -> torch.Tensor:
    return torch.zeros(shape).to(place)


def test_devices_meet_as_on_a_real_second_device(toy: str) -> None:
    questions = [*elementwise(toy, real), *ternary(toy, real)]
    assert len(questions) > 900
    differ = compared(questions)
    assert not differ, "\n".join(differ[:40])


@pytest.mark.parametrize("place", ["cpu", "toy:0"])
@pytest.mark.parametrize("index_place", ["cpu", "toy:0"])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_indices_on_the_cpu_may_index_anything_and_not_the_reverse(
    toy: str, place: str, index_place: str, shape: tuple[int, ...]
) -> None:
    x = torch.zeros(3, 4).to(place)
    index = torch.zeros(shape, dtype=torch.int64).to(index_place)
    mine, real = answers(Asked("getitem", [x, [index]]))
    assert mine == real
    mask = torch.zeros(3, dtype=torch.bool).to(index_place)
    verdict = check("getitem", [told(x)], {"index": [told(mask)]})
    try:
        x[mask]
    except RuntimeError:
        assert not verdict.ok
    else:
        assert verdict.ok


def test_the_seed_rule_of_0_dim_tensors_on_the_cpu() -> None:
    def ok(left: Operand, right: Operand) -> bool:
        return check("add", [left, right]).ok

    assert ok(Operand((3,), device="cuda"), Operand((), device="cpu"))
    assert ok(Operand((), device="cpu"), Operand((3,), device="cuda"))
    assert not ok(Operand((), device="cuda"), Operand((3,), device="cpu"))
    assert not ok(Operand((3,), device="cuda:1"), Operand((3,), device="cuda:0"))
    assert not ok(Operand((1,), device="cpu"), Operand((3,), device="cuda"))
