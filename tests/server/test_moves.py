"""Moving over HTTP: previews, results, refusals, undoing; on the second device of the tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.watching import Watching

SETUP = """
import torch
from tests.second_device import load
toy = load()
x = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
row = x[0]
model = torch.nn.Linear(3, 2)
"""


@pytest.fixture(name="equipped")
def _equipped(kernel: ServedKernel) -> ServedKernel:
    kernel.run(SETUP, timeout=120)
    return kernel


def post(server: LiveServer, kernel: ServedKernel, **body: Any) -> Any:
    """``POST kernels/{id}/moves``; not checked for its status."""
    address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/moves"
    return server.http.post(address, json=body, timeout=60)


def moved(answer: Any) -> dict[str, Any]:
    """A ``Move`` that was answered at once."""
    assert answer.status_code == 200, answer.text
    return dict(fits(answer.json(), "Move"))


def rows(server: LiveServer, kernel: ServedKernel) -> dict[str, Any]:
    """Rows of the list by name."""
    answer = fits(server.dlkit(f"kernels/{kernel.id}/tensors"), "TensorList")
    return {row["name"]: row for row in answer["tensors"]}


def test_a_preview_says_what_would_move_and_changes_nothing(
    server: LiveServer, equipped: ServedKernel
) -> None:
    answer = moved(post(server, equipped, targets=["x"], device="toy", dry_run=True))
    assert answer["state"] == "preview"
    assert answer["device"] == "toy:0"
    assert [row["name"] for row in answer["moved"]] == ["x", "row"]
    assert answer["total_bytes"] == 24
    assert equipped.run("print(x.device, toy.memory_allocated(0))") == "cpu 0\n"


def test_a_tensor_in_the_memory_of_an_array_is_moved_by_its_row(
    server: LiveServer, equipped: ServedKernel
) -> None:
    equipped.run("import numpy; array = numpy.ones(5); shared = torch.from_numpy(array)")
    target = {"id": rows(server, equipped)["shared"]["id"], "path": "shared"}
    done = moved(post(server, equipped, targets=[target], device="toy"))
    assert done["state"] == "done"
    assert any("array" in warning for warning in done["warnings"])
    assert equipped.run("print(shared.device, array.sum())") == "toy:0 5.0\n"


def test_a_move_is_complete_and_is_undone(server: LiveServer, equipped: ServedKernel) -> None:
    listed = rows(server, equipped)
    target = {"id": listed["x"]["id"], "path": "x"}
    done = moved(post(server, equipped, targets=[target], device="toy:0"))
    assert done["state"] == "done"
    assert done["bytes"]["toy:0"] == {"before": 0, "after": 24}
    assert done["moved"][0]["tensor_id"] == listed["x"]["id"]
    said = equipped.run("print(x.device, row.device, x.tolist())")
    assert said == "toy:0 toy:0 [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]\n"
    assert rows(server, equipped)["row"]["device"] == "toy:0"

    address = f"{server.url}jupyter_dlkit/kernels/{equipped.id}/moves/{done['id']}"
    assert fits(server.http.get(address, timeout=60).json(), "Move")["state"] == "done"
    undone = moved(server.http.post(address + "/undo", timeout=60))
    assert undone["state"] == "undone"
    assert equipped.run("print(x.device, toy.memory_allocated(0))") == "cpu 0\n"
    refused(server.http.post(address + "/undo", timeout=60), 409)


def test_a_move_whose_undoing_fails_can_still_be_undone(
    server: LiveServer, equipped: ServedKernel
) -> None:
    done = moved(post(server, equipped, targets=["model"], device="toy"))
    equipped.run("loss = model(torch.ones(1, 3, device='toy')).sum()")
    undo = f"{server.url}jupyter_dlkit/kernels/{equipped.id}/moves/{done['id']}/undo"
    failed = moved(server.http.post(undo, timeout=60))
    assert (failed["state"], failed["can_undo"]) == ("failed", True)
    assert failed["message"].startswith("Nothing was put back")
    assert "loss" in failed["message"]
    equipped.run("loss.backward()")
    assert moved(server.http.post(undo, timeout=60))["state"] == "undone"
    assert equipped.run("print(model.weight.device, model.weight.grad.device)") == "cpu cpu\n"


def test_a_name_that_means_another_object_now_is_409_and_nothing_moves(
    server: LiveServer, equipped: ServedKernel
) -> None:
    identity = rows(server, equipped)["x"]["id"]
    equipped.run("old = x; x = torch.zeros(5)")
    target = {"id": identity, "path": "x"}
    refused(post(server, equipped, targets=[target], device="toy"), 409, "changed")
    assert equipped.run("print(old.device, x.device)") == "cpu cpu\n"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"targets": ["nowhere"], "device": "toy"}, 404, "gone"),
        ({"targets": ["x"], "device": "toy:7"}, 400, "no_such_device"),
        ({"targets": ["x"], "device": "warp"}, 400, "no_such_device"),
        ({"targets": ["x"], "device": "meta"}, 400, "meta"),
        ({"targets": ["toy"], "device": "toy"}, 404, "nothing_to_move"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_moves(
    server: LiveServer, equipped: ServedKernel, body: dict[str, Any], status: int, code: str
) -> None:
    refused(post(server, equipped, **body), status, code)
    assert equipped.run("print(x.device, toy.memory_allocated(0))") == "cpu 0\n"


def test_a_bad_body_is_400_with_the_field(server: LiveServer, kernel: ServedKernel) -> None:
    for body, field in (
        ({"device": "cpu"}, "targets"),
        ({"targets": ["a"]}, "device"),
        ({"targets": [], "device": "cpu"}, "targets"),
        ({"targets": ["a"], "device": 3}, "device"),
        ({"targets": ["a"], "device": "cpu", "fast": True}, "fast"),
    ):
        error = refused(post(server, kernel, **body), 400)["error"]
        assert field in error["message"]


def test_refused_tensors_are_named_and_nothing_moves(
    server: LiveServer, equipped: ServedKernel
) -> None:
    equipped.run("y = (model(torch.ones(1, 3)) * 2).sum()")
    answer = post(server, equipped, targets=["y"], device="toy")
    body = refused(answer, 409)
    assert [row["name"] for row in body["refused"]] == ["y"]
    assert {a["how"] for a in body["refused"][0]["alternatives"]} == {"rebind", "copy"}
    # The model is needed by the graph of y; with force it moves.
    body = refused(post(server, equipped, targets=["model"], device="toy"), 409)
    assert body["refused"][0]["forcible"]
    assert equipped.run("print(model.weight.device)") == "cpu\n"
    done = moved(post(server, equipped, targets=["y"], device="toy", how="copy"))
    assert done["state"] == "done"
    assert equipped.run("print(y.device, y.requires_grad)") == "toy:0 False\n"


def test_a_move_is_told_on_the_stream(server: LiveServer, equipped: ServedKernel) -> None:
    with Watching(server) as one, Watching(server) as other:
        for stream in (one, other):
            stream.watch(equipped.id)
            stream.until("tensors")
        moved(post(server, equipped, targets=["model"], device="toy"))
        for stream in (one, other):
            told = stream.until("move", lambda m: m["data"]["state"] == "done")
            assert fits(told["data"], "Move")["code"] == "model.to('toy:0')"
            changed = stream.until(
                "tensors", lambda m: "model.weight" in m["data"]["columns"]["name"]
            )
            assert "toy:0" in changed["data"]["columns"]["device"]


def test_a_kernel_without_torch_says_so(server: LiveServer, kernel: ServedKernel) -> None:
    error = refused(post(server, kernel, targets=["a"], device="cpu"), 409)["error"]
    assert "torch" in error["message"]
