"""Deleting over HTTP: previews, rows and groups, the queue, the stream."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_move_queue import busy, change
from tests.server.test_moves import SETUP, rows
from tests.server.until import until
from tests.server.watching import Message, Watching

MORE = """
z = torch.zeros(1000)
same = z
held = [torch.zeros(10)]
optimizer = torch.optim.SGD([model.weight], lr=0.1)
"""


@pytest.fixture(name="equipped")
def _equipped(kernel: ServedKernel) -> ServedKernel:
    kernel.run(SETUP + MORE, timeout=120)
    return kernel


def delete(server: LiveServer, kernel: ServedKernel, address: str, **query: Any) -> Any:
    """``DELETE kernels/{id}/{address}``; not checked for its status."""
    below = f"{server.url}jupyter_dlkit/kernels/{kernel.id}"
    return server.http.delete(f"{below}/{address}", params=query, timeout=60)


def row(server: LiveServer, kernel: ServedKernel, name: str) -> str:
    """The address of a row."""
    return f"tensors/{rows(server, kernel)[name]['id']}"


def answered(answer: requests.Response, state: str, status: int = 200) -> dict[str, Any]:
    """A ``Deletion`` in that state."""
    assert answer.status_code == status, answer.text
    said = dict(fits(answer.json(), "Deletion"))
    assert said["state"] == state, said
    return said


def freed(said: dict[str, Any]) -> int:
    measured = said["bytes"]["cpu"]
    return int(measured["before"] - measured["after"])


def told_of(stream: Watching, deletion: str, state: str) -> Message:
    return stream.until(
        "deletion", lambda m: m["data"]["id"] == deletion and m["data"]["state"] == state
    )


def test_a_preview_of_a_row_changes_nothing(server: LiveServer, equipped: ServedKernel) -> None:
    address = row(server, equipped, "z")
    said = answered(delete(server, equipped, address, path="z", dry_run=1), "preview")
    assert (said["id"], set(said["deleted"]), said["still_held_by"]) == (None, {"z", "same"}, [])
    assert freed(said) == 4000
    assert equipped.run("print(z is same)") == "True\n"
    done = answered(delete(server, equipped, address, path="z", dry_run=0), "done")
    assert set(done["deleted"]) == set(said["deleted"])
    assert freed(done) == 4000
    assert equipped.run("print('z' in globals(), 'same' in globals())") == "False False\n"
    error = refused(delete(server, equipped, "tensors/1", path="z", dry_run=2), 400)["error"]
    assert "dry_run" in error["message"]


def test_a_preview_while_a_cell_runs(server: LiveServer, equipped: ServedKernel) -> None:
    address = row(server, equipped, "z")
    cell, end = busy(server, equipped)
    said = answered(delete(server, equipped, address, path="z", dry_run=1), "preview")
    assert freed(said) == 4000
    assert said["kernel_state"] == "busy"
    end()
    equipped.finish(cell)
    assert equipped.run("print(z is same)") == "True\n"


def test_a_row_that_is_another_object_now_is_409(
    server: LiveServer, equipped: ServedKernel
) -> None:
    address = row(server, equipped, "z")
    equipped.run("z = torch.ones(7)")
    for dry_run in (0, 1):
        answer = delete(server, equipped, address, path="z", dry_run=dry_run)
        error = refused(answer, 409, "changed")["error"]
        assert "z" in error["message"]
    assert equipped.run("print(z.shape, same.shape)") == "torch.Size([7]) torch.Size([1000])\n"


def test_a_row_that_is_another_object_when_its_turn_comes(
    server: LiveServer, equipped: ServedKernel
) -> None:
    address = row(server, equipped, "z")
    _, end = busy(server, equipped)
    last = equipped.start("z = torch.ones(7)")
    queued = answered(delete(server, equipped, address, path="z"), "queued", 202)
    end()
    equipped.finish(last)
    said = until(
        lambda: (c := change(server, equipped, queued["id"], "Deletion"))["state"] == "failed" and c
    )
    assert "another object" in said["message"]
    assert said["hint"]
    assert equipped.run("print(z.shape, same.shape)") == "torch.Size([7]) torch.Size([1000])\n"


def test_a_queued_deletion_is_told_of_and_cancelled(
    server: LiveServer, equipped: ServedKernel
) -> None:
    address = row(server, equipped, "z")
    with Watching(server) as one, Watching(server) as late:
        one.watch(equipped.id)
        one.until("tensors")
        cell, end = busy(server, equipped)
        queued = answered(delete(server, equipped, address, path="z"), "queued", 202)
        assert queued["message"].startswith("z will be deleted when the running cell")
        late.watch(equipped.id)
        for stream in (one, late):
            told = told_of(stream, queued["id"], "queued")["data"]
            assert fits(told, "Deletion")["message"] == queued["message"]
        where = f"moves/{queued['id']}"
        said = answered(delete(server, equipped, where), "cancelled")
        assert said["message"] == "Cancelled; nothing was deleted."
        for stream in (one, late):
            told_of(stream, queued["id"], "cancelled")
        refused(delete(server, equipped, where), 409, "has_ended")
        end()
        equipped.finish(cell)
    assert equipped.run("print(z is same)") == "True\n"


def test_a_deletion_is_told_on_the_stream(server: LiveServer, equipped: ServedKernel) -> None:
    listed = rows(server, equipped)["z"]["id"]
    with Watching(server) as one, Watching(server) as other:
        for stream in (one, other):
            stream.watch(equipped.id)
            stream.until("tensors")
        done = answered(delete(server, equipped, f"tensors/{listed}", path="z"), "done")
        for stream in (one, other):
            told = told_of(stream, done["id"], "done")["data"]
            assert set(fits(told, "Deletion")["deleted"]) == {"z", "same"}
            stream.until("tensors", lambda m: listed in m["data"]["removed"])


def test_a_group_and_who_still_has_some_of_it(server: LiveServer, equipped: ServedKernel) -> None:
    listed = fits(server.dlkit(f"kernels/{equipped.id}/tensors"), "TensorList")["groups"]
    (group,) = [g for g in listed if g["name"] == "model"]
    query = {"group": group["name"], "type": group["type"]}
    said = answered(delete(server, equipped, "tensors", **query, dry_run=1), "preview")
    assert equipped.run("print('model' in globals())") == "True\n"
    done = answered(delete(server, equipped, "tensors", **query), "done")
    for answer in (said, done):
        assert (answer["name"], answer["deleted"], answer["kept"]) == ("model", ["model"], [])
        assert answer["still_held_by"] == ["optimizer"]
        assert freed(answer) == 8  # the bias; the weight is in the optimizer
    assert equipped.run("print('model' in globals())") == "False\n"
    gone = answered(delete(server, equipped, "tensors", group="optimizer"), "done")
    assert freed(gone) == 24
    refused(delete(server, equipped, "tensors", **query), 404)


def test_what_a_group_is_refused_for(server: LiveServer, equipped: ServedKernel) -> None:
    equipped.run("model = torch.nn.Sequential(model)")
    answer = delete(server, equipped, "tensors", group="model", type="Linear")
    assert "Sequential" in refused(answer, 409, "changed")["error"]["message"]
    assert "group" in refused(delete(server, equipped, "tensors"), 400)["error"]["message"]
    refused(delete(server, equipped, "tensors", group="1 + 1"), 400)
    kept = answered(delete(server, equipped, "tensors", group="model[0]"), "done")
    assert (kept["deleted"], kept["kept"]) == ([], ["model[0]"])
    assert equipped.run("print(len(model))") == "1\n"


def test_a_group_while_a_cell_runs(server: LiveServer, equipped: ServedKernel) -> None:
    cell, end = busy(server, equipped)
    queued = answered(delete(server, equipped, "tensors", group="held"), "queued", 202)
    end()
    equipped.finish(cell)
    done = until(
        lambda: (c := change(server, equipped, queued["id"], "Deletion"))["state"] == "done" and c
    )
    assert done["deleted"] == ["held"]
    assert freed(done) == 40
