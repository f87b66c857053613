"""Exceptions, outputs, views, generators and closures that keep tensors."""

from __future__ import annotations

from jupyter_dlkit.kernel import protocol
from tests.findings.conftest import MIB, MODEL, Finding

FAILS = """
def step(scale):
    batch = torch.ones(1024, 1024, device=device)
    raise ValueError(scale)
"""


def test_the_last_exception(notebook: Finding) -> None:
    notebook.run(FAILS)
    notebook.run("step(2)", fails=True)
    found = notebook.one("last_exception")
    assert "ValueError" in found["message"]
    assert "batch in step()" in found["message"]
    assert found["bytes"] == 4 * MIB
    notebook.gives_back(found)


TRAINS = """
def train(scale):
    out = model(x) * scale
    loss = out.pow(2).mean()
    {}
"""


def test_the_graphs_that_the_last_exception_keeps(notebook: Finding) -> None:
    notebook.cells(MODEL, TRAINS.format("raise ValueError(scale)"))
    notebook.run("train(2)", fails=True)
    found = notebook.one("last_exception")
    assert "the graph of loss in train()" in found["message"]
    assert found["bytes"] > 2 * MIB
    before = notebook.allocated()[0]
    assert [o["name"] for o in notebook.owners("toy:0") if o["owner"] == "exception"] == [
        "ValueError"
    ]
    assert [o for o in notebook.owners("toy:0") if o["owner"] == "graph"] == []
    assert before == notebook.allocated()[0]
    notebook.gives_back(found)


def test_a_graph_that_a_variable_keeps_too_is_its(notebook: Finding) -> None:
    notebook.cells(MODEL, TRAINS.format("return loss"), "kept = train(2)")
    notebook.run("def fails(result):\n    more = result + 1\n    raise ValueError(more)")
    notebook.run("fails(kept)", fails=True)
    assert notebook.findings() == []
    assert "kept" in [o["name"] for o in notebook.owners("toy:0") if o["owner"] == "graph"]


def test_an_exception_with_what_a_variable_has_is_none(notebook: Finding) -> None:
    notebook.cells(MODEL, "def fails(batch): raise ValueError(1)")
    notebook.run("fails(x)", fails=True)
    assert notebook.findings() == []


def test_an_exception_that_a_variable_keeps(notebook: Finding) -> None:
    notebook.cells(FAILS, "try: step(2)\nexcept ValueError as error: caught = error")
    found = notebook.one("kept_exception")
    assert found["name"] == "caught"
    assert found["bytes"] == 4 * MIB
    notebook.gives_back(found)


def test_an_exceptions_text_is_none(notebook: Finding) -> None:
    notebook.cells(FAILS, "try: step(2)\nexcept ValueError as error: caught = str(error)")
    assert notebook.findings() == []


def test_an_output(notebook: Finding) -> None:
    outcome = notebook.run("torch.ones(1024, 1024, device=device)")
    found = notebook.one("output")
    of_device = {
        device: notebook.caller.answer(protocol.MEMORY, device=device)["findings"]
        for device in ("toy:0", "cpu")
    }
    assert of_device == {"toy:0": [found], "cpu": []}
    assert found["name"] == f"Out[{outcome.execution_count}]"
    assert found["bytes"] == 4 * MIB
    notebook.gives_back(found)


def test_an_output_that_is_a_variable_too(notebook: Finding) -> None:
    notebook.run("y = torch.ones(1024, 1024, device=device)")
    number = notebook.run("y").execution_count
    found = notebook.one("output_is_variable")
    assert found["name"] == f"Out[{number}]"
    assert found["bytes"] == 0
    assert found["action"] is None
    assert "your variable y stays" in found["message"]


def test_an_output_with_a_variable_in_it(notebook: Finding) -> None:
    notebook.run("y = torch.ones(1024, 1024, device=device)")
    notebook.run("[y, y * 2]")
    found = notebook.one("output")
    assert "y stays" in found["message"]
    assert found["bytes"] == 4 * MIB
    notebook.gives_back(found)


def test_an_output_that_is_small_is_none(notebook: Finding) -> None:
    notebook.run("torch.ones(64, device=device)")
    assert notebook.findings() == []


def test_a_small_view(notebook: Finding) -> None:
    notebook.run("first = torch.ones(1024, 1024, device=device)[:2]")
    found = notebook.one("small_view")
    assert found["name"] == "first"
    before = notebook.allocated()[0]
    assert "first = first.clone()" in found["hint"]
    notebook.run("first = first.clone()")
    assert before - notebook.allocated()[0] == found["bytes"] == 4 * MIB - 8192


def test_views_of_what_is_used_are_none(notebook: Finding) -> None:
    notebook.cells("whole = torch.ones(1024, 1024, device=device)\nfirst = whole[:2]")
    assert notebook.findings() == []
    notebook.run("parts = list(whole.chunk(16))\ndel whole, first")
    assert notebook.findings() == []


def test_a_view_of_an_array_that_is_used_is_none(notebook: Finding) -> None:
    notebook.cells(
        "import numpy; array = numpy.zeros((1024, 1024)); first = torch.from_numpy(array)[:2]"
    )
    assert notebook.findings() == []
    notebook.run("array = array[:2]")
    found = notebook.one("small_view")
    assert "array = array.copy()" in found["hint"] and "first = first.clone()" in found["hint"]
    assert found["bytes"] == 8 * MIB - 2 * 16384
    notebook.run("array = array.copy(); first = first.clone()")
    assert notebook.findings() == []
    notebook.run("array = numpy.zeros((1024, 1024)); part = torch.from_numpy(array[1:])[:2]")
    assert notebook.findings() == []


BATCHES = """
def batches():
    batch = torch.ones(1024, 1024, device=device)
    yield batch.sum()
    yield batch.mean()
"""


def test_a_generator_that_waits(notebook: Finding) -> None:
    notebook.cells(BATCHES, "waiting = batches()\nfirst = next(waiting)")
    found = notebook.one("old_generator")
    assert found["name"] == "waiting"
    assert "its variable batch" in found["message"]
    assert found["bytes"] == 4 * MIB
    notebook.gives_back(found)


def test_a_generator_that_has_ended_is_none(notebook: Finding) -> None:
    notebook.cells(BATCHES, "waiting = batches()\nall_of_it = list(waiting)")
    assert notebook.findings() == []


CLOSURE = """
def closing(kept):
    def apply(): return kept
    return apply
"""


def test_a_closure_of_what_was_deleted(notebook: Finding) -> None:
    notebook.cells(CLOSURE, "big = torch.ones(1024, 1024, device=device)\napply = closing(big)")
    assert notebook.findings() == []  # ``big`` is there
    notebook.run("del big")
    found = notebook.one("old_closure")
    assert found["name"] == "apply"
    assert "its variable kept" in found["message"]
    notebook.gives_back(found)


def test_closures_that_were_made_again(notebook: Finding) -> None:
    notebook.cells(CLOSURE, "callbacks = []")
    register = "callbacks.append(closing(torch.ones(1024, 1024, device=device)))"
    notebook.run(register)
    assert notebook.findings() == []
    notebook.run(register)
    found = notebook.one("old_closure")
    assert found["name"] == "callbacks[0]"
    assert found["bytes"] == 4 * MIB
    notebook.run("del callbacks[0]")
    assert notebook.findings() == []


def test_a_cell_that_runs(notebook: Finding) -> None:
    notebook.run("torch.ones(1024, 1024, device=device)")
    notebook.run("import time, os; mark = '/tmp'")
    running = notebook.kernel.start(
        "print('now', flush=True)\nstop = False\nwhile not stop: time.sleep(0.01)"
    )
    notebook.kernel.wait_for_output(running, "now")
    answer = notebook.caller.answer(protocol.MEMORY, timeout_ms=60_000)
    notebook.kernel.interrupt()
    notebook.kernel.finish(running)
    assert [one["code"] for one in answer["findings"]] == ["output"]
    assert any("when no cell runs" in text for text in answer["left_out"])
