"""Who is named, and how."""

from __future__ import annotations

import gc
import threading

import pytest

from jupyter_dlkit.kernel.memory import Owner
from tests import second_device

from .notebook import Notebook, leaves, named

#: Sizes to the byte: on the device that does not round them.
pytestmark = pytest.mark.parametrize("notebook", [second_device.NAME], indirect=True)


SETUP = """
import torch, threading
from torch import nn
model = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3)).to(device)
x = torch.randn(8, 16).to(device)
"""
KIB = 1024


def names(owner: Owner) -> set[str]:
    return {leaf.name for leaf in leaves(owner)}


def test_activations_by_the_root_that_keeps_them(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
logits = model(x); loss = logits.logsumexp(1).mean()
total_loss = 0
for part in x.chunk(2): total_loss += model(part).logsumexp(1).mean()
outputs = [None, None, None, (x * 2).requires_grad_() ** 2]
one = (model(x) ** 2).sum(); two = one * 2
""")
    found = named(notebook.assert_exact())
    loss = found["graph", "loss"]
    assert loss.also == ("logits",)
    assert loss.bytes == 8 * 16 * 4 + 8 * 4  # what tanh and logsumexp gave
    assert found["graph", "total_loss"].bytes > 0
    assert ("graph", "outputs") in found or ("graph", "outputs[3]") in found
    assert found["graph", "two"].also == ("one",)
    assert ("graph", "logits") not in found and ("graph", "one") not in found


def test_each_owner_in_its_order(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
model(x).sum().backward(); optimizer.step()
weight = model[0].weight
alias = [x, weight.grad]
batch = {"x": torch.ones(64, device=device)}
view = batch["x"][:1]
""")
    found = named(notebook.assert_exact())
    weight = next(leaf for leaf in leaves(found["parameter", "model"]) if "[0].weight" in leaf.name)
    assert weight.name == "model[0].weight" and weight.bytes == 16 * 16 * 4
    assert "model[2].weight.grad" in names(found["gradient", "model"])
    assert "weight" in weight.also
    assert all("momentum_buffer" in name for name in names(found["optimizer", "optimizer"]))
    assert found["variable", "x"].bytes == 8 * 16 * 4
    assert found["variable", "x"].also == ("alias[0]",)
    assert found["variable", "view"].bytes == 64 * 4  # a small view keeps all of it
    assert found["variable", "view"].also == ("batch['x']",)


def test_outputs_by_cell(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.shows(7, "[torch.ones(256, device=device), x]")
    notebook.shows(8, "model")
    notebook.shows(9, "nn.Linear(4, 4).to(device)")
    found = named(notebook.assert_exact())
    (output,) = [owner for name, owner in found.items() if name[0] == "output" and "7" in name[1]]
    assert output.bytes == KIB
    assert "Out[7][1]" in found["variable", "x"].also
    assert found["output", "Out[9]"].bytes == 80
    assert ("output", "Out[8]") not in found


def test_the_last_exception_by_frame_and_name(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.fails("""
def train(n):
    batch = torch.ones(n, device=device)
    hidden = {"h": batch * 2}
    raise ValueError("it failed")
def main():
    outer = torch.ones(128, device=device)
    return train(256)
main()
""")
    error = named(notebook.assert_exact())["exception", "ValueError"]
    assert error.bytes == 2 * KIB + 512
    calls = {child.name: child for child in error.children}
    assert names(calls["train()"]) == {"batch", "hidden['h']"}
    assert calls["main()"].bytes == 512


def test_looking_does_not_write_into_frames(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.fails("""
def fails():
    batch = torch.ones(256, device=device)
    raise ValueError
fails()
""")
    before = notebook.allocated()
    notebook.assert_exact()
    import sys

    trace = sys.last_traceback
    while trace.tb_next:
        trace = trace.tb_next
    trace.tb_frame.clear()
    del trace
    assert notebook.allocated() == before - KIB


def test_a_thread_that_runs(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
ready, go_on = threading.Event(), threading.Event()
def train():
    batch = torch.ones(256, device=device)
    inner = nn.Linear(8, 8).to(device)
    loss = (inner(batch[:8]) ** 2).sum()
    ready.set(); go_on.wait(60)
thread = threading.Thread(target=train); thread.start(); ready.wait(60)
""")
    try:
        found = named(notebook.assert_exact())
    finally:
        notebook.run("go_on.set(); thread.join()")
    assert found["frame", "train()"].bytes >= KIB
    assert names(found["parameter", "inner in train()"]) == {"inner.weight", "inner.bias"}
    assert ("graph", "loss in train()") in found


def test_suspended_generators(notebook: Notebook) -> None:
    notebook.run("""
import torch
def batches():
    batch = torch.ones(256, device=device)
    yield 1
    yield 2
it = batches(); next(it)
""")
    (owner,) = [o for o in notebook.assert_exact().owners if o.owner == "container"]
    assert names(owner) == {"it.gi_frame.f_locals['batch']"}
    assert eval("it.gi_frame.f_locals['batch']", notebook.names).numel() == 256


def test_what_nothing_leads_to(notebook: Notebook) -> None:
    notebook.run("""
import torch, threading
def leak():
    hidden = [torch.ones(256, device=device)]
    def callback(): return hidden
    hidden.append(callback)
class Trainer: pass
def second():
    trainer = Trainer(); trainer.me = trainer; trainer.cache = torch.ones(512, device=device)
leak(); second()
""")
    found = [o for o in notebook.assert_exact().owners if o.owner == "unreachable"]
    hints = {owner.bytes: owner.hint or "" for owner in found}
    assert "leak.<locals>.callback()" in hints[KIB]
    assert "Trainer" in hints[2 * KIB]
    assert all("gc.collect()" in hint for hint in hints.values())
    gc.collect()
    assert not notebook.assert_exact().owners


def test_globals_of_modules(notebook: Notebook) -> None:
    notebook.run("""
import sys, types, torch
module = types.ModuleType("my_training"); sys.modules["my_training"] = module
module.cache = {"step": [torch.ones(256, device=device)]}
del module
""")
    try:
        (owner,) = notebook.assert_exact().owners
        assert owner.owner == "container"
        assert names(owner) == {"my_training.cache['step'][0]"}
    finally:
        notebook.run("del sys.modules['my_training']")


def test_what_a_thread_library_holds(notebook: Notebook) -> None:
    notebook.run("""
import torch, queue, concurrent.futures
waiting = queue.Queue(); waiting.put(torch.ones(256, device=device))
pool = concurrent.futures.ThreadPoolExecutor(1)
future = pool.submit(torch.ones, 512, device=device); future.result()
""")
    found = notebook.assert_exact()
    assert {o.owner for o in found.owners} == {"container"}, found.owners
    assert any("future" in o.name for o in found.owners)
    notebook.run("pool.shutdown()")
    assert threading.active_count() >= 1


def test_many_are_folded(notebook: Notebook) -> None:
    notebook.run("""
import torch
many = [torch.ones(i + 1, device=device) for i in range(300)]
for i, one in enumerate(many): globals()[f"t{i}"] = one
del many
for i in range(300): globals()[f"u{i}"] = torch.ones(1, device=device)
""")
    found = notebook.assert_exact()
    assert len(found.owners) < 120
    assert any(owner.name.endswith(" more") for owner in found.owners)
    notebook.run("many = [torch.ones(1, device=device) for i in range(3000)]")
    owner = named(notebook.assert_exact())["container", "many"]
    assert owner.storages == 3000 and len(owner.children) == 100


def test_it_is_json(notebook: Notebook) -> None:
    import json

    notebook.run(SETUP)
    answer = json.loads(json.dumps(notebook.account().to_dict()))
    device = next(d for d in answer["devices"] if d["device"] == notebook.device)
    assert device["attributed"] == sum(owner["bytes"] for owner in device["owners"])
    assert set(device["owners"][0]) >= {"owner", "name", "bytes", "storages", "children"}
    assert answer["complete"] and answer["cost_ms"] > 0


@pytest.mark.filterwarnings("error::UserWarning")
def test_symbols_of_a_compiler_are_neither_compared_nor_counted(notebook: Notebook) -> None:
    notebook.run("""
import torch
from torch._subclasses import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv
from torch.fx.experimental.symbolic_shapes import StatelessSymbolicContext
shapes = ShapeEnv()
symbolic = FakeTensorMode(shape_env=shapes).from_tensor(
    torch.empty(600, 1000),
    symbolic_context=StatelessSymbolicContext(dynamic_sizes=[DimDynamic.DYNAMIC] * 2),
)
parts, guards = [symbolic, symbolic[:1]], len(shapes.guards)
""")
    whole = notebook.account()
    assert whole.complete, whole.left_out
    assert [one.code for one in whole.findings] == []
    notebook.run("assert len(shapes.guards) == guards")
