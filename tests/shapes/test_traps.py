"""What runs without a word, and is said here with what to write instead."""

from __future__ import annotations

import pytest
import torch

from jupyter_dlkit.shapes import Operand, Scalar, Trap, Verdict, check

SILENT_LOSSES = ["poisson_nll_loss", "hinge_embedding_loss"]
WARNING_LOSSES = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]
REFUSING_LOSSES = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "soft_margin_loss"]


def trap(verdict: Verdict, code: str) -> Trap:
    assert verdict.ok
    found = [one for one in verdict.warnings if one.code == code]
    assert found, verdict
    return found[0]


@pytest.mark.parametrize("loss", SILENT_LOSSES + WARNING_LOSSES)
def test_a_column_against_a_row_in_a_loss(loss: str) -> None:
    verdict = check(loss, [Operand((8, 1), name="pred"), Operand((8,), name="y")])
    found = trap(verdict, "loss_broadcast")
    assert found.severity == "warning" and "(8, 8)" in found.message
    assert found.fix == "pred.squeeze(-1)"
    assert "y.unsqueeze(1)" in [mend.expression for mend in verdict.mends]
    for mend in verdict.mends:
        names = {"pred": torch.rand(8, 1), "y": torch.rand(8)}
        assert mend.operand is not None and mend.replacement is not None
        names[("pred", "y")[mend.operand]] = eval(mend.replacement, {}, names)
        assert names["pred"].shape == names["y"].shape
        function = getattr(torch.nn.functional, loss)
        each = function(names["pred"], names["y"], reduction="none")
        assert each.numel() == 8


@pytest.mark.parametrize("loss", REFUSING_LOSSES)
def test_losses_that_refuse_it_are_refused(loss: str) -> None:
    verdict = check(loss, [Operand((8, 1), name="pred"), Operand((8,), name="y")])
    assert not verdict.ok and verdict.problems[0].code == "target"
    assert verdict.mends[0].expression == "pred.squeeze(-1)"


@pytest.mark.parametrize("operation", ["sub", "eq", "mul", "ne", "add"])
def test_a_column_against_a_row_in_an_error_written_by_hand(operation: str) -> None:
    verdict = check(operation, [Operand((8, 1), name="p"), Operand((8,), name="y")])
    found = trap(verdict, "outer_product")
    assert found.severity == "warning" and found.fix == "p.squeeze(-1)"
    assert "8 elements each and different ranks" in found.message


@pytest.mark.parametrize("name", ["x[:, None]", "x.unsqueeze(1)", "x[:, np.newaxis]"])
def test_a_dimension_that_was_added_on_purpose_is_a_note(name: str) -> None:
    verdict = check("sub", [Operand((8, 1), name=name), Operand((8,), name="x")])
    assert trap(verdict, "outer_product").severity == "note"


def test_equal_numbers_of_elements_and_different_ranks_without_growth_are_a_note() -> None:
    verdict = check("add", [Operand((1, 8), name="x"), Operand((8,), name="b")])
    assert trap(verdict, "equal_numel").severity == "note"


@pytest.mark.parametrize(
    ("left", "right"), [((8, 3), (3,)), ((8, 1), (3,)), ((8, 3), (8, 3)), ((8, 3), ())]
)
def test_ordinary_broadcasting_is_no_trap(left: tuple, right: tuple) -> None:
    assert check("add", [Operand(left), Operand(right)]).warnings == ()


def test_a_result_that_does_not_fit_the_device() -> None:
    operands = [
        Operand((100_000, 1), device="cuda:0", name="a"),
        Operand((1, 100_000), device="cuda:0", name="b"),
    ]
    found = trap(check("sub", operands, free={"cuda:0": 2 * 2**30}), "exceeds_free")
    assert "37.25 GiB" in found.message and "2 GiB are free on cuda:0" in found.message
    found = trap(check("sub", operands), "much_larger")
    assert "37.25 GiB" in found.message
    found = trap(check("sub", operands, free={"cuda:0": 80 * 2**30}), "much_larger")
    assert "80 GiB are free on cuda:0" in found.message
    assert check("expand", [operands[0]], {"sizes": [100_000, 10**6]}).warnings == ()


def test_float64_from_numpy_doubles_the_bytes() -> None:
    verdict = check("add", [Operand((8, 3), name="x"), Operand((3,), "float64", name="mean")])
    found = trap(verdict, "doubles")
    assert found.fix == "mean.to(x.dtype)" and "NumPy" in found.message
    tensors = {"x": torch.zeros(8, 3), "mean": torch.zeros(3, dtype=torch.float64)}
    assert (tensors["x"] + eval(found.fix, {}, tensors)).dtype == torch.float32
    assert (tensors["x"] + tensors["mean"]).dtype == torch.float64


def test_a_float64_number_doubles_nothing() -> None:
    assert check("add", [Operand((8, 3)), Operand((), "float64")]).warnings == ()


@pytest.mark.parametrize(
    ("dtype", "value", "wrapped"), [("uint8", 300, 44), ("uint8", -1, 255), ("int8", 128, -128)]
)
def test_a_number_that_wraps_round(dtype: str, value: int, wrapped: int) -> None:
    real = torch.zeros(1, dtype=getattr(torch, dtype)) + value
    assert int(real) == wrapped
    found = trap(check("add", [Operand((3,), dtype, name="img"), Scalar(value)]), "wraps")
    assert f"wraps round to {wrapped} " in found.message
    assert found.fix == "img.to(torch.int16)"
    assert int(torch.zeros(1, dtype=torch.int16) + value) == value


@pytest.mark.parametrize("value", [0, 255, 2.5, True])
def test_a_number_that_fits_is_no_trap(value: object) -> None:
    assert check("add", [Operand((3,), "uint8"), Scalar(value)]).warnings == ()  # type: ignore[arg-type]


def test_out_of_another_shape_is_resized() -> None:
    out = Operand((4,), name="buffer")
    found = trap(check("add", [Operand((3,)), Operand((3,))], {"out": out}), "out_resized")
    assert "buffer has shape (4,)" in found.message and found.fix is not None
    with pytest.warns(UserWarning, match="resized"):
        torch.add(torch.zeros(3), torch.zeros(3), out=torch.zeros(4))
