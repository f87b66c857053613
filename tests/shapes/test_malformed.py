"""Whatever comes in, a clear answer goes out, and soon."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from jupyter_dlkit.shapes import (
    OPERATIONS,
    CannotCheck,
    Malformed,
    Operand,
    Scalar,
    UnknownArgument,
    UnknownOperation,
    Verdict,
    bind,
    check,
)


@pytest.mark.parametrize(
    "shape",
    [(-1,), (2.5,), ("3",), (True,), (None,), 7, "abc", (2**63,), (2,) * 65, ((2, 3),), {2: 3}],
)
def test_what_is_no_shape_is_malformed_with_a_sentence(shape: Any) -> None:
    with pytest.raises(Malformed) as caught:
        check("add", [Operand(shape), Operand((2,))])
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("dtype", ["floot32", 3, None, "torch.", ""])
def test_what_is_no_dtype_is_malformed(dtype: Any) -> None:
    with pytest.raises(Malformed):
        check("add", [Operand((2,), dtype), Operand((2,))])


@pytest.mark.parametrize("device", ["", "cuda:x", 3, None, "a" * 100, "<b>"])
def test_what_is_no_device_is_malformed(device: Any) -> None:
    with pytest.raises(Malformed):
        check("add", [Operand((2,), device=device), Operand((2,))])


def test_dtypes_and_devices_are_taken_as_they_are_written() -> None:
    verdict = check(
        "add", [Operand((2,), "torch.float32", "cuda"), Operand((2,), "float", "cuda:0")]
    )
    assert verdict.ok and verdict.result is not None and verdict.result.device == "cuda:0"


def test_an_unknown_operation_names_those_that_are_near() -> None:
    with pytest.raises(UnknownOperation, match="matmul"):
        check("matmull", [])
    for name in ("", "x" * 10_000, None, 3):
        with pytest.raises(UnknownOperation):
            check(name, [])  # type: ignore[arg-type]


def test_an_unknown_argument_is_said_and_not_guessed() -> None:
    with pytest.raises(UnknownArgument, match="colour"):
        check("sum", [Operand((2,))], {"colour": 1})


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_and_too_many_operands(count: int) -> None:
    with pytest.raises(Malformed, match="add"):
        check("add", [Operand((2,))] * count)


def test_a_hundred_operands() -> None:
    operands = [Operand((2, number), name=f"x{number}") for number in range(100)]
    verdict = check("cat", operands, {"dim": 1})
    assert verdict.ok and verdict.result is not None and verdict.result.shape == (2, 4950)
    verdict = check("cat", operands, {"dim": 0})
    assert not verdict.ok and "x0 has 0 and x1 has 1" in verdict.problems[0].message
    assert not check("stack", operands).ok
    assert check("broadcast_tensors", [Operand((1,) * 30)] * 100).ok


def test_rank_64_and_sizes_of_2_to_the_63() -> None:
    wide = Operand((1,) * 64, name="x")
    assert check("add", [wide, wide]).ok
    assert not check("add", [Operand((2,) * 64), Operand((3,) * 64)]).ok
    large = Operand((2**63 - 1,), name="x")
    verdict = check("add", [large, large])
    assert not verdict.ok and verdict.problems[0].code == "too_large"
    verdict = check("matmul", [Operand((2**40, 2)), Operand((2, 2**40))])
    assert not verdict.ok and verdict.problems[0].code == "too_large"


def _anything(r: random.Random, depth: int = 0) -> Any:
    plain = [None, True, -1, 0, 3, 2**63, -(2**70), 1.5, float("nan"), 2j, "x", "float32", "same"]
    plain += [slice(None), ..., b"y", Operand((2, 3)), Operand(()), Scalar(2), object(), set()]
    if depth < 2 and r.random() < 0.3:
        return [_anything(r, depth + 1) for _ in range(r.randint(0, 3))]
    return r.choice(plain)


@pytest.mark.timeout(120)
def test_nonsense_of_every_kind_gets_an_answer_from_every_operation() -> None:
    r = random.Random(0)
    names = ["dim", "index", "shape", "size", "equation", "stride", "dtype", "p", "out", "data"]
    slowest = 0.0
    for operation in OPERATIONS:
        for _ in range(12):
            given = [_anything(r) for _ in range(r.randint(0, 4))]
            if r.random() < 0.8:
                given[: r.randint(1, 2)] = [Operand((2, 3), r.choice(["float32", "int64"]))]
            named = {r.choice(names): _anything(r) for _ in range(r.randint(0, 2))}
            begin = time.perf_counter()
            verdict: Verdict | None = None
            sentence = "."
            try:
                verdict = check(operation, *bind(operation, given, named))
            except CannotCheck as error:
                sentence = str(error).strip()
            assert sentence and "could not read" not in sentence, (operation, given, named)
            slowest = max(slowest, time.perf_counter() - begin)
            if verdict is not None:
                assert verdict.ok != bool(verdict.problems)
                assert all(problem.message.strip() for problem in verdict.problems)
            with pytest.raises(CannotCheck):
                check(operation, given, "no mapping")  # type: ignore[arg-type]
    assert slowest < 0.5


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_operands_of_any_shape_get_an_answer(operation: str) -> None:
    r = random.Random(operation)
    for _ in range(15):
        operands = []
        for _ in range(r.randint(1, 4)):
            shape = tuple(r.choice([0, 1, 2, 2**62]) for _ in range(r.randint(0, 5)))
            kind = r.choice(["float32", "int64", "bool", "complex32", "uint64", "float8_e5m2"])
            operands.append(Operand(shape, kind, r.choice(["cpu", "cuda", "mps"])))
        sentence = "."
        try:
            verdict = check(operation, operands)
        except CannotCheck as error:
            sentence = str(error).strip()
        else:
            assert verdict.ok != bool(verdict.problems)
        assert sentence and "could not read" not in sentence
