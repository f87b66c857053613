"""Checks of shapes over HTTP: without a kernel, and with the names of one."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_move_queue import busy

SETUP = """
import torch
import numpy as np
import torch.nn.functional as F
from torch import nn
x = torch.randn(4, 3)
w = torch.randn(4, 3)
b = torch.zeros(4)
p = torch.randn(4, 1)
batch = {"x": x, "y": torch.tensor([0, 1, 0, 1])}
net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(6, 2))
arr = np.zeros((3, 2))
count = 2
rows = [w, w]
hooked = nn.Linear(3, 7)
hooked.register_forward_hook(lambda module, inputs, output: output[:, :4])

class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        return self.fc(x)

class Trap:
    asked = []
    def __getattr__(self, name):
        Trap.asked.append(name)
        raise AttributeError(name)
    def __matmul__(self, other):
        Trap.asked.append("matmul")
    def __len__(self):
        Trap.asked.append("len")
        return 1
    @property
    def weight(self):
        Trap.asked.append("weight")

class Sub(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        Trap.asked.append(function)
        return super().__torch_function__(function, types, args, kwargs or {})

mine, trap = Mine(), Trap()
sub = torch.zeros(2, 2).as_subclass(Sub)
x.requires_grad_()
Trap.asked.clear()

def change():
    global x
    x = torch.zeros(3, 4)
"""


def post(server: LiveServer, path: str, body: Any) -> requests.Response:
    return server.http.post(f"{server.url}jupyter_dlkit/{path}", json=body, timeout=60)


def check(server: LiveServer, path: str, **request: Any) -> dict[str, Any]:
    answer = post(server, path, request)
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:1000]}"
    checked: dict[str, Any] = fits(answer.json(), "Check")
    return checked


def shapes(*given: list[int]) -> list[dict[str, Any]]:
    return [{"shape": shape} for shape in given]


# Without a kernel ------------------------------------------------------------------


def test_shapes_are_checked_without_a_kernel(server: LiveServer) -> None:
    answer = check(server, "check", operation="add", operands=shapes([8, 1, 6, 1], [7, 1, 5]))
    assert answer["result"] == {
        "shape": [8, 7, 6, 5], "dtype": "float32", "device": "cpu", "bytes": 6720
    }  # fmt: skip
    assert [one["position"] for one in answer["dimensions"]] == [-4, -3, -2, -1]
    failing = check(server, "check", operation="add", operands=shapes([2, 2], [3, 3]))
    assert not failing["ok"] and failing["result"] is None and failing["mends"] == []
    assert failing["problems"][0]["dimension"] == -1
    operands = [*shapes([3]), {"scalar": 2.5}]
    assert check(server, "check", operation="mul", operands=operands)["ok"]
    joined = check(
        server, "check", operation="cat", operands=shapes([4, 3], [4, 5]), arguments={"dim": 1}
    )
    assert joined["result"]["shape"] == [4, 8]


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ([], "bad_request", "body: is not an object"),
        ({}, "bad_request", "operation: is required"),
        ({"operation": "add"}, "bad_request", "operands: is required"),
        ({"operation": 3, "operands": []}, "bad_request", "operation: "),
        ({"operation": "add", "operands": {}}, "bad_request", "operands: "),
        ({"operation": "add", "operands": [3]}, "bad_request", "operands.0: is not an object"),
        ({"operation": "add", "operands": [{}]}, "bad_request", "operands.0: has one of"),
        ({"operation": "add", "operands": [{"shape": "3"}]}, "bad_request", "operands.0.shape: "),
        (
            {"operation": "add", "operands": [{"shape": [1], "colour": 1}]},
            "bad_request",
            "operands.0.colour: is not a field",
        ),
        ({"operation": "add", "operands": [], "more": 1}, "bad_request", "more: is not a field"),
        ({"source": 3}, "bad_request", "source: "),
        ({"source": "x", "kind": "notebook"}, "bad_request", "kind: "),
        ({"operation": "mathmul", "operands": []}, "unknown_operation", "matmul"),
        ({"operation": "add", "operands": shapes([-1], [1])}, "malformed", "negative"),
        ({"operation": "add", "operands": shapes([2**63], [1])}, "malformed", "2**63"),
        ({"operation": "add", "operands": shapes([1] * 65, [1])}, "malformed", "65 dimensions"),
        ({"operation": "add", "operands": shapes(*[[1]] * 100)}, "malformed", "add needs"),
        (
            {"operation": "sum", "operands": shapes([1]), "arguments": {"dimm": 1}},
            "unknown_argument",
            "dimm",
        ),
        ({"operation": "neg", "operands": [{"expression": "x"}]}, "needs_kernel", "operands.0"),
        ({"source": "x + 1"}, "needs_kernel", "source"),
    ],
)
def test_what_makes_no_sense_is_400_with_a_sentence(
    server: LiveServer, body: Any, code: str, said: str
) -> None:
    begun = time.monotonic()
    error = refused(post(server, "check", body), 400, code)["error"]
    assert time.monotonic() - begun < 5
    assert said in error["message"]


def test_a_body_that_is_no_json_or_too_long_is_400(server: LiveServer) -> None:
    address = f"{server.url}jupyter_dlkit/check"
    refused(server.http.post(address, data=b"{", timeout=20), 400, "bad_request")
    refused(server.http.post(address, data=b"[" * 100_000, timeout=20), 400, "bad_request")
    refused(server.http.post(address, data=b" " * 9_000_000, timeout=20), 400)


# With a kernel -----------------------------------------------------------------------


def test_operands_expressions_and_cells_have_the_kernels_names(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run(SETUP, timeout=120)
    path = f"kernels/{kernel.id}/check"

    operands = [{"expression": "batch['x']"}, {"expression": "w"}]
    clash = check(server, path, operation="matmul", operands=operands)
    assert [one["name"] for one in clash["operands"]] == ["batch['x']", "w"]
    assert clash["mends"][0]["expression"] in ("w.T", "batch['x'].T")
    mixed = [{"expression": "list(batch.values())[0]"}, {"shape": [3]}]
    assert check(server, path, operation="add", operands=mixed)["result"]["shape"] == [4, 3]
    array = [{"expression": "arr"}, {"scalar": 2}]
    assert check(server, path, operation="mul", operands=array)["result"]["dtype"] == "float64"
    in_layer = [{"expression": "mine.fc.weight"}, {"expression": "net[0].weight"}]
    assert not check(server, path, operation="add", operands=in_layer)["ok"]

    runs = check(server, path, source="F.relu(batch['x'] @ w.T + b)[:count]")
    assert runs["ok"] and runs["result"]["shape"] == [2, 4]
    assert [one["source"] for one in runs["steps"]][:2] == ["w.T", "batch['x'] @ w.T"]
    layer = check(server, path, source="net(x)")
    assert not layer["ok"] and layer["operands"][1]["name"] == "net[2].weight"
    trap = check(server, path, source="((p - b) ** 2).mean()")
    assert trap["ok"] and trap["warnings"][0]["code"] == "outer_product"
    for source in ("mine(x) + b", "hooked(x) + b", "sub @ sub.t()", "trap @ x", "trap.weight"):
        unknown = check(server, path, source=source)
        assert unknown["ok"] and unknown["undetermined"] and unknown["findings"] == [], source
    absent = check(server, path, source="missing + x")
    assert absent["problems"][0]["code"] == "no_such_name"
    assert "missing" in absent["problems"][0]["message"]

    cell = (
        "%matplotlib inline\nfor row in rows:\n    y = row @ x\n"
        "z = F.cross_entropy(net[0](x), batch['y'])\n"
    )
    found = check(server, path, source=cell, kind="cell")
    assert [(one["line"], one["source"]) for one in found["findings"]] == [(3, "row @ x")]
    assert found["findings"][0]["mends"]
    rebound = check(server, path, source="change()\ny = torch.zeros(5, 3) @ x", kind="cell")
    assert rebound["findings"] == []
    late = check(server, path, source="y = (", kind="cell")
    assert late["ok"] and "cannot be parsed" in late["undetermined"]

    # Nothing of the user's has run.
    assert kernel.run("print(mine.calls, Trap.asked, x.shape)") == "0 [] torch.Size([4, 3])\n"


def test_paths_that_lead_to_no_tensor_are_said(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run("x = [1]\nclass C: pass\nc = C()")
    path = f"kernels/{kernel.id}/check"

    def asked(expression: str) -> requests.Response:
        operands = [{"expression": expression}]
        return post(server, path, {"operation": "neg", "operands": operands})

    refused(asked("nothing"), 404, "gone")
    refused(asked("c.nothing"), 404, "gone")
    refused(asked("c"), 400, "not_a_tensor")
    refused(asked("print(1)"), 400, "not_a_path")
    refused(asked("x @ x"), 400, "not_a_path")
    refused(asked("x["), 400, "not_a_path")
    refused(post(server, path, {"source": "a b"}), 400, "cannot_parse")
    refused(post(server, path, {"source": "x + " * 90_000}), 400, "too_long")
    refused(post(server, path, {"operation": "nope", "operands": []}), 400, "unknown_operation")


def test_a_busy_kernel_answers_and_goes_on(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run(SETUP, timeout=120)
    path = f"kernels/{kernel.id}/check"
    check(server, path, source="x + 1")
    cell, end = busy(server, kernel)
    answer = check(server, path, source="x @ w.T + b")
    assert answer["result"]["shape"] == [4, 4]
    operands = [{"expression": "x"}, {"expression": "w"}]
    assert not check(server, path, operation="matmul", operands=operands)["ok"]
    # What a backward may be writing is not looked at.
    gradient = {"operation": "neg", "operands": [{"expression": "x.grad"}]}
    refused(post(server, path, gradient), 409, "gradient")
    assert check(server, path, source="x.grad + b")["result"] is None
    assert kernel.state == "busy"
    end()
    kernel.finish(cell)
    assert kernel.run("print(1 + 1)") == "2\n"


def test_a_cell_that_trains_is_not_disturbed(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run(SETUP, timeout=120)
    path = f"kernels/{kernel.id}/check"
    check(server, path, source="x + 1")  # attached, and the rules are there
    gate = server.folder / f"trained-{kernel.id}"
    cell = kernel.start(
        "import os\n"
        "model = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 1))\n"
        "print('training', flush=True)\n"
        "steps = 0\n"
        f"while not os.path.exists({str(gate)!r}):\n"
        "    loss = (model(x) ** 2).mean()\n"
        "    loss.backward()\n"
        "    steps += 1\n"
        "print('steps', steps > 0)\n"
    )
    kernel.wait_for_output(cell, "training")
    for _ in range(40):
        whole = "out = model(x)\nbad = out @ w\nfor q in model.parameters():\n    q.grad = None\n"
        found = check(server, path, source=whole, kind="cell")
        assert [one["line"] for one in found["findings"]] == [2]
    gate.touch()
    assert "steps True" in kernel.finish(cell)


def test_the_default_dtype_of_the_kernel_is_not_guessed_at(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run("import torch\nx = torch.zeros(3, 2, dtype=torch.float64)", timeout=120)
    path = f"kernels/{kernel.id}/check"
    line = "y = torch.zeros(4, 3) @ x"
    assert check(server, path, source=line, kind="cell")["findings"]
    kernel.run("torch.set_default_dtype(torch.float64)")
    assert check(server, path, source=line, kind="cell")["findings"] == []
