"""``dlkit.check_broadcast`` in a cell: tensors, arrays, shapes, numbers and source."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jupyter_dlkit.api.checking import check_in
from jupyter_dlkit.server.check import answer
from jupyter_dlkit.shapes import Operand, Scalar
from tests.live.kernel import LiveKernel

from .conftest import said

SETUP = """
from torch import nn
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
def _cell(cell: LiveKernel) -> LiveKernel:
    cell.run(SETUP)
    return cell


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
    assert text.startswith("✕ matmul(x, w) would fail.")
    assert "x has 3 in dim 1 and w has 4 in dim 0" in text
    assert "w.T  gives (4, 4)" in text
    local = "def f():\n    mine = torch.zeros(4)\n    return dlkit.check_broadcast(mine, x)\n"
    assert "mine has 4 and x has 3" in cell.run(local + "print(f())").stdout


def test_source_is_followed_and_never_run(cell: LiveKernel) -> None:
    cell.run("ran = []\ndef f(x):\n    ran.append(x)\n    return x")
    good = "dlkit.check_broadcast('net(x).sum(dim=0)')"
    assert said(cell, f"{good}.result.shape, len({good}.steps)") == "(5,) 2"
    text = said(cell, "dlkit.check_broadcast('f(x) + x @ w')")
    assert "would fail" in text and "x @ w.T" in text
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
    assert "such as add" in said(cell, "refused(x, w, operation='nonsense')")
    assert said(cell, "refused(x)").startswith("add takes two operands.")
    assert "cannot be parsed" in said(cell, "refused('x @')")
    assert "does not know" in said(cell, "refused(x, operation='sum', dimm=1)")


def test_in_place_on_a_leaf_is_told_by_the_callers_own_mode(cell: LiveKernel) -> None:
    question = "dlkit.check_broadcast(net.bias, 1.0, operation='add_').ok"
    assert said(cell, question) == "False"
    assert cell.run(f"with torch.no_grad():\n    print({question})").stdout == "True\n"


def test_the_answer_is_the_servers(cell: LiveKernel) -> None:
    asked = "dlkit.check_broadcast((8, 1, 6, 1), (7, 1, 5)).to_dict()"
    request = {"operation": "add", "operands": [{"shape": [8, 1, 6, 1]}, {"shape": [7, 1, 5]}]}
    own = json.loads(said(cell, f"__import__('json').dumps({asked})"))
    served = json.loads(answer(request))
    assert {name: own[name] for name in served} == served
    refused = {"operation": "matmul", "operands": [{"shape": [4, 3]}, {"shape": [4, 3]}]}
    mine = json.loads(
        said(
            cell,
            "__import__('json').dumps("
            "dlkit.check_broadcast((4, 3), (4, 3), operation='matmul').to_dict())",
        )
    )
    served = json.loads(answer(refused))
    assert {name: mine[name] for name in served} == served


def test_operands_may_be_seen_already_and_be_called_by_labels() -> None:
    half = Operand((3, 1), "float16", "cuda:0", "x")
    checked = check_in((), (half, Scalar(2.0)))
    assert checked.result is not None
    assert (checked.result.dtype, checked.result.device) == ("float16", "cuda:0")
    assert checked.operands[0].name == "x"
    space = {"batch": {"x": np.zeros((4, 3))}}
    named = check_in((space,), (space["batch"]["x"], (4,)), labels=("batch['x']", None))
    assert "batch['x'] has 3" in named.problems[0].message
    assert check_in((space,), ("batch['x'] + 1",)).ok
