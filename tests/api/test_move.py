"""``dlkit.move`` in a cell: objects and paths, errors that say what to do, one step back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT, Stack

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import torch
import jupyter_dlkit as dlkit
from tests.second_device import load
toy = load()
model = torch.nn.Linear(3, 2)
batch = dict(x=torch.ones(2, 3), y=torch.zeros(2))
"""


@pytest.fixture(name="cell")
def _cell(stack: Stack) -> Iterator[LiveKernel]:
    with LiveKernel(stack) as kernel:
        kernel.run(SETUP, timeout=120)
        yield kernel


def said(cell: LiveKernel, code: str) -> str:
    """What a cell printed."""
    return cell.run(code).stdout


def test_objects_and_paths_move_and_come_back(cell: LiveKernel) -> None:
    said(cell, "same = model.weight\nresult = dlkit.move(model, 'batch', device='toy')")
    assert said(cell, "print(result.state, result.total_bytes)") == "done 64\n"
    devices = "print({t.device.type for t in [*model.parameters(), *batch.values(), same]})"
    assert said(cell, devices) == "{'toy'}\n"
    assert said(cell, "print(model.weight is same, model(batch['x']).device)") == "True toy:0\n"
    assert said(cell, "print(dlkit.undo().state, toy.memory_allocated(0))") == "undone 0\n"
    assert said(cell, devices) == "{'cpu'}\n"


def test_what_is_refused_is_an_error_that_says_what_to_do(cell: LiveKernel) -> None:
    said(cell, "y = model(batch['x'])")
    text = said(
        cell,
        "try:\n    dlkit.move(y, device='toy')\n"
        "except dlkit.MoveError as error:\n    print(error, error.result.refused[0].code)",
    )
    assert text.startswith("Nothing was moved: y is a result that autograd recorded")
    assert "y = y.to('toy:0')" in text
    assert text.endswith("non_leaf\n")
    assert said(cell, "print(dlkit.move(y, device='toy', how='rebind').state, y.device)") == (
        "done toy:0\n"
    )


def test_a_dry_run_changes_nothing(cell: LiveKernel) -> None:
    said(cell, "would = dlkit.move('model', device='toy', dry_run=True)")
    assert said(cell, "print(would.state, would.code, model.weight.device)") == (
        "preview model.to('toy:0') cpu\n"
    )
