"""A move or a deletion in a kernel that is busy: queued, cancelled, lost with its kernel."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_moves import SETUP, post, rows
from tests.server.until import until

#: Runs until the file that it is told to wait for is there.
WAIT = """
import os, time
print('waiting', flush=True)
while not os.path.exists({gate!r}):
    time.sleep(0.01)
"""


def busy(server: LiveServer, kernel: ServedKernel) -> tuple[str, Any]:
    """A running cell, and what ends it."""
    gate = server.folder / f"gate-{kernel.id}"
    cell = kernel.start(WAIT.format(gate=str(gate)))
    kernel.wait_for_output(cell, "waiting")
    return cell, gate.touch


def change(server: LiveServer, kernel: ServedKernel, identity: str, kind: str = "Move") -> Any:
    return fits(server.dlkit(f"kernels/{kernel.id}/moves/{identity}"), kind)


def test_a_move_waits_for_the_running_cell_and_all_that_are_queued(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run(SETUP, timeout=120)
    _, end = busy(server, kernel)
    following = [
        kernel.start("x = x + 1\nwas = str(x.device)"),
        kernel.start("again = str(x.device)"),
    ]
    answer = post(server, kernel, targets=["x"], device="toy")
    assert answer.status_code == 202, answer.text
    queued = fits(answer.json(), "Move")
    assert queued["state"] == "queued"
    assert change(server, kernel, queued["id"])["state"] == "queued"
    end()
    kernel.finish(following[-1])
    done = until(lambda: (m := change(server, kernel, queued["id"]))["state"] == "done" and m)
    assert done["moved"][0]["name"] == "x"
    assert kernel.run("print(was, again, x.device)") == "cpu cpu toy:0\n"


def test_a_queued_move_is_cancelled_and_a_finished_one_is_not(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run(SETUP, timeout=120)
    cell, end = busy(server, kernel)
    queued = fits(post(server, kernel, targets=["x"], device="toy").json(), "Move")
    address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/moves/{queued['id']}"
    cancelled = fits(server.http.delete(address, timeout=60).json(), "Move")
    assert cancelled["state"] == "cancelled"
    end()
    kernel.finish(cell)
    assert kernel.run("print(x.device)") == "cpu\n"
    assert change(server, kernel, queued["id"])["state"] == "cancelled"
    done = post(server, kernel, targets=["x"], device="toy").json()
    refused(server.http.delete(address.replace(queued["id"], done["id"]), timeout=60), 409)
    refused(server.http.delete(address.replace(queued["id"], "none"), timeout=60), 404)


def test_a_restart_fails_a_queued_move_in_words(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run(SETUP, timeout=120)
    busy(server, kernel)
    queued = fits(post(server, kernel, targets=["x"], device="toy").json(), "Move")
    restarting = threading.Thread(target=kernel.restart)
    pid = next(k["pid"] for k in server.dlkit("kernels")["kernels"] if k["id"] == kernel.id)
    restarting.start()
    os.kill(int(pid), signal.SIGKILL)  # it would wait for the cell
    restarting.join(60)
    failed = until(lambda: (m := change(server, kernel, queued["id"]))["state"] == "failed" and m)
    assert "restart" in failed["message"] or "died" in failed["message"]


def test_deleting_says_what_still_holds_it(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run(SETUP + "z = torch.zeros(1000)\nheld = [z]\nbatch = {'z': z}", timeout=120)
    listed = rows(server, kernel)["z"]
    address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/tensors/{listed['id']}"
    answer = server.http.delete(address, params={"path": "z"}, timeout=60)
    assert answer.status_code == 200, answer.text
    deleted = fits(answer.json(), "Deletion")
    assert deleted["state"] == "done"
    assert set(deleted["deleted"]) == {"z", "batch['z']"}
    assert deleted["still_held_by"] == ["held[0]"]
    assert kernel.run("print('z' in globals(), batch, held[0].shape)") == (
        "False {} torch.Size([1000])\n"
    )
    refused(server.http.delete(address, params={"path": "z"}, timeout=60), 404)


def test_deleting_while_a_cell_runs_waits_and_frees_the_memory(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run(SETUP + "z = torch.zeros(1000)", timeout=120)
    listed = rows(server, kernel)["z"]
    cell, end = busy(server, kernel)
    address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/tensors/{listed['id']}"
    answer = server.http.delete(address, params={"path": "z"}, timeout=60)
    assert answer.status_code == 202, answer.text
    queued = fits(answer.json(), "Deletion")
    end()
    kernel.finish(cell)
    done = until(
        lambda: (m := change(server, kernel, queued["id"], "Deletion"))["state"] == "done" and m
    )
    assert done["deleted"] == ["z"]
    assert done["still_held_by"] == []
    before, after = done["bytes"]["cpu"]["before"], done["bytes"]["cpu"]["after"]
    assert before - after == 4000
