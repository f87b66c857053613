"""What is remembered from cell to cell, without a kernel."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import Any

import torch

from jupyter_dlkit.kernel.findings.watch import Growth, Watch


class Cells:
    """A namespace, and what is remembered of it."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {}
        self.shell = SimpleNamespace(user_ns=self.space, user_ns_hidden={})
        self.watch = Watch()

    def ends(self) -> None:
        """A cell."""
        self.watch.look(self.shell)


def test_a_list_that_grows_for_long() -> None:
    cells = Cells()
    kept = cells.space["kept"] = [torch.ones(1)]
    cells.ends()
    for _ in range(30):
        kept.append(torch.ones(1))
        cells.ends()
        cells.ends()  # one that adds nothing
    assert cells.watch.growing() == {"kept": Growth(1, 31, 30)}
    kept.pop()
    cells.ends()
    assert cells.watch.growing() == {}


def test_what_is_told_of_a_list_does_not_change_with_it() -> None:
    cells = Cells()
    kept = cells.space["kept"] = [torch.ones(1)]
    for _ in range(3):
        kept.append(torch.ones(1))
        cells.ends()
    before = cells.watch._lists  # another thread may be in the middle of it
    told = dict(before)
    kept.clear()
    cells.ends()
    assert before == told and cells.watch.growing() == {}


def test_a_model_that_is_gone_is_forgotten() -> None:
    cells = Cells()
    cells.space["model"] = torch.nn.Linear(2, 2)
    cells.ends()
    old = cells.space["trainer"] = cells.space["model"]
    cells.space["model"] = torch.nn.Linear(2, 2)
    cells.ends()
    (replaced,) = cells.watch.replaced()
    assert replaced.module() is old
    gone = weakref.ref(old)
    del cells.space["trainer"], old
    gc.collect()
    assert gone() is None  # kept alive by nothing
    assert cells.watch.replaced() == []
    cells.space.clear()
    gc.collect()
    cells.ends()
    assert cells.watch._models == {} and cells.watch._replaced == []
