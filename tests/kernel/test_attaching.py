"""The agent comes, is replaced and goes, and the user's session is as if it had not."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import json
import queue
import re
from typing import Any

import pytest

from jupyter_dlkit.kernel import carry, protocol
from tests.live.kernel import LiveKernel

from .caller import Caller, Onlooker

#: Messages whose busy and idle no client counts.
UNTRACKED = {"dlkit_request", "comm_info_request", "comm_open", "comm_msg", "kernel_info_request"}

TRACES = """
import json, sys
kernel = get_ipython().kernel
print(json.dumps({
    "handlers": sorted(n for n in kernel.control_handlers if "dlkit" in n),
    "types": [n for n in kernel.control_msg_types if "dlkit" in n],
    # A copy: the agent may be loading its other modules on its own thread.
    "modules": sorted(n for n in list(sys.modules) if "dlkit" in n),
    "finders": [type(f).__name__ for f in sys.meta_path if type(f).__name__ == "Carried"],
    "callbacks": sorted(
        event for event, functions in get_ipython().events.callbacks.items()
        for f in functions if "dlkit" in (getattr(f, "__module__", "") or "")),
    "lists": sorted({type(f).__name__ for f in get_ipython().events.callbacks.values()}),
}))
"""


LEFT = """
import gc
gc.collect(), gc.collect()
def below(cls): return {cls}.union(*map(below, type.__subclasses__(cls)))
print(*{c.__module__ for c in below(object) if "dlkit" in str(c.__module__)})
"""


def traces(kernel: LiveKernel) -> Any:
    outcome = kernel.finish(kernel.start(TRACES, silent=True))
    assert outcome.error is None, outcome.error
    return json.loads(outcome.stdout)


def statuses(kernel: LiveKernel, quiet: float = 0.4) -> list[tuple[str, str]]:
    """``(state, type of the message that caused it)``, until IOPub is quiet."""
    seen = []
    while True:
        try:
            message = kernel.client.get_iopub_msg(timeout=quiet)
        except queue.Empty:
            return seen
        if message["msg_type"] == "status":
            parent = message["parent_header"].get("msg_type", "")
            seen.append((message["content"]["execution_state"], parent))


def tracked(seen: list[tuple[str, str]]) -> list[str]:
    return [state for state, parent in seen if parent not in UNTRACKED]


# Coming and going ------------------------------------------------------------


def test_attaching_unpacks_only_what_answers(kernel: LiveKernel, caller: Caller) -> None:
    carried = "[f for f in sys.meta_path if type(f).__name__ == 'Carried']"
    printed = kernel.run(f"import sys; print(*[bool(f.later) for f in {carried}])").stdout
    assert printed == "True\n"
    assert caller.ask(protocol.PLAN, targets=["x"], device="cpu").content  # needs the others
    printed = kernel.run(f"import sys; print(*[bool(f.later) for f in {carried}])").stdout
    assert printed == "False\n"


def test_it_answers_hello(kernel: LiveKernel, caller: Caller) -> None:
    hello = caller.hello()
    assert hello["agent"] == carry.version()
    assert hello["protocol"] == protocol.PROTOCOL
    assert str(hello["pid"]) == kernel.run("import os; print(os.getpid())").stdout.strip()
    assert hello["torch"] is not None and hello["numpy"] is not None


def test_an_equal_agent_is_kept(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(2)")
    before = caller.list().revision
    caller.attach()
    assert caller.list(since=before).head["unchanged"]
    assert traces(kernel)["callbacks"] == ["post_run_cell", "pre_run_cell"]


def test_another_version_replaces_it(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(2)")
    before = caller.list().revision
    caller.attach(version="other.1")
    assert caller.hello()["agent"] == "other.1"
    after = traces(kernel)
    assert after["callbacks"] == ["post_run_cell", "pre_run_cell"]
    assert after["finders"] == ["Carried"]
    assert after["types"] == ["dlkit_request"]
    assert caller.list(since=before).content["full"]  # another epoch
    caller.attach()
    assert caller.hello()["agent"] == carry.version()
    assert traces(kernel)["callbacks"] == ["post_run_cell", "pre_run_cell"]


def test_detaching_leaves_no_trace(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(2)")
    caller.named("x", values="summary")
    caller.devices()
    caller.detach()
    assert traces(kernel) == {
        "handlers": [], "types": [], "modules": [], "finders": [], "callbacks": [],
        "lists": ["list"],
    }  # fmt: skip
    # And what it had loaded is garbage, but for the way to the main thread, which the
    # interpreter might still want to call, and the errors that it speaks of.
    left = kernel.run(LEFT).stdout.split()
    assert set(left) <= {
        "_jupyter_dlkit_agent.kernel.main_thread",
        "_jupyter_dlkit_agent.kernel.errors",
    }


@pytest.mark.parametrize(
    ("cargo", "words"),
    [({"sources": "????"}, "Error"), ({"sources": "eJyrrgUAAXUA+Q=="}, "_jupyter_dlkit_agent")],
)
def test_a_broken_cargo_is_an_answer_in_words(
    kernel: LiveKernel, caller: Caller, cargo: dict[str, str], words: str
) -> None:
    kernel.finish(kernel.start("1 / 0"))
    caller.detach()
    caller.attach(version="broken", **cargo)
    reply = caller.ask(protocol.HELLO)
    assert not reply.head["ok"] and reply.head["status"] == 500
    assert reply.content["error"]["code"] == "attach_failed"
    assert words in reply.content["error"]["message"]
    said = kernel.run("import sys; print(sys.last_type.__name__, sys.last_value)").stdout
    assert said == "ZeroDivisionError division by zero\n"
    caller.attach()
    assert caller.hello()["agent"] == carry.version()


def test_an_unknown_operation_is_refused(caller: Caller) -> None:
    reply = caller.ask("explode")
    assert reply.head["status"] == 400
    assert "explode" in reply.content["error"]["message"]


def test_strange_arguments_are_refused_in_words(caller: Caller) -> None:
    for args in ({"since": 7}, {"since": ["x"]}, {"since": "a.b.c"}, {"budget_ms": "soon"}):
        reply = caller.ask(protocol.TENSORS, **args)
        assert reply.head["ok"] or reply.content["error"]["message"]
    for args in ({}, {"id": None}, {"id": 4}, {"id": "0", "path": "x"}):
        assert caller.ask(protocol.TENSOR, **args).head["status"] in (404, 409)


# The user's session -------------------------------------------------------------

BYSTANDERS = """
import json as _j
print(_j.dumps({"dir": dir(), "In": list(In)[slice(-3, None)], "Out": repr(Out), "last": repr(_)}))
"""


def session(kernel: LiveKernel, caller: Caller, look: bool) -> Any:
    """What a session looks like from within, with or without us."""
    kernel.run("get_ipython().run_line_magic('reset', '-f')")
    first = kernel.run("6 * 7").execution_count
    if look:
        caller.attach()
        kernel.run("x = 1")
        caller.list()
        caller.devices()
        caller.attach(version="other.2")
        caller.list()
    else:
        kernel.run("x = 1")
    last = kernel.run(BYSTANDERS)
    assert first is not None and last.execution_count is not None
    history = kernel.run("%history -n").stdout
    seen = re.sub(  # counted from the first cell: this kernel has run others before
        r"(?<=\"_)\d+|(?<=\"_i)\d+|\b\d+(?=:)|(?<={)\d+",
        lambda number: str(int(number[0]) - first),
        last.stdout + history[history.index(f"{first}: 6 * 7") :],
    )
    return seen, last.execution_count - first


def test_the_session_is_as_without_us(kernel: LiveKernel, caller: Caller) -> None:
    caller.detach()
    without = session(kernel, caller, look=False)
    assert "'-0'" not in without[0] and "x = 1" in without[0]
    assert session(kernel, caller, look=True) == without


def test_an_idle_kernel_is_idle_again(kernel: LiveKernel, caller: Caller) -> None:
    statuses(kernel)
    for version in ("other.3", carry.version()):
        caller.attach(version=version)
        caller.list()
        seen = statuses(kernel)
        assert tracked(seen)[-1:] == ["idle"], seen


CELLS = {
    "spinning": "while not go(): pass",
    "sleeping": "while not go(): time.sleep(0.02)",
    "awaiting": "while not go(): await asyncio.sleep(0.02)",
}

#: A cell that waits in the middle for a file, with a figure half drawn.
MIDDLE = """import asyncio, os, time
import matplotlib.pyplot as plt
os.path.exists("go") and os.remove("go")
def go(): return os.path.exists("go")
figure, axes = plt.subplots(figsize=(1, 1))
print("in the middle", flush=True)
{wait}
axes.plot([1, 2])
print(plt.get_fignums(), "end")
41 + 1
"""


def let_go(kernel: LiveKernel) -> None:
    with open(f"{kernel._home.name}/go", "w"):
        pass


@pytest.mark.parametrize("way", CELLS)
def test_attaching_in_the_middle_of_a_cell(kernel: LiveKernel, caller: Caller, way: str) -> None:
    caller.detach()
    count = kernel.run("'before'").execution_count
    assert count is not None
    statuses(kernel)
    cell = kernel.start(MIDDLE.format(wait=CELLS[way]))
    kernel.wait_for_output(cell, "in the middle")

    assert caller.attach()["status"] == "ok"
    assert caller.hello()["agent"] == carry.version()
    caller.list()
    # Whatever comes up to here came while the cell ran.
    assert "idle" not in tracked(statuses(kernel))

    let_go(kernel)
    outcome = kernel.finish(cell)
    assert outcome.error is None
    assert outcome.stdout == "[1] end\n"
    assert outcome.result == "42"
    assert ["image/png" in data for data in outcome.displayed] == [True]
    after = kernel.run(f"print(_, Out[{count + 1}], len(In), In[-2].splitlines()[0])")
    assert after.stdout == f"42 42 {count + 3} import asyncio, os, time\n"
    assert after.execution_count == count + 2
    assert (
        kernel.run("print(__import__('matplotlib.pyplot').pyplot.get_fignums())").stdout == "[]\n"
    )


def test_input_of_a_running_cell_still_works(kernel: LiveKernel, caller: Caller) -> None:
    caller.detach()
    code = MIDDLE.format(wait=CELLS["spinning"]) + "\nname = input('Who? ')\nprint('Hello', name)"
    cell = kernel.start(code, allow_stdin=True)
    kernel.wait_for_output(cell, "in the middle")
    caller.attach()
    caller.list()
    let_go(kernel)
    question = kernel.client.get_stdin_msg(timeout=30)
    assert question["content"]["prompt"] == "Who? "
    # The list arrives while the cell waits for a person, too.
    caller.list()
    kernel.client.input("Ada")
    outcome = kernel.finish(cell)
    assert outcome.error is None and outcome.stdout.endswith("Hello Ada\n")


SHADOWS = """
import builtins
names = ("exec compile __import__ get_ipython list dict set tuple type id map zip len range str int "
         "sys torch numpy json threading kernel _ __name__ isinstance globals vars print open").split()
class Shadow:
    def __getattr__(self, name): raise RuntimeError("a shadow was touched")
    def __call__(self, *args, **kwargs): raise RuntimeError("a shadow was called")
import torch as real
x = real.ones(3)
globals().update({name: Shadow() for name in names})
"""


def test_shadowed_names_do_not_matter(kernel: LiveKernel, caller: Caller) -> None:
    caller.detach()
    kernel.run(SHADOWS)
    try:
        reply = caller.attach()
        assert reply["status"] == "ok", reply
        assert caller.hello()["agent"] == carry.version()
        assert caller.list()["x"]["shape"] == [3]
        assert caller.named("x", values="summary")["values"]["summary"]["max"] == 1
    finally:
        kernel.run("del exec, compile, __import__, get_ipython, print; __name__ = '__main__'")


def test_looking_is_not_seen_by_clients(kernel: LiveKernel, caller: Caller) -> None:
    """Busy stays busy while a cell runs, however often somebody looks."""
    statuses(kernel)
    cell = kernel.start(MIDDLE.format(wait=CELLS["spinning"]))
    kernel.wait_for_output(cell, "in the middle")
    statuses(kernel)
    with Onlooker(caller, details=True) as onlooker:
        onlooker.wait_until_looked(3)
    assert tracked(statuses(kernel)) == []
    let_go(kernel)
    assert kernel.finish(cell).error is None
    assert tracked(statuses(kernel)) == []  # its own idle was the last
