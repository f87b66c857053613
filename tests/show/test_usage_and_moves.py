"""What a cell used, and what a move did, as HTML and as text."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dlkit.api.moving import Moved
from jupyter_dlkit.api.result import ByDevice
from jupyter_dlkit.kernel.transfer.values import Bytes, Fit, LeftBehind, Refused
from jupyter_dlkit.kernel.transfer.values import Moved as MovedTensor
from jupyter_dlkit.show import html, text
from tests.show.markup import bare, read
from tests.show.results import GIB, cell

USAGE = """\
The cell took 1.2 s.
        before     after   change           peak
cuda:0   1 GiB     3 GiB   +2 GiB          5 GiB
cuda:1   1 GiB     1 GiB      0 B  at most 2 GiB
RAM      4 GiB  3.99 GiB  −12 MiB              –"""


def test_what_a_cell_used() -> None:
    assert text.usage(cell(), 80).startswith(USAGE)
    whole = read(html.usage(cell()))
    assert [one.text for one in whole.all("tr")] == [
        "devicebeforeafterchangepeak",
        "cuda:01 GiB3 GiB+2 GiB5 GiB",
        "cuda:11 GiB1 GiB0 Bat most 2 GiB",
        "RAM4 GiB3.99 GiB−12 MiB–",
    ]


def move(**fields: Any) -> Moved:
    tensors = tuple(
        MovedTensor(name, None, "cpu", "cuda:0", 1 << 20, 1 << 20, [], "parameter", [])
        for name in ("model.weight", "model.bias")
    )
    known: dict[str, Any] = {
        "id": None, "state": "done", "device": "cuda:0", "how": "move", "message": None,
        "hint": None, "moved": tensors, "already_there": (), "refused": (), "left_behind": (),
        "warnings": (), "undo_loses": (), "can_undo": True, "total_bytes": 2 << 20,
        "free": GIB, "fit": None, "bytes": ByDevice({"cpu": Bytes(3 << 20, 1 << 20)}),
        "still_held_by": (), "progress": None, "seconds": 0.012, "code": None,
        "targets": ("model",),
    }  # fmt: skip
    return Moved(**{**known, **fields})


def test_a_move_is_a_sentence_and_what_was_measured() -> None:
    lines = [
        "✓ Moved model: 2 tensors, 2 MiB, cpu → cuda:0 in 12 ms.",
        "cpu 3 MiB → 1 MiB",
        "%to --undo, or dlkit.undo(), puts it back.",
    ]
    assert [line.strip() for line in text.moved(move(), 80).splitlines()] == lines
    assert bare(html.moved(move())) == [
        *lines[:2], "2 tensors moved", "model.weight 1 MiB", "model.bias 1 MiB", lines[2],
    ]  # fmt: skip
    read(html.moved(move()))


def test_of_many_that_were_put_back_the_variables_are_told() -> None:
    paths = ("model[0].weight.grad", "model[0].weight", "optimizer.state[model[0].weight]['exp']")
    tensors = tuple(move().moved[0]._replace(name=path) for path in paths)
    back = move(state="undone", targets=(), moved=tensors)
    assert text.moved(back, 80).startswith("✓ Put back model and optimizer: 3 tensors, 2 MiB,")
    two = move(state="undone", targets=(), moved=tensors[1:])
    assert text.moved(two, 120).startswith("✓ Put back model[0].weight and optimizer.state[")


def test_a_dry_run_says_that_nothing_has_moved() -> None:
    fit = Fit(1, 1, 1, None, 3, GIB, True, "Training needs 8 MiB; 1 GiB are free.")
    said = text.moved(move(state="preview", seconds=None, fit=fit), 80)
    assert [line.strip() for line in said.splitlines()] == [
        "✓ Would move model: 2 tensors, 2 MiB, cpu → cuda:0.",
        "Takes 2 MiB of the 1 GiB free on cuda:0.",
        "Training needs 8 MiB; 1 GiB are free.",
        "Nothing has moved: this was a dry run.",
    ]
    assert "Does not fit: it takes 2 MiB, and 1 KiB are free" in text.moved(
        move(state="preview", free=1024), 80
    )


def test_what_stays_or_refuses_is_not_folded() -> None:
    left = (LeftBehind("cache", "is held by another thread.", None),)
    said = bare(html.moved(move(left_behind=left, warnings=("It is compiled.",))))
    assert said[0].startswith("! Moved model")
    assert "It is compiled." in said and "Stays behind" in said
    assert "cache is held by another thread." in said
    assert "open" in read(html.moved(move(left_behind=left))).all("details")[0].attributes
    no = (Refused("y", "non_leaf", "y has a graph.", "Rebind it: y = y.to('cuda:0')."),)
    refused = text.moved(move(moved=(), refused=no, state="preview"), 80)
    assert "✕ model cannot be moved to cuda:0." in refused
    assert "y: y has a graph. Rebind it: y = y.to('cuda:0')." in refused


def test_nothing_to_move() -> None:
    there = move(moved=(), already_there=("a", "b"), can_undo=False, bytes=ByDevice())
    assert text.moved(there, 80) == "✓ Nothing to move: model is already on cuda:0 (2 tensors)."


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = move(warnings=("A sentence of some length, with `a.very.long.expression.in.it`." * 3,))
    lines = text.moved(long, width).splitlines() + text.usage(cell(), width).splitlines()
    assert max(map(len, lines)) <= width
