"""``dlkit.check_broadcast`` in a cell: tensors, arrays, shapes, numbers and source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT, Stack

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
import torch
from torch import nn
import jupyter_dlkit as dlkit
x = torch.randn(4, 3)
w = torch.randn(4, 3)
net = nn.Linear(3, 5)
arr = np.zeros((3, 1))

def refused(*operands, **options):
    try:
        return dlkit.check_broadcast(*operands, **options)
    except dlkit.CheckError as error:
        return error
"""


@pytest.fixture(name="cell")
def _cell(stack: Stack) -> Iterator[LiveKernel]:
    with LiveKernel(stack) as kernel:
        kernel.run(SETUP, timeout=120)
        yield kernel


def said(cell: LiveKernel, expression: str) -> str:
    """What an expression prints."""
    return cell.run(f"print({expression})").stdout.rstrip("\n")


def test_whatever_has_a_shape_can_be_asked_of(cell: LiveKernel) -> None:
    assert said(cell, "dlkit.check_broadcast((8, 1, 6, 1), (7, 1, 5)).result.shape") == (
        "(8, 7, 6, 5)"
    )
    assert said(cell, "dlkit.check_broadcast(x, [3], operation='mul').result.dtype") == "float32"
    cell.run("result = dlkit.check_broadcast(x.T, arr).result")
    assert said(cell, "result.shape, result.dtype, result.device, result.bytes") == (
        "(3, 4) float64 cpu 96"
    )
    assert said(cell, "dlkit.check_broadcast(x, 2.5).result.shape") == "(4, 3)"
    assert said(cell, "dlkit.check_broadcast((2, 1), (3,), (4, 1, 1)).result.shape") == "(4, 2, 3)"
    assert said(
        cell, "dlkit.check_broadcast(x, w, operation='cat', dim=1).result.shape"
    ) == "(4, 6)"  # fmt: skip
    assert said(cell, "dlkit.check_broadcast(x, w, operation='matmul').ok") == "False"
    assert said(cell, "bool(dlkit.check_broadcast((2, 2), (3, 3)))") == "False"
    assert said(
        cell, "[(d.position, d.verdict) for d in dlkit.check_broadcast((1, 3), (3, 3)).dimensions]"
    ) == "[(-2, 'stretch'), (-1, 'equal')]"  # fmt: skip


def test_the_answer_reads_well_with_the_callers_names(cell: LiveKernel) -> None:
    text = said(cell, "dlkit.check_broadcast(x, w, operation='matmul')")
    lines = text.split("\n")
    assert lines[0] == "matmul: does not run"
    assert lines[1:3] == ["  x  (4, 3) float32 on cpu", "  w  (4, 3) float32 on cpu"]
    assert "x has 3 in dim 1 and w has 4 in dim 0" in text
    assert "  Try: w.T" in lines or "  Try: x.T" in lines
    local = "def f():\n    mine = torch.zeros(4)\n    return dlkit.check_broadcast(mine, x)\n"
    assert "mine has 4 and x has 3" in cell.run(local + "print(f())").stdout


def test_source_is_followed_and_never_run(cell: LiveKernel) -> None:
    cell.run("ran = []\ndef f(x):\n    ran.append(x)\n    return x")
    good = "dlkit.check_broadcast('net(x).sum(dim=0)')"
    assert said(cell, f"{good}.result.shape, len({good}.steps)") == "(5,) 2"
    text = said(cell, "dlkit.check_broadcast('f(x) + x @ w')")
    assert "x @ w" in text and "Try: x @ w.T" in text
    assert said(cell, "ran") == "[]"
    assert "not known" in said(cell, "dlkit.check_broadcast('f(x) + 1')")
    assert "There is no q here." in said(cell, "dlkit.check_broadcast('q + 1')")
    local = "def g(inner):\n    return dlkit.check_broadcast('inner @ w')\n"
    assert cell.run(local + "print(g(x.T).result.shape)").stdout == "(3, 3)\n"


def test_what_is_no_shape_is_refused_with_a_sentence(cell: LiveKernel) -> None:
    assert said(cell, "refused((-1,), (2,))") == "A size cannot be negative: -1."
    assert "not 2.5" in said(cell, "refused((2.5,), (2,))")
    assert "neither a tensor, an array, a shape nor a number" in said(cell, "refused(net, x)")
    assert "no rule" in said(cell, "refused(x, w, operation='nonsense')")
    assert "cannot be parsed" in said(cell, "refused('x @')")
    assert "does not know" in said(cell, "refused(x, operation='sum', dimm=1)")


def test_in_place_on_a_leaf_is_told_by_the_callers_own_mode(cell: LiveKernel) -> None:
    question = "dlkit.check_broadcast(net.bias, 1.0, operation='add_').ok"
    assert said(cell, question) == "False"
    assert cell.run(f"with torch.no_grad():\n    print({question})").stdout == "True\n"
