"""Looking takes nothing, keeps nothing and changes nothing."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import json

import pytest

from jupyter_dlkit.kernel import protocol
from tests.live.kernel import LiveKernel

from .caller import Caller, Onlooker
from .conftest import Probe

#: Storages that are still alive, counted by C: a finaliser in the storage's own deleter.
COUNTED = """
import ctypes, torch, numpy, weakref, threading, time, gc
alive = [0]
class Bytes:
    'Memory whose end is noticed: the array, and so the tensor on it, keeps it alive.'
    def __init__(self, size):
        alive[0] += 1
        self.memory = (ctypes.c_byte * size)()
        weakref.finalize(self.memory, lambda: alive.__setitem__(0, alive[0] - 1))
def fresh(n=1 << 16):
    return torch.from_numpy(numpy.frombuffer(Bytes(n).memory, dtype=numpy.float32))
"""


def test_del_frees_while_looking(kernel: LiveKernel, caller: Caller) -> None:
    """Right after the statement, not only once the scan has ended."""
    kernel.run(COUNTED)
    kernel.run("others = [torch.ones(1) for _ in range(2000)]")
    cell = kernel.start("""
print("deleting", flush=True)
late, until = [], time.monotonic() + 3
while time.monotonic() < until:
    x, box, deep = fresh(), [fresh()], {"a": [fresh()]}
    model = torch.nn.Linear(2, 2); model.weight.data = fresh()[:4].view(2, 2)
    time.sleep(0.002)
    del x, box, deep, model
    freed, patience = time.monotonic(), 0
    while alive[0] and time.monotonic() - freed < 5: time.sleep(0.0005)
    late.append(time.monotonic() - freed)
print(alive[0], len(late) > 20, max(late) < 1)
""")
    kernel.wait_for_output(cell, "deleting")
    with Onlooker(caller) as onlooker:
        outcome = kernel.finish(cell)
    assert outcome.stdout.split()[-3:] == ["0", "True", "True"], outcome
    assert len(onlooker.listings) > 3


@pytest.mark.parametrize("values", [None, "summary", "slice", "image"])
def test_nothing_is_kept_after_a_detail(
    kernel: LiveKernel, caller: Caller, values: str | None
) -> None:
    kernel.run(COUNTED + "x = fresh(16 * 16 * 4).view(16, 16)\ny = x.clone().requires_grad_()")
    kernel.run("(y * 2).sum().backward()\na = fresh().numpy()")
    for name in ("x", "y", "a"):
        caller.named(name, values=values)
        refusal = caller.ask(
            "tensor", id=caller.list()[name]["id"], path="gone", values="slice", slice="("
        )
        assert not refusal.head["ok"]
    bad = caller.ask("tensor", id=caller.list()["x"]["id"], values="slice", slice="99,99,99")
    assert bad.head["status"] == 400
    assert kernel.run("del x, y, a\nprint(alive[0])").stdout == "0\n"


#: Makes the describing of tensors fail, as a bug of ours would, in the middle of a scan.
BREAK = """
import sys
_columns = sys.modules["_jupyter_dlkit_agent.kernel.columns"]
_good = _columns.Describer.versions
def _bad(self, tensors): raise ZeroDivisionError("injected")
_columns.Describer.versions = _bad
"""
MEND = "_columns.Describer.versions = _good"


def test_nothing_is_kept_after_a_scan_that_failed(kernel: LiveKernel, caller: Caller) -> None:
    # An earlier cell of this kernel may have failed on its own.
    kernel.run("import sys; vars(sys).pop('last_traceback', None)")
    kernel.run(COUNTED + "x, box = fresh(), [fresh()]")
    caller.list()
    kernel.run(BREAK)
    try:
        reply = caller.ask(protocol.TENSORS)
        assert reply.head["status"] == 500
        assert "ZeroDivisionError: injected" in reply.content["error"]["message"]
        assert kernel.run("del x, box\nprint(alive[0])").stdout == "0\n"
        go = kernel.log.with_name("go-on")
        cell = kernel.start(
            "import os\nx = fresh()\nprint('now', flush=True)\n"
            f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\ndel x\nprint(alive[0])"
        )
        kernel.wait_for_output(cell, "now")
        assert caller.ask(protocol.TENSORS).head["status"] == 500
        go.touch()
        assert kernel.finish(cell).stdout == "0\n"
        assert kernel.run("import sys; print(hasattr(sys, 'last_traceback'))").stdout == "False\n"
    finally:
        kernel.run(MEND)
    assert caller.list().head["ok"]


def test_no_reference_is_held(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("""
import gc, sys, torch, weakref
x, box, model = torch.ones(3), [torch.ones(2)], torch.nn.Linear(2, 2)
box[0].requires_grad_()
box[0].sum().backward()
def counts():
    gc.collect()
    objects = [x, box, box[0], box[0].grad, model, model.weight, model.__dict__]
    return [sys.getrefcount(o) for o in objects], [
        weakref.getweakrefcount(o) for o in objects if type(o).__flags__ and hasattr(o, "__weakref__")]
""")
    before = kernel.run("print(counts())").stdout
    listing = caller.list()
    for row in listing.rows:
        caller.detail(row["id"], values="summary")
    caller.devices()
    assert kernel.run("print(counts())").stdout == before


def test_listed_tensors_can_be_swapped(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; a, b = torch.ones(1), torch.zeros(2)")
    listing = caller.list()
    for row in listing.rows:
        caller.detail(row["id"], values="summary")
    kernel.run("torch.utils.swap_tensors(a, b)")
    after = caller.list()
    assert (after["a"]["shape"], after["b"]["shape"]) == ([2], [1])
    kernel.run("""
torch.__future__.set_swap_module_params_on_conversion(True)
m = torch.nn.Linear(2, 2)
""")
    caller.list()
    kernel.run("m.to(torch.float64)\ntorch.__future__.set_swap_module_params_on_conversion(False)")
    assert caller.list()["m.weight"]["dtype"] == "float64"


def test_nothing_is_imported_by_looking(live_kernel: LiveKernel) -> None:
    caller = Caller(live_kernel)
    modules = "import sys, json; print(json.dumps([n in sys.modules for n in ('torch', 'numpy')]))"
    assert json.loads(live_kernel.run(modules).stdout) == [False, False]
    caller.attach()
    live_kernel.run("x = [1, 2]")
    listing = caller.list()
    assert listing.rows == []
    devices = caller.devices()
    assert devices["torch"] is None
    assert devices["note"] == "This kernel has not imported torch."
    assert json.loads(live_kernel.run(modules).stdout) == [False, False]

    # NumPy alone: arrays are rows; then torch comes in the middle of being looked at.
    live_kernel.run("import numpy; a = numpy.zeros(3)")
    assert caller.list()["a"]["shape"] == [3]
    refusal = caller.ask(protocol.TENSOR, id=caller.list()["a"]["id"], values="summary")
    assert refusal.head["status"] == 409
    cell = live_kernel.start("print('importing', flush=True)\nimport torch\nx = torch.ones(2)")
    live_kernel.wait_for_output(cell, "importing")
    with Onlooker(caller, details=True):
        assert live_kernel.finish(cell).error is None
    assert caller.list()["x"]["shape"] == [2]
    caller.devices()
    said = live_kernel.run("print(torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())")
    assert said.stdout == "False False\n"
    new = "print(sorted(n for n in sys.modules if n.startswith(('torch._dynamo', 'torch.distri'))))"
    before = live_kernel.run(new).stdout
    caller.named("x", values="summary")
    assert live_kernel.run(new).stdout == before


STATE = """
import gc, sys, torch, threading, warnings
print(torch.is_grad_enabled(), torch.is_inference_mode_enabled(), gc.isenabled(), gc.get_threshold(),
      sys.getswitchinterval(), torch.get_num_threads(), torch.initial_seed(), sys.gettrace(),
      sys.getrecursionlimit(), len(warnings.filters), gc.get_debug(), len(gc.callbacks),
      torch.get_default_dtype(), torch.random.get_rng_state().sum().item(), sys.excepthook,
      torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack())
"""


def test_settings_are_as_they_were(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; torch.manual_seed(1); x = torch.ones(9, 9)")
    before = kernel.run(STATE).stdout
    cell = kernel.start(
        "import time\nprint('go', flush=True)\ntime.sleep(.5)\nfor _ in range(10**6): pass"
    )
    kernel.wait_for_output(cell, "go")
    with Onlooker(caller, details=True):
        kernel.finish(cell)
    caller.named("x", values="image")
    assert kernel.run(STATE).stdout == before


def test_modes_and_filters_of_a_running_cell(kernel: LiveKernel, caller: Caller) -> None:
    """A user's modes see only the user's own calls, and nothing of ours raises or warns."""
    kernel.run("""
import sys, time, torch, warnings
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
seen = []
class Functions(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        seen.append(function); return function(*args, **(kwargs or {}))
class Dispatches(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        seen.append(function); return function(*args, **(kwargs or {}))
x = torch.ones(9, 9, requires_grad=True); y = x * 2
q = torch.ones(3, dtype=torch.cfloat)
""")
    cell = kernel.start("""
print("in modes", flush=True)
with warnings.catch_warnings(), Functions(), Dispatches():
    warnings.simplefilter("error")
    until = time.monotonic() + 2
    while time.monotonic() < until: sum(range(1000))
print(len(seen), torch.is_grad_enabled())
""")
    kernel.wait_for_output(cell, "in modes")
    with Onlooker(caller, details=True) as onlooker:
        outcome = kernel.finish(cell)
    assert outcome.error is None, outcome.error
    assert outcome.stdout.split()[-2:] == ["0", "True"]
    assert outcome.stderr == ""
    assert any(detail["values"] for detail in onlooker.details)


def test_exceptions_of_cells_are_the_users_own(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(4, 4)")
    cell = kernel.start("""
print("go", flush=True)
import time
until, caught = time.monotonic() + 1.5, 0
while time.monotonic() < until:
    try: {}["missing"]
    except KeyError as error: caught += len(error.args)
x @ torch.ones(3)
""")
    kernel.wait_for_output(cell, "go")
    with Onlooker(caller, details=True):
        outcome = kernel.finish(cell)
    assert outcome.error is not None
    assert "size mismatch" in outcome.error or "mat" in outcome.error
    assert "dlkit" not in outcome.error
    said = kernel.run("import sys; print(sys.last_type.__name__, caught > 0)").stdout
    assert said == "RuntimeError True\n"


def test_an_interrupt_is_the_users_own(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(4, 4)")
    cell = kernel.start("print('go', flush=True)\nwhile True: pass")
    kernel.wait_for_output(cell, "go")
    with Onlooker(caller, details=True) as onlooker:
        kernel.interrupt()
        outcome = kernel.finish(cell)
        onlooker.wait_until_looked()
    assert outcome.error is not None
    assert "KeyboardInterrupt" in outcome.error


def test_names_with_markup_are_text(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch
box = {"<img src=x onerror=alert(1)>": torch.ones(1), "\\u2028\\ud800": torch.ones(2), "é": torch.ones(3)}
größe = torch.ones(4)
Bad = type("<script>", (torch.Tensor,), {}); bad = torch.ones(5).as_subclass(Bad)
""")
    listing = caller.list()
    assert "box['<img src=x onerror=alert(1)>']" in listing.names
    assert listing["bad"]["type"] == "<script>"
    assert listing["größe"]["shape"] == [4]
    assert probe.misnamed(listing) == []
    for row in listing.rows:
        caller.detail(row["id"], values="slice")
