"""A move from its queue to its end, seen by several clients; cancelled, undone, lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_life import pid_of
from tests.server.test_move_queue import WAIT, busy, change
from tests.server.test_moves import SETUP, moved, post
from tests.server.until import until
from tests.server.watching import Message, Watching

#: Makes the device take its time: each copy to it waits until the file is there.
SLOW = """
import os, time
def wait(device=None):
    while not os.path.exists({gate!r}):
        time.sleep(0.01)
toy.synchronize = wait
"""


@pytest.fixture(name="equipped")
def _equipped(kernel: ServedKernel) -> ServedKernel:
    kernel.run(SETUP, timeout=120)
    return kernel


def at(server: LiveServer, kernel: ServedKernel, move: str, more: str = "") -> str:
    return f"{server.url}jupyter_dlkit/kernels/{kernel.id}/moves/{move}{more}"


def queue(server: LiveServer, kernel: ServedKernel, *targets: str) -> str:
    """Asks a busy kernel for a move; its id."""
    answer = post(server, kernel, targets=list(targets), device="toy")
    assert answer.status_code == 202, answer.text
    queued = fits(answer.json(), "Move")
    assert queued["state"] == "queued"
    assert queued["message"].startswith(f"{targets[0]} will be moved to toy:0 when the running")
    return str(queued["id"])


@contextmanager
def running(server: LiveServer, kernel: ServedKernel) -> Iterator[tuple[str, Any]]:
    """A move that has begun and does not end before it is let; its id, and what lets it."""
    gate = server.folder / f"slow-{kernel.id}"
    kernel.run(SLOW.format(gate=str(gate)))
    answers: list[requests.Response] = []

    def ask() -> None:
        answers.append(post(server, kernel, targets=["x"], device="toy"))

    with Watching(server) as stream:
        stream.watch(kernel.id)
        asking = threading.Thread(target=ask)
        asking.start()
        told = stream.until("move", lambda m: m["data"]["state"] == "running")
    assert told["data"]["message"] == "x: being moved to toy:0."
    try:
        yield told["data"]["id"], gate.touch
    finally:
        gate.touch()
        asking.join(60)
    assert answers[0].status_code in (200, 202)


def told_of(stream: Watching, move: str, state: str, within: float = 20.0) -> Message:
    return stream.until(
        "move", lambda m: m["data"]["id"] == move and m["data"]["state"] == state, within
    )


def busy_to_the_end(server: LiveServer, kernel: ServedKernel) -> None:
    """A running cell that takes no notice of the interrupt that jupyter_client sends before it
    ends a kernel: nothing queued behind it gets its turn."""
    gate = server.folder / f"gate-{kernel.id}"
    # In the cell itself: ipykernel 6 sets the handler anew for each.
    deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    kernel.wait_for_output(kernel.start(deaf + WAIT.format(gate=str(gate))), "waiting")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_cells_sent_after_a_move_run_after_it_and_those_before_it_before(
    server: LiveServer, equipped: ServedKernel
) -> None:
    equipped.run("seen = []")
    _, end = busy(server, equipped)
    for _ in range(4):
        equipped.start("seen.append(x.device.type)")
    move = queue(server, equipped, "x")
    last = [equipped.start("seen.append(x.device.type)") for _ in range(3)][-1]
    end()
    equipped.finish(last)
    assert change(server, equipped, move)["state"] == "done"
    assert equipped.run("print(*seen)") == "cpu cpu cpu cpu toy toy toy\n"


def test_a_cell_that_fails_does_not_take_the_queued_move_with_it(
    server: LiveServer, equipped: ServedKernel
) -> None:
    _, end = busy(server, equipped)
    equipped.start("1 / 0")
    move = queue(server, equipped, "x")
    end()
    until(lambda: change(server, equipped, move)["state"] == "done")
    assert until(lambda: equipped.run("print(x.device)")) == "toy:0\n"


def test_all_clients_and_newcomers_hear_of_a_queued_move(
    server: LiveServer, equipped: ServedKernel
) -> None:
    with Watching(server) as one, Watching(server) as two, Watching(server) as late:
        for stream in (one, two):
            stream.watch(equipped.id)
            stream.until("tensors")
        _, end = busy(server, equipped)
        moves = [queue(server, equipped, "x"), queue(server, equipped, "model")]
        late.watch(equipped.id)
        for stream in (one, two, late):
            waiting = {stream.until("move")["data"]["id"] for _ in moves}
            assert waiting == set(moves)
        end()
        for stream in (one, two, late):
            for move in moves:
                told_of(stream, move, "done")


def test_cancelling_is_told_at_once_and_the_kernel_moves_nothing(
    server: LiveServer, equipped: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(equipped.id)
        stream.until("tensors")
        cell, end = busy(server, equipped)
        move = queue(server, equipped, "x")
        said = moved(server.http.delete(at(server, equipped, move), timeout=20))
        assert (said["state"], said["message"]) == ("cancelled", "Cancelled; nothing was moved.")
        told_of(stream, move, "cancelled", within=2)
        refused(server.http.delete(at(server, equipped, move), timeout=20), 409, "has_ended")
        end()
        equipped.finish(cell)
    assert equipped.run("print(x.device)") == "cpu\n"
    assert change(server, equipped, move)["state"] == "cancelled"


def test_what_has_begun_is_not_cancelled(server: LiveServer, equipped: ServedKernel) -> None:
    with running(server, equipped) as (move, end):
        error = refused(server.http.delete(at(server, equipped, move), timeout=20), 409)["error"]
        assert error["code"] == "has_started"
        assert error["message"].startswith("x: ")
        end()
        until(lambda: change(server, equipped, move)["state"] == "done")
    assert equipped.run("print(x.device)") == "toy:0\n"


def test_an_undoing_waits_is_cancelled_and_is_asked_for_again(
    server: LiveServer, equipped: ServedKernel
) -> None:
    done = moved(post(server, equipped, targets=["x"], device="toy"))
    assert done["can_undo"]
    cell, end = busy(server, equipped)
    undo = at(server, equipped, done["id"], "/undo")
    queued = server.http.post(undo, timeout=20)
    assert queued.status_code == 202, queued.text
    assert fits(queued.json(), "Move")["state"] == "queued"
    refused(server.http.post(undo, timeout=20), 409, "not_ended")
    said = moved(server.http.delete(at(server, equipped, done["id"]), timeout=20))
    # The move stands: only its undoing was cancelled.
    assert (said["state"], said["can_undo"]) == ("done", True)
    assert said["message"] == "Cancelled; nothing was moved back."
    assert said["moved"] == done["moved"]
    end()
    equipped.finish(cell)
    assert equipped.run("print(x.device)") == "toy:0\n"
    again = until(lambda: (a := server.http.post(undo, timeout=20)).status_code == 200 and a)
    assert moved(again)["state"] == "undone"
    assert equipped.run("print(x.device)") == "cpu\n"
    error = refused(server.http.post(undo, timeout=20), 409, "cannot_undo")["error"]
    assert error["message"] == "x: this move has been undone already."


def test_only_the_last_move_is_undone(server: LiveServer, equipped: ServedKernel) -> None:
    first = moved(post(server, equipped, targets=["x"], device="toy"))
    moved(post(server, equipped, targets=["model"], device="toy"))
    assert change(server, equipped, first["id"])["can_undo"] is False
    undo = at(server, equipped, first["id"], "/undo")
    refused(server.http.post(undo, timeout=20), 409, "cannot_undo")
    assert equipped.run("print(x.device, model.weight.device)") == "toy:0 toy:0\n"
    refused(server.http.post(at(server, equipped, "none", "/undo"), timeout=20), 404)


def test_what_is_queued_or_runs_fails_in_words_when_the_kernel_is_restarted(
    server: LiveServer, equipped: ServedKernel
) -> None:
    done = moved(post(server, equipped, targets=["model"], device="toy"))
    with Watching(server) as stream:
        stream.watch(equipped.id)
        stream.until("tensors")
        busy_to_the_end(server, equipped)
        pid = pid_of(server, equipped)
        move = queue(server, equipped, "x")
        restarting = threading.Thread(target=equipped.restart)
        restarting.start()
        until(lambda: gone(pid), every=0.01)
        told = told_of(stream, move, "failed")["data"]
        assert "restarted before x could be moved; nothing was moved." in told["message"]
        assert told["hint"]
        restarting.join(60)
    assert change(server, equipped, move)["state"] == "failed"
    # Nor can anything of the old process be undone.
    refused(server.http.post(at(server, equipped, done["id"], "/undo"), timeout=20), 409)


def test_what_runs_fails_in_words_when_the_kernel_dies(
    server: LiveServer, equipped: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(equipped.id)
        stream.until("tensors")
        with running(server, equipped) as (move, _):
            os.kill(pid_of(server, equipped), signal.SIGKILL)
            told = told_of(stream, move, "failed")["data"]
        assert told["message"].startswith("The kernel ")
        assert told["message"].endswith("while x was being moved.")


def test_a_shutdown_tells_who_waits(server: LiveServer, equipped: ServedKernel) -> None:
    with Watching(server) as stream:
        stream.watch(equipped.id)
        stream.until("tensors")
        busy_to_the_end(server, equipped)
        move = queue(server, equipped, "x")
        equipped.shut_down()
        assert "stopped" in told_of(stream, move, "failed")["data"]["message"]
        stream.until("error", lambda m: m["error"]["code"] == "no_such_kernel")
    refused(server.http.get(at(server, equipped, move), timeout=20), 404, "no_such_kernel")


def test_a_kernel_that_cannot_plan_now_takes_the_move_nevertheless(
    server: LiveServer, equipped: ServedKernel
) -> None:
    """A cell holds Python's lock: nothing answers, and the queue takes it all the same."""
    server.dlkit(f"kernels/{equipped.id}/tensors")
    cell = equipped.start(
        "import ctypes, time\nprint('held', flush=True)\ntime.sleep(0.3)\n"
        "ctypes.PyDLL(None).sleep(6)"
    )
    equipped.wait_for_output(cell, "held")
    time.sleep(0.5)  # the time after which nothing shows that it holds the lock
    answer = post(server, equipped, targets=["x"], device="toy")
    assert answer.status_code == 202, answer.text
    move = fits(answer.json(), "Move")
    assert (move["state"], move["moved"]) == ("queued", [])
    equipped.finish(cell)
    until(lambda: change(server, equipped, move["id"])["state"] == "done")
    assert equipped.run("print(x.device)") == "toy:0\n"
