"""One check of ten operands is little work, whether it passes or fails: a promised millisecond."""

from __future__ import annotations

import pytest

from jupyter_dlkit.shapes import Operand, check
from tests.live.calls import calls

TEN = [Operand((8, 3, 4), name=f"x{number}") for number in range(10)]
OTHER = [*TEN[:9], Operand((8, 3, 5), name="y")]
CHAIN = "ab,bc,cd,de,ef,fg,gh,hi,ij,jk->ak"
SQUARES = [Operand((3, 3), name=f"m{number}") for number in range(10)]
ODD = [*SQUARES[:9], Operand((4, 4), name="odd")]


@pytest.mark.parametrize(
    ("operation", "operands", "arguments"),
    [
        ("cat", TEN, {}),
        ("cat", OTHER, {}),
        ("stack", OTHER, {}),
        ("broadcast_tensors", TEN, {}),
        ("broadcast_tensors", OTHER, {}),
        ("einsum", SQUARES, {"equation": CHAIN}),
        ("einsum", ODD, {"equation": CHAIN}),
        ("add", [Operand((8, 3, 4, 5)), Operand((3, 3, 4))], {}),
    ],
)
def test_a_check_is_little_work(operation: str, operands: list[Operand], arguments: dict) -> None:
    check(operation, operands, arguments)  # what is done once
    assert calls(lambda: check(operation, operands, arguments)) < 4000
