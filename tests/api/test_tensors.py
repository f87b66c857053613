"""``dlkit.tensors()``: what is listed, in which order, and that nothing is kept by looking."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

import jupyter_dlkit as dlkit
from jupyter_dlkit.kernel.carry import attach_content
from tests import second_device
from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT

from .conftest import said

CHAPTER = """
x = torch.arange(12, dtype=torch.float32).reshape(3, 4)
view = x[1]
same = x
model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
loss = model(x).square().mean()
loss.backward()
adam = torch.optim.Adam(model.parameters())
adam.step()
batch = dict(image=torch.zeros(2, 3), label=[torch.tensor(1)])
arr = np.zeros(5, dtype=np.int16)
"""


# In kernels, on both stacks ------------------------------------------------------------


def test_every_kind_of_owner_is_listed(cell: LiveKernel) -> None:
    cell.run(CHAPTER)
    cell.run("torch.ones(7)")  # an output
    rows = said(cell, "[(r.name, r.owner, r.group) for r in dlkit.tensors()]")
    listed = {name: (owner, group) for name, owner, group in ast.literal_eval(rows)}
    assert listed["x"] == ("variable", None)
    assert listed["model[0].weight"] == ("parameter", "model")
    assert listed["model[0].weight.grad"] == ("gradient", "model")
    assert listed["model[1].running_mean"] == ("buffer", "model")
    assert listed["batch['image']"] == ("container", "batch")
    assert listed["batch['label'][0]"] == ("container", "batch")
    assert listed["arr"] == ("variable", None)
    assert listed["loss"] == ("variable", None)
    assert {owner for owner, _ in listed.values()} == {
        "variable", "parameter", "gradient", "buffer", "optimizer", "container", "output",
    }  # fmt: skip
    assert said(cell, "dlkit.tensors()['x'].aliases, dlkit.tensors()['same'].name") == "('same',) x"
    cell.run("row = dlkit.tensors()['view']")
    assert said(cell, "row.is_view, row.storage.bytes, row.storage.shared_by") == "True 48 1"
    assert said(cell, "dlkit.tensors()['loss'].grad_fn") == "MeanBackward0"


def test_holding_a_list_holds_no_tensor(cell: LiveKernel) -> None:
    cell.run("x = torch.ones(1 << 20, device='toy')\ny = x[:5]\nbox = [x, {'deep': x.view(2, -1)}]")
    assert said(cell, "toy.memory_allocated(0)") == str(4 << 20)
    cell.run("t = dlkit.tensors()\nt")
    cell.run("from IPython.display import display\ndisplay(t, dlkit.tensors('x'))")
    assert said(cell, "t['x'].storage.bytes, t.totals['toy:0'].bytes") == f"{4 << 20} {4 << 20}"
    assert said(cell, "len([r for r in dlkit.tensors() if r.owner == 'output'])") == "0"
    cell.run("del x, y, box")
    assert said(cell, "toy.memory_allocated(0), t['x'].shape") == "0 (1048576,)"


def test_gradients_are_read_on_the_main_thread_only(cell: LiveKernel) -> None:
    cell.run(CHAPTER)
    other = "from threading import Thread\nfound = []\n"
    other += "thread = Thread(target=lambda: found.append(dlkit.tensors()))\n"
    cell.run(other + "thread.start(); thread.join()")
    here, there = "dlkit.tensors()", "found[0]"
    for seen, count, node in ((here, "4", "MeanBackward0"), (there, "0", "None")):
        grads = f"len([r for r in {seen} if r.owner == 'gradient']), {seen}['loss'].grad_fn"
        assert said(cell, grads) == f"{count} {node}"
    assert said(cell, "found[0].gradients_taken_at") == "None"
    assert said(cell, "found[0]['model[0].weight'].shape") == "(3, 4)"


def test_inside_of_a_backward_autograd_is_left_alone(cell: LiveKernel) -> None:
    cell.run("w = torch.ones(3, requires_grad=True)\nseen = []")
    cell.run("(w * 2).sum().backward()")
    hook = "w.register_hook(lambda grad: seen.append(dlkit.tensors()) or None)\n"
    cell.run(hook + "(w * w).sum().backward()")
    assert said(cell, "[r.name for r in seen[0]]") == "['w']"
    assert said(cell, "[r.name for r in dlkit.tensors()]") == "['w', 'w.grad']"


def test_beside_the_servers_agent(cell: LiveKernel) -> None:
    cell.run(CHAPTER)
    assert cell.control("execute_request", attach_content())["content"]["status"] == "ok"
    first = said(cell, "len(dlkit.tensors()), dlkit.tensors()['view'].bytes")
    assert first == "29 16"
    assert said(cell, "'_jupyter_dlkit_agent' in sys.modules") == "True"


def test_locals_of_a_function_and_own_results_are_not_listed(cell: LiveKernel) -> None:
    cell.run("x = torch.ones(2)")
    cell.run("def f():\n    inner = torch.ones(3)\n    return dlkit.tensors()\nt = f()\nu = [t]")
    assert said(cell, "[r.name for r in t], [r.name for r in dlkit.tensors()]") == "['x'] ['x']"


def test_a_users_torch_modes_and_classes_do_not_matter(cell: LiveKernel) -> None:
    cell.run("""
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
asked = []
class Functions(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        asked.append(function)
        return function(*args, **(kwargs or {}))
class Dispatches(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        asked.append(function)
        return function(*args, **(kwargs or {}))
class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        asked.append(function)
        return super().__torch_function__(function, types, args, kwargs or {})
m = torch.ones(2).as_subclass(Mine)
asked.clear()
with Functions(), Dispatches():
    t = dlkit.tensors()
""")
    assert said(cell, "len(asked), t['m'].type, t['m'].device") == "0 Mine cpu"


# In this process: a script, without IPython's shell ----------------------------------------


@pytest.fixture
def made(variables: dict[str, Any]) -> dict[str, Any]:
    layers = [torch.nn.Linear(2, 2, bias=False) for _ in range(11)]
    variables.update(
        x=torch.zeros(3, 4),
        big=torch.zeros(10, 10, dtype=torch.float64),
        n=np.zeros((2, 2, 2), dtype=np.float32),
        model=torch.nn.Sequential(*layers),
    )
    return variables


def names(listed: Any) -> list[str]:
    return [row.name for row in listed]


def test_sorted_by_name_as_a_person_counts(made: dict[str, Any]) -> None:
    assert names(dlkit.tensors())[:4] == ["big", "model[0].weight", "model[1].weight",
                                          "model[2].weight"]  # fmt: skip
    assert names(dlkit.tensors())[-3:] == ["model[10].weight", "n", "x"]
    assert names(dlkit.tensors(descending=True))[0] == "x"


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("bytes", "big", "model[10].weight"),
        ("shape", "big", "model[10].weight"),
        ("rank", "n", "model[10].weight"),
    ],
)
def test_sorted_by_a_size_the_largest_first(
    made: dict[str, Any], sort: str, first: str, last: str
) -> None:
    made.pop("x")
    listed = names(dlkit.tensors(sort=sort))
    assert listed[0] == first
    if sort != "shape":
        assert listed[-1] == last  # of equal ones in the order of the module
    assert names(dlkit.tensors(sort=sort, descending=False))[-1] == first


def test_text_is_looked_for_as_in_the_panel(made: dict[str, Any]) -> None:
    assert names(dlkit.tensors("float64")) == ["big"]
    assert names(dlkit.tensors("model[1]")) == ["model[1].weight"]
    assert names(dlkit.tensors("NDARRAY")) == ["n"]
    assert names(dlkit.tensors("model[1*]*")) == ["model[1].weight", "model[10].weight"]
    assert names(dlkit.tensors("?")) == ["n", "x"]
    assert dlkit.tensors("*.weight").total == 11


def test_a_page_says_how_many_there_are(made: dict[str, Any]) -> None:
    page = dlkit.tensors(sort="bytes", limit=2)
    assert (len(page), page.total, page.totals["cpu"].tensors) == (2, 14, 14)
    assert names(page[1:]) == names(page)[1:]
    assert len(dlkit.tensors(limit=0)) == 0


def test_nothing_to_show_is_said(made: dict[str, Any]) -> None:
    assert dlkit.tensors("nonesuch").note == "None of the 14 tensors here is like 'nonesuch'."
    assert dlkit.tensors("x", device="meta").note == (
        "None of the 14 tensors here is on meta and is like 'x'."
    )
    made.clear()
    assert dlkit.tensors().note == "No variable here is, or holds, a tensor."
    assert dlkit.tensors().to_dict()["tensors"] == []


def test_devices_are_asked_for_by_name_or_by_kind(made: dict[str, Any]) -> None:
    second_device.load()
    made["there"] = torch.zeros(2, device="toy:1")
    for device in ("toy", "toy:1", torch.device("toy", 1)):
        assert names(dlkit.tensors(device=device)) == ["there"]
    assert names(dlkit.tensors(device="toy:0")) == []
    assert len(dlkit.tensors(device="cpu")) == 14


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"device": "cudaa:0"}, "There is no device 'cudaa:0' here. There is cpu"),
        ({"sort": "byte"}, "Tensors cannot be sorted by 'byte'. Did you mean bytes?"),
        (
            {"sort": "q"},
            "Tensors cannot be sorted by 'q'."
            " Sort by one of name, bytes, shape, dtype, device, rank.",
        ),
        ({"limit": -1}, "A limit is a whole number, 0 or more, not -1."),
        ({"pattern": 3}, "A pattern is text, not int."),
    ],
)
def test_a_wrong_option_is_a_sentence(
    made: dict[str, Any], options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(dlkit.DLKitError) as raised:
        dlkit.tensors(**options)
    assert str(raised.value).startswith(sentence)


def test_a_name_that_is_not_in_the_list_is_a_sentence(made: dict[str, Any]) -> None:
    listed = dlkit.tensors()
    assert "x" in listed and "model[0].weight" in listed and "nonesuch" not in listed
    with pytest.raises(dlkit.DLKitError, match=r"called 'modle\[0\].weight'. Did you mean model"):
        listed["modle[0].weight"]


def test_a_script_without_torch_or_ipython_imports_nothing() -> None:
    code = """
import sys
import jupyter_dlkit as dlkit
t = dlkit.tensors()
print(t.note, t.torch, len(t))
print(dlkit.devices().note)
dlkit.check_broadcast((3, 1), (4,))
foreign = {"torch", "numpy", "IPython", "pandas", "jupyter_server", "rich"} & set(sys.modules)
print(sorted(foreign))
import numpy
y = numpy.zeros(3)
print([row.name for row in dlkit.tensors()])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.splitlines() == [
        "Nothing here has imported torch or NumPy: there are no tensors. None 0",
        "This kernel has not imported torch.",
        "[]",
        "['y']",
    ], done.stderr
