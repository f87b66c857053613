"""The cases that every explanation must get right."""

from __future__ import annotations

import pytest
import torch

from jupyter_dlkit.shapes import OPERATIONS, Operand, Scalar, bind, check


def test_two_by_two_and_three_by_three_clash_in_the_last_dimension() -> None:
    verdict = check("add", [Operand((2, 2), name="x"), Operand((3, 3), name="y")])
    assert not verdict.ok and verdict.result is None
    (problem,) = verdict.problems
    assert problem.code == "shape" and problem.dimension == -1 and problem.operands == (0, 1)
    assert problem.message == (
        "x has 2 and y has 3 in the last dimension (dim 1 of x, dim 1 of y). "
        "They must be equal, or one of them 1."
    )
    assert [column.verdict for column in verdict.dimensions] == ["clash", "clash"]
    assert verdict.mends == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 2), (3, 3)), ((3,), (4,)), ((2, 3), (4, 5)), ((5, 1, 2), (3, 3)), ((7,), (2, 3))],
)
def test_an_outer_product_is_never_offered_as_a_mend(left: tuple, right: tuple) -> None:
    largest = max(torch.zeros(left).numel(), torch.zeros(right).numel())
    for mend in check("add", [Operand(left, name="x"), Operand(right, name="y")]).mends:
        assert torch.zeros(mend.result_shape).numel() <= largest, mend
        assert "unsqueeze" not in mend.expression or left == (5, 1, 2)


def test_one_by_three_and_three_by_three_stretch_the_first_dimension_of_the_first() -> None:
    verdict = check("add", [Operand((1, 3)), Operand((3, 3))])
    assert verdict.ok and verdict.result is not None and verdict.result.shape == (3, 3)
    first, last = verdict.dimensions
    assert (first.position, first.sizes, first.verdict) == (-2, (1, 3), "stretch")
    assert (last.position, last.sizes, last.verdict) == (-1, (3, 3), "equal")
    assert verdict.result.bytes == 36


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 3), (0, 4), (2, 1, 5)])
@pytest.mark.parametrize("operation", ["add", "mul", "where", "eq", "mse_loss"])
def test_rank_0_fits_everything(shape: tuple, operation: str) -> None:
    operands = [Operand(()), Operand(shape)]
    if operation == "where":
        operands = [Operand((), "bool"), Operand(shape), Operand(())]
    verdict = check(operation, operands)
    assert verdict.ok and verdict.result is not None
    assert verdict.result.shape == (() if operation == "mse_loss" else shape)


def test_the_value_of_rank_0_is_item() -> None:
    verdict = check("item", [Operand((), "int64")])
    assert verdict.ok and verdict.scalar == Scalar(0, known=False)


def test_the_one_that_is_not_1_also_where_it_is_0() -> None:
    verdict = check("add", [Operand((1,)), Operand((0,))])
    assert verdict.result is not None and verdict.result.shape == (0,)


def test_a_missing_dimension_is_said_to_be_missing() -> None:
    verdict = check("add", [Operand((8, 1, 6, 1)), Operand((7, 1, 5))])
    assert verdict.result is not None and verdict.result.shape == (8, 7, 6, 5)
    assert [column.verdict for column in verdict.dimensions] == [
        "missing",
        "stretch",
        "stretch",
        "stretch",
    ]
    assert verdict.dimensions[0].sizes == (8, None)


def test_every_name_is_torchs_own() -> None:
    spaces = (torch, torch.nn.functional, torch.Tensor)
    known = {name for name in OPERATIONS if any(hasattr(space, name) for space in spaces)}
    assert set(OPERATIONS) - known == {"getitem", "setitem"}


def test_every_operation_can_be_bound_and_is_known_by_its_name() -> None:
    assert len(OPERATIONS) > 400
    operands, arguments = bind("transpose", [Operand((2, 3)), 0, 1])
    assert arguments == {"dim0": 0, "dim1": 1} and len(operands) == 1
    verdict = check("transpose", operands, arguments)
    assert verdict.result is not None and verdict.result.shape == (3, 2)
    assert bind("view", [Operand((6,)), 2, 3])[1] == {"shape": [2, 3]}
    assert bind("view", [Operand((6,)), (2, 3)])[1] == {"shape": (2, 3)}
