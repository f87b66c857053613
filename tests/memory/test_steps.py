"""The account of a running cell: short steps, nothing kept between them."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
import torch

from jupyter_dlkit.kernel.main_thread import MainThread
from jupyter_dlkit.kernel.memory import Account, Roots, Stepped
from jupyter_dlkit.kernel.memory.asking import in_steps
from tests import second_device

from .notebook import Notebook, by_owner, check_sums, named
from .test_cases import CASES
from .test_cases import SETUP as CASE
from .test_training import MODELS, SETUP, STEP, TARGET

#: Sizes to the byte: on the device that does not round them.
pytestmark = pytest.mark.parametrize("notebook", [second_device.NAME], indirect=True)


#: Seconds of the thread that a step may take; measured on a machine that does other things too.
LONGEST = 0.03


def steps(notebook: Notebook) -> Stepped:
    return Stepped(lambda: Roots.of_namespace(notebook.names, notebook.outputs))


def finish(one: Stepped) -> Account:
    for _ in range(1000):
        if not one.step():
            return one.account()
    raise AssertionError("it has no end")


@pytest.mark.parametrize("model", MODELS)
def test_it_finds_what_names_lead_to(notebook: Notebook, model: str) -> None:
    notebook.run(SETUP + MODELS[model] + TARGET)
    notebook.run("optimizer = torch.optim.AdamW(model.parameters())\n" + STEP)
    notebook.run("loss.backward(); optimizer.step()\n" + STEP)
    notebook.shows(3, "model(x)")
    notebook.fails("def fails():\n    batch = x.float() * 2\n    raise ValueError\nfails()")
    whole = notebook.assert_exact()
    found = finish(steps(notebook))
    device = found.device(notebook.device)
    assert device.unaccounted == 0
    assert by_owner(device) == by_owner(whole)
    assert not found.complete
    assert not any("model" in text or "loss" in text for text in found.left_out)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "case",
    ["checkpoint", "custom functions", "hooks on saved tensors", "containers", "generators"],
)
def test_cases_in_steps(notebook: Notebook, case: str) -> None:
    notebook.run(CASE + CASES[case])
    device = finish(steps(notebook)).device(notebook.device)
    assert device.unaccounted == 0, device.owners


def test_what_is_too_much_for_a_step_is_looked_at_in_parts(notebook: Notebook) -> None:
    notebook.run("""
import torch
from torch import nn
tensors = [torch.zeros(4, device=device) for _ in range(5000)]
nested = {i: [torch.zeros(1, device=device) for _ in range(5)] for i in range(500)}
deep = nn.ModuleList(nn.Linear(4, 4) for _ in range(500)).to(device)
w = torch.ones(4, device=device, requires_grad=True)
long = w
for _ in range(1000): long = (long * w).sin()
""")
    one = steps(notebook)
    lengths = []
    more = True
    while more:
        started = time.thread_time()
        more = one.step()
        lengths.append(time.thread_time() - started)
    found = one.account()
    device = found.device(notebook.device)
    assert device.unaccounted == 0, found.left_out
    assert len(lengths) > 5
    assert sorted(lengths)[len(lengths) * 9 // 10] < LONGEST
    owners = named(device)
    assert owners["container", "tensors"].storages == 5000
    assert owners["graph", "long"].storages >= 999
    check_sums(owners["container", "nested"])


def test_nothing_is_kept_from_step_to_step(notebook: Notebook) -> None:
    notebook.run("""
import torch
big = [torch.zeros(4, device=device) for _ in range(3000)]
loss = (torch.ones(256, device=device, requires_grad=True) ** 2).exp().sum()
""")
    one = steps(notebook)
    assert one.step() and one.step()
    notebook.run("del loss")
    assert notebook.allocated() == 3000 * 16
    notebook.run("big.clear()")
    assert notebook.allocated() == 0
    found = finish(one)
    assert not found.complete


def test_names_that_go_and_come_between_steps(notebook: Notebook) -> None:
    notebook.run(
        "import torch\nfor i in range(3000): globals()[f't{i}'] = torch.ones(4).to(device)"
    )
    one = steps(notebook)
    count = 0
    while one.step():
        count += 1
        notebook.run(f"for i in range(3): globals().pop(f't{{{count} * 3 + i}}', None)")
        notebook.run(f"n{count} = [torch.ones(1).to(device)]")
    found = one.account()
    assert not found.complete
    assert any("memory changed" in text for text in found.left_out)
    assert found.device(notebook.device).attributed > 0


class Control(threading.Thread):
    """A control thread: asks, while the main thread runs a cell."""

    def __init__(self, roots: Any) -> None:
        super().__init__()
        self.roots = roots
        self.found: list[Account] = []
        self.error: BaseException | None = None
        self.stop = False

    def run(self) -> None:
        try:
            asyncio.run(self.ask())
        except BaseException as error:
            self.error = error

    async def ask(self) -> None:
        class Loop:
            """The main thread's event loop, which does not turn while the cell runs."""

            def add_callback(self, job: Any) -> None:
                pass

        main = MainThread(Loop(), asyncio.get_running_loop())
        while not self.stop and len(self.found) < 5:
            self.found.append(await in_steps(self.roots, main, 30))


def test_in_the_middle_of_training(notebook: Notebook) -> None:
    notebook.run(SETUP + MODELS["transformer"] + TARGET)
    notebook.run("optimizer = torch.optim.AdamW(model.parameters())")
    control = Control(lambda: Roots.of_namespace(notebook.names, notebook.outputs))
    notebook.names["control"] = control
    control.start()
    notebook.run("""
def train():
    batch = torch.ones(64, device=device)
    steps = 0
    while control.is_alive() and steps < 5000:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total = sum(tuple(p.numel() for p in model.parameters()))
        steps += 1
    return loss.item()
result = train()
""")
    control.stop = True
    control.join(60)
    assert control.error is None
    assert len(control.found) == 5
    assert torch.isfinite(torch.tensor(notebook.names["result"]))
    for one in control.found:
        owners = named(one.device(notebook.device))
        assert owners["parameter", "model"].bytes > 0
        assert owners["frame", "train()"].bytes >= 256
    notebook.run("del control")
    notebook.assert_exact()
