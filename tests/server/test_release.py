"""Releasing over HTTP: measured, previewed, queued behind a running cell, told on the stream."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_move_queue import busy, change
from tests.server.test_moves import SETUP
from tests.server.until import until
from tests.server.watching import Watching

ALLOCATED = "print(toy.memory_allocated(0), toy.memory_allocated(1))"


@pytest.fixture(name="equipped")
def _equipped(kernel: ServedKernel) -> ServedKernel:
    kernel.run(SETUP, timeout=120)
    return kernel


def post(server: LiveServer, kernel: ServedKernel, *what: Any, **more: Any) -> requests.Response:
    """``POST release``; not checked for its status."""
    address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/release"
    return server.http.post(address, json={"what": list(what), **more}, timeout=60)


def released(answer: requests.Response, state: str, status: int = 200) -> dict[str, Any]:
    """A ``Release`` in that state."""
    assert answer.status_code == status, answer.text
    said = dict(fits(answer.json(), "Release"))
    assert said["state"] == state, said
    return said


def test_outputs_and_the_last_exception(server: LiveServer, equipped: ServedKernel) -> None:
    equipped.run("torch.ones(1000, device='toy:0')")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        equipped.run("def fail():\n  batch = torch.ones(500, device='toy:1')\n  1 / 0\nfail()")
    assert equipped.run(ALLOCATED) == "4000 2000\n"
    what = ["last_exception", "output_history"]
    preview = released(post(server, equipped, *what, dry_run=True), "preview")
    assert equipped.run(ALLOCATED) == "4000 2000\n"
    done = released(post(server, equipped, *what), "done")
    for answer in (preview, done):
        freed = {(row["what"], row["device"]): row["freed"] for row in answer["released"]}
        assert freed[what[0], "toy:1"] == 2000, answer
        assert freed[what[1], "toy:0"] == 4000, answer
    assert equipped.run(ALLOCATED) == "0 0\n"
    again = released(post(server, equipped, *what), "done")
    assert "nothing" in again["message"], again


def test_it_waits_for_the_running_cell_and_can_be_cancelled(
    server: LiveServer, equipped: ServedKernel
) -> None:
    equipped.run("torch.ones(1000, device='toy:0')")
    cell, end = busy(server, equipped)
    refused(post(server, equipped, "output_history", dry_run=True), 409, "busy")
    with Watching(server) as stream:
        stream.watch(equipped.id)
        first = released(post(server, equipped, "output_history"), "queued", 202)
        assert first["message"].startswith("the outputs of cells will be released when")
        second = released(post(server, equipped, "garbage"), "queued", 202)
        address = f"{server.url}jupyter_dlkit/kernels/{equipped.id}/moves/{second['id']}"
        assert released(server.http.delete(address, timeout=60), "cancelled")
        end()
        equipped.finish(cell)
        told = stream.until(
            "release", lambda m: (m["data"]["id"], m["data"]["state"]) == (first["id"], "done")
        )
    assert told["data"]["released"][0]["freed"] == 4000
    undo = f"{server.url}jupyter_dlkit/kernels/{equipped.id}/moves/{first['id']}/undo"
    refused(server.http.post(undo, timeout=60), 409, "cannot_undo")
    assert until(lambda: change(server, equipped, second["id"], "Release"))["state"] == "cancelled"
    assert equipped.run(ALLOCATED) == "0 0\n"


def test_what_is_wrong_with_the_request_is_said(server: LiveServer, equipped: ServedKernel) -> None:
    refused(post(server, equipped), 400)
    error = refused(post(server, equipped, "everything"), 400, "unknown_release")["error"]
    assert "'everything'" in error["message"] and "output_history" in error["hint"]
    assert "nobody" in refused(post(server, equipped, "name:nobody"), 404)["error"]["message"]
    assert "dry" in refused(post(server, equipped, "garbage", dry=1), 400)["error"]["message"]
