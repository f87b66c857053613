"""What the main thread is asked for, and that a running cell notices nothing of it."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import asyncio

import pytest

from jupyter_dlkit.kernel import main_thread, protocol
from tests.live.kernel import LiveKernel

from .caller import Caller, Onlooker

SETUP = (
    "import time, torch; x = torch.arange(12.).view(3, 4); w = torch.ones(2, requires_grad=True)"
)


def test_values_in_the_middle_of_a_spinning_cell(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    cell = kernel.start("print('spinning', flush=True)\nover = []\nwhile not over: x[0, 0] = 5")
    kernel.wait_for_output(cell, "spinning")
    try:
        detail = caller.detail(identity, values="slice", slice="0, :2")
        assert detail["values"]["slice"]["values"] == [5.0, 1.0]
        assert detail["autograd_known"]
    finally:
        kernel.interrupt()
        kernel.finish(cell)


def test_a_sleeping_cell_cannot_be_asked_for_values(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    cell = kernel.start("print('sleeping', flush=True)\ntime.sleep(3)\nprint(x.sum().item())")
    kernel.wait_for_output(cell, "sleeping")
    reply = caller.ask(protocol.TENSOR, id=identity, values="summary", timeout_ms=200)
    while reply.head["ok"]:  # it came between the two statements
        reply = caller.ask(protocol.TENSOR, id=identity, values="summary", timeout_ms=200)
    assert (reply.head["status"], reply.content["error"]["code"]) == (504, "busy")
    assert "x" in reply.content["error"]["message"]
    plain = caller.detail(identity, timeout_ms=200)
    assert plain["shape"] == [3, 4]
    assert "busy" in plain["note"]
    assert not plain["autograd_known"]
    assert caller.list()["x"]["shape"] == [3, 4]  # lists come all the same
    outcome = kernel.finish(cell)
    assert outcome.error is None
    assert outcome.stdout == "66.0\n"


#: During which every bytecode could be interrupted.
HALF_A_SECOND = "until = time.monotonic() + 0.5\n        while time.monotonic() < until: pass"

#: A backward that is in Python for a while, and then the cell goes on.
BACKWARD = """
class Slow(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2
    @staticmethod
    def backward(ctx, gradient):
        print("in backward", flush=True)
        while not over: pass
        return gradient * 2
over, ended = [], []
Slow.apply(w).sum().backward()
print("after it", flush=True)
while not ended: pass
"""


def test_autograd_is_not_read_while_backward_runs_in_python(
    kernel: LiveKernel, caller: Caller
) -> None:
    kernel.run(SETUP)
    identity = caller.list()["w"]["id"]
    cell = kernel.start(BACKWARD)
    kernel.wait_for_output(cell, "in backward")
    reply = caller.ask(protocol.TENSOR, id=identity, values="summary", timeout_ms=300)
    assert (reply.head["status"], reply.content["error"]["code"]) == (504, "busy")
    reply = caller.ask(protocol.PLAN, targets=["x"], device="cpu", timeout_ms=300)
    assert (reply.head["status"], reply.content["error"]["code"]) == (504, "busy")
    # An interrupt ends the backward; the following cell is in no backward.
    kernel.interrupt()
    kernel.finish(cell)
    cell = kernel.start("print('spinning', flush=True)\nwhile not over: pass")
    kernel.wait_for_output(cell, "spinning")
    try:
        assert caller.detail(identity, values="summary")["autograd_known"]
        assert caller.answer(protocol.PLAN, targets=["x"], device="cpu")["state"] == "preview"
    finally:
        kernel.interrupt()
        kernel.finish(cell)


def test_what_is_asked_during_backward_is_answered_after_it(
    kernel: LiveKernel, caller: Caller
) -> None:
    kernel.run(SETUP)
    identity = caller.list()["w"]["id"]
    cell = kernel.start(BACKWARD.replace("while not over: pass", HALF_A_SECOND))
    kernel.wait_for_output(cell, "in backward")
    try:
        detail = caller.detail(identity, values="summary", timeout_ms=20_000)
        assert detail["autograd_known"]
        assert detail["grad"] is not None  # it was not there before the backward had ended
    finally:
        kernel.interrupt()
        kernel.finish(cell)


#: Notes on which thread autograd and values are read, and whether a cell was running.
WATCH = """
import sys, threading
_autograd = sys.modules["_jupyter_dlkit_agent.kernel.autograd"]
_looked = []
_good = _autograd.look
def _look(*args):
    _looked.append((threading.current_thread() is threading.main_thread(), running))
    return _good(*args)
_autograd.look = _look
running = False
"""


def test_autograd_is_read_between_cells_only(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP + "\nw.grad = torch.ones(2)")
    assert "w.grad" in caller.list().names
    kernel.run(WATCH)
    cell = kernel.start("""
running = True
print("running", flush=True)
until = time.monotonic() + 1.5
while time.monotonic() < until: w.sum().backward()
running = False
""")
    kernel.wait_for_output(cell, "running")
    with Onlooker(caller) as onlooker:
        kernel.finish(cell)
        onlooker.wait_until_looked(2)
    looked = kernel.run("print(set(_looked)); _autograd.look = _good").stdout
    assert looked == "{(True, False)}\n"
    busy = onlooker.listings[0]
    assert "w.grad" in busy.names  # as last seen


#: The agent's summaries fail, or never end.
SPOIL = """
import sys
_values = sys.modules["_jupyter_dlkit_agent.kernel.values"]
_right = _values.summary
def _wrong(torch, tensor):
    {body}
_values.summary = _wrong
"""


@pytest.mark.parametrize(
    "error", ["ZeroDivisionError", "SystemExit", "GeneratorExit", "MemoryError"]
)
def test_errors_of_ours_never_reach_the_cell(
    kernel: LiveKernel, caller: Caller, error: str
) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    caller.detail(identity, values="summary")
    kernel.run(SPOIL.format(body=f"raise {error}('injected')"))
    cell = kernel.start("print('go', flush=True)\nuntil = time.monotonic() + 1\n"
                        "while time.monotonic() < until: pass\nprint('end')")  # fmt: skip
    kernel.wait_for_output(cell, "go")
    try:
        reply = caller.ask(protocol.TENSOR, id=identity, values="summary")
        assert reply.head["status"] == 500
        assert error in reply.content["error"]["message"]
        outcome = kernel.finish(cell)
        assert (outcome.error, outcome.stdout) == (None, "end\n")
    finally:
        kernel.run("_values.summary = _right")


def test_an_interrupt_that_meets_us_is_passed_on(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    caller.detail(identity, values="summary")
    kernel.run(SPOIL.format(body="print('inside', flush=True)\n    while True: pass"))
    cell = kernel.start("print('go', flush=True)\nwhile True: pass")
    kernel.wait_for_output(cell, "go")
    try:
        caller.ask(protocol.TENSOR, id=identity, values="summary", timeout_ms=200)
        kernel.wait_for_output(cell, "inside")
        kernel.interrupt()
        outcome = kernel.finish(cell)
        assert outcome.error is not None
        assert "KeyboardInterrupt" in outcome.error
    finally:
        kernel.run("_values.summary = _right")


def test_interrupts_that_follow_an_answer_reach_the_cell(
    kernel: LiveKernel, caller: Caller
) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    for _ in range(12):  # the main thread may still be on its way out of our code
        # Else ipykernel 6 goes on to abort what comes just after the error.
        cell = kernel.start("print('go', flush=True)\nwhile True: x[0, 0] = 5", stop_on_error=False)
        kernel.wait_for_output(cell, "go")
        caller.detail(identity, values="slice")
        kernel.interrupt()
        outcome = kernel.finish(cell, timeout=20)
        assert outcome.error is not None
        assert "KeyboardInterrupt" in outcome.error


def test_an_interrupt_in_our_last_steps_is_given_back() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    main_thread._pending.append(interrupted)
    assert main_thread._run_pending(None) == 0  # and nothing raised
    control = asyncio.new_event_loop()

    def spin() -> None:
        main_thread.MainThread(None, control)._pass_on(1.0)
        while True:  # a signal is handled between two bytecodes
            pass

    with pytest.raises(KeyboardInterrupt):
        spin()
    control.close()


def test_a_pending_call_outlives_the_agent(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP)
    identity = caller.list()["x"]["id"]
    cell = kernel.start("import gc; print('go', flush=True)\ntime.sleep(1)\nprint('end')")
    kernel.wait_for_output(cell, "go")
    caller.ask(protocol.TENSOR, id=identity, values="summary", timeout_ms=50)
    caller.attach(version="other.9")
    caller.detach()
    assert kernel.finish(cell).stdout == "end\n"
    assert kernel.run("gc.collect(); print('alive')").stdout == "alive\n"


def test_what_is_not_there_any_more(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(SETUP + "\ny = x")
    row = caller.list()["x"]
    assert caller.detail(row["id"], path="y")["path"] == "y"
    kernel.run("del x")
    gone = caller.ask(protocol.TENSOR, id=row["id"], path="x")
    assert (gone.head["status"], gone.content["error"]["code"]) == (404, "gone")
    kernel.run("x = torch.ones(1)")
    changed = caller.ask(protocol.TENSOR, id=row["id"], path="x")
    assert (changed.head["status"], changed.content["error"]["code"]) == (409, "changed")
    unknown = caller.ask(protocol.TENSOR, id="ffff-1")
    assert unknown.head["status"] == 404


@pytest.mark.parametrize("path", [
    "__import__('os').system('x')", "x.numpy()", "x +", "(lambda: x)()", "[t for t in x]", "x if x else x",
    "list(x for x in x)[0]", "vars()['x']", "x" * 100_000, "(" * 5000, "x[x]", "f'{x}'", "x; y", "\0",
    "x" + "[0]" * 1000, "globals(1)['x']", "list(x, x)[0]", "list(**x)[0]", "x[1:2]", "x[...]", "x.__class__",
])  # fmt: skip
def test_a_path_is_never_evaluated(kernel: LiveKernel, caller: Caller, path: str) -> None:
    kernel.run(SETUP)
    reply = caller.ask(protocol.TENSOR, id=caller.list()["x"]["id"], path=path)
    assert reply.head["status"] in (400, 404, 409), reply.content
