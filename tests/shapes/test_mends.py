"""Every mend is applied to real tensors: it runs, and returns what was promised."""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest
import torch
from torch import nn

from jupyter_dlkit.shapes import CannotCheck, Operand, Verdict, bind, check

from .oracle import operand, plain
from .questions import FAMILIES, Asked, call_torch


def named(value: Any, names: dict[str, torch.Tensor]) -> Any:
    """The same question with every tensor named x0, x1, …"""
    if isinstance(value, torch.Tensor):
        name = f"x{len(names)}"
        names[name] = value
        return operand(value, name)
    if isinstance(value, list) and any(isinstance(one, torch.Tensor) for one in value):
        return [named(one, names) for one in value]
    return plain(value)


def replaced(value: Any, old: torch.Tensor, new: torch.Tensor) -> Any:
    if value is old:
        return new
    if isinstance(value, list):
        return [replaced(one, old, new) for one in value]
    return value


@pytest.mark.timeout(120)
def test_mends_of_random_questions_run_and_have_the_promised_shape() -> None:
    torch.set_num_threads(1)
    tried = failing = mended = 0
    for seed in range(2500):
        r = random.Random(f"mend {seed}")
        question = r.choice(FAMILIES)(r)
        names: dict[str, torch.Tensor] = {}
        told = [named(one, names) for one in question.positional]
        keywords = {name: named(one, names) for name, one in question.keywords.items()}
        try:
            operands, arguments = bind(question.operation, told, keywords)
            verdict = check(question.operation, operands, arguments)
        except CannotCheck:
            continue
        failing += not verdict.ok
        mended += bool(verdict.mends) and not verdict.ok
        for mend in verdict.mends:
            if mend.operand is None:
                continue
            old = names[_operand_name(operands, arguments, mend.operand)]
            assert mend.replacement is not None
            new = eval(mend.replacement, {"torch": torch}, names)
            changed = Asked(
                question.operation,
                [replaced(one, old, new) for one in question.positional],
                {name: replaced(one, old, new) for name, one in question.keywords.items()},
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = call_torch(changed)
            first = result if isinstance(result, torch.Tensor) else result[0]
            promised = mend.result_shape
            assert promised is None or tuple(first.shape) == promised, (
                seed,
                question.operation,
                mend,
            )
            tried += 1
    assert tried > 400 and mended > 0.3 * failing, (tried, mended, failing)


def _operand_name(operands: list[Any], arguments: dict[str, Any], index: int) -> str:
    within = [one for one in arguments.get("index", []) if isinstance(one, Operand)]
    listed = [*operands, *within]
    listed += [one for one in arguments.values() if isinstance(one, Operand)]
    name = listed[index].name
    assert name is not None
    return str(name)


def x(*shape: int, name: str = "x", **more: Any) -> Operand:
    return Operand(shape, name=name, **more)


def first(verdict: Verdict) -> str:
    assert not verdict.ok
    return verdict.mends[0].expression if verdict.mends else ""


@pytest.mark.parametrize(
    ("operation", "operands", "arguments", "expected"),
    [
        ("add", [x(8, 3), x(8, name="y")], {}, "y.unsqueeze(1)"),
        ("matmul", [x(2, 3), x(2, 3, name="w")], {}, "w.T"),
        ("matmul", [x(2, 4, 3), x(2, 4, 3, name="w")], {}, "w.mT"),
        ("linear", [x(32, 1, 28, 28), x(10, 784, name="w")], {}, "x.flatten(1)"),
        ("conv2d", [x(4, 9, 9, 3), x(8, 3, 3, 3, name="w")], {}, "x.permute(0, 3, 1, 2)"),
        ("conv2d", [x(32, 28, 28), x(8, 1, 3, 3, name="w")], {}, "x.unsqueeze(1)"),
        ("cat", [[x(3, 4), x(4, name="y")]], {}, "y.unsqueeze(0)"),
        ("cross_entropy", [x(8, 3), x(8, name="y")], {}, "y.long()"),
        ("cross_entropy", [x(8, 3), x(8, 1, name="y", dtype="int64")], {}, "y.squeeze(-1)"),
        ("binary_cross_entropy_with_logits", [x(8, 1), x(8, name="y")], {}, "x.squeeze(-1)"),
        ("embedding", [x(8), x(9, 4, name="w")], {}, "x.long()"),
        ("add", [x(3, device="cuda:0"), x(3, name="y")], {}, "y.to(x.device)"),
        ("matmul", [x(3), x(3, name="y", dtype="float64")], {}, "y.to(x.dtype)"),
        ("add", [x(8, 3), x(8, name="a + b")], {}, "(a + b).unsqueeze(1)"),
        ("add", [x(8, 3), x(8, name="f(a, b)[0]")], {}, "f(a, b)[0].unsqueeze(1)"),
        ("view", [x(32, 1, 28, 28), [32, 100]], {}, "x.view(32, -1)"),
        ("view", [x(3, 4, strides=(1, 3)), [12]], {}, "x.reshape(12)"),
        ("add_", [x(3), x(2, 3, name="y")], {}, "x = x.add(y)"),
        ("add_", [x(3, requires_grad=True), x(3, name="y")], {}, "with torch.no_grad():"),
        ("add_", [x(3, 3, strides=(0, 1)), x(3, name="y")], {}, "x = x.clone()"),
        ("cat", [[x(3, 4), x(5, 4, name="y")]], {"dim": 1}, "dim=0"),
        ("linear", [x(32, 784), x(10, 400, name="w")], {}, "nn.Linear(784, 10)"),
        ("mm", [x(2, 5, 4), x(4, 2, name="y")], {}, "x.matmul(y)"),
        ("sub", [x(8, 3, 32, 32), x(3, name="mean")], {}, "mean.unsqueeze(1).unsqueeze(1)"),
        (
            *("batch_norm", [x(8, 16, 4, 4), x(32, name="m"), x(32, name="v")], {}),
            "nn.BatchNorm2d(16)",
        ),
        (
            *("binary_cross_entropy", [x(8, 1), x(8, name="y", dtype="int64")], {}),
            "y.unsqueeze(1).to(x.dtype)",
        ),
        ("bmm", [x(1, 5, 4), x(3, 4, 2, name="y")], {}, "x.matmul(y)"),
    ],
)
def test_the_smallest_mend_is_the_one_that_is_meant(
    operation: str, operands: list, arguments: dict, expected: str
) -> None:
    assert first(check(operation, *bind(operation, operands, arguments))) == expected


def test_labels_from_1_are_counted_from_0() -> None:
    labels = Operand((8,), "int64", name="y", index_range=(1, 3))
    verdict = check("cross_entropy", [x(8, 3), labels])
    assert verdict.problems[0].code == "range" and first(verdict) == "y - 1"


def test_a_mask_of_batch_and_keys_gets_two_dimensions() -> None:
    q = x(2, 8, 10, 16, name="q")
    mask = Operand((2, 10), "bool", name="mask")
    verdict = check("scaled_dot_product_attention", [q, q, q, mask])
    assert first(verdict) == "mask.unsqueeze(1).unsqueeze(1)"


def test_two_things_wrong_with_one_operand_are_mended_together() -> None:
    y = Operand((3,), "float64", "cpu", "y")
    verdict = check("matmul", [x(3, device="cuda:0"), y])
    assert {problem.code for problem in verdict.problems} == {"device", "dtype"}
    assert first(verdict) == "y.to(x.device).to(x.dtype)"


def test_a_parameter_is_not_moved_before_the_data() -> None:
    weight = Operand((4, 3), device="cuda:0", name="fc.weight", requires_grad=True)
    assert first(check("linear", [x(2, 3), weight])) == "x.to(fc.weight.device)"


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (Operand((3,), name="i"), "i.long()"),
        (Operand((5,), "int64", "cuda:0", "i"), "i.to(x.device)"),
        (Operand((5, 1), "bool", name="mask"), "mask.squeeze(-1)"),
    ],
)
def test_an_index_is_mended_and_not_what_is_indexed(index: Operand, expected: str) -> None:
    verdict = check("getitem", [x(5, 4)], {"index": [index]})
    assert first(verdict) == expected
    assert verdict.mends[0].operand == 1 and verdict.mends[0].replacement == expected


def test_what_the_rewrites_say_runs_in_torch() -> None:
    tensor = torch.zeros(32, 1, 28, 28)
    assert tensor.view(32, -1).shape == (32, 784)
    assert nn.Linear(784, 10)(tensor.flatten(1)).shape == (32, 10)
    verdict = check("conv2d", [x(4, 5, 9, 9), x(8, 3, 3, 3, name="w")])
    layer = next(mend for mend in verdict.mends if mend.code == "layer")
    made = eval(layer.expression, {"nn": nn})(torch.zeros(4, 5, 9, 9))
    assert tuple(made.shape) == layer.result_shape
