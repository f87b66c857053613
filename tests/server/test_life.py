"""A kernel that dies, restarts or falls silent, and what its watchers are told."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import requests

from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.answers import fits, refused
from tests.server.conftest import has_agent
from tests.server.until import until
from tests.server.watching import Watching, names


def pid_of(server: LiveServer, kernel: ServedKernel) -> int:
    found = fits(server.dlkit("kernels"), "Kernels")["kernels"]
    return next(int(k["pid"]) for k in found if k["id"] == kernel.id)


def columns(server: LiveServer, kernel: ServedKernel, **query: Any) -> dict[str, Any]:
    answer = server.dlkit(f"kernels/{kernel.id}/tensors", format="columns", **query)
    return dict(fits(answer, "TensorColumns"))


class Asking(threading.Thread):
    """A request that is on its way while the test does something to the kernel."""

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        super().__init__()
        self._address = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/tensors"
        self._headers = dict(server.http.headers)
        self.answer: requests.Response | None = None
        self.answered_at = 0.0
        self.start()

    def run(self) -> None:
        self.answer = requests.get(self._address, headers=self._headers, timeout=60)
        self.answered_at = time.monotonic()

    def refused(self, since: float) -> str:
        """The code of the error, which must have come within two seconds."""
        self.join(20)
        assert self.answer is not None
        error = refused(self.answer, 409)["error"]
        assert self.answered_at - since < 2.0
        assert error["message"].endswith(".")
        assert error["hint"]
        return str(error["code"])


def hold(kernel: ServedKernel, seconds: int) -> str:
    """A cell that keeps every other thread of the kernel from running."""
    cell = kernel.start(
        "import ctypes, time\nprint('held', flush=True)\ntime.sleep(0.3)\n"
        f"ctypes.PyDLL(None).sleep({seconds})"
    )
    kernel.wait_for_output(cell, "held")
    return cell


def in_flight(server: LiveServer, kernel: ServedKernel) -> Asking:
    """A request that the stopped kernel cannot answer."""
    pid = pid_of(server, kernel)
    os.kill(pid, signal.SIGSTOP)
    asking = Asking(server, kernel)
    # Nothing shows that it has reached the server, but what is asked later is answered later.
    for _ in range(5):
        server.dlkit("kernels")
    return asking


def test_a_kernel_that_dies_in_the_middle_of_a_request_is_named_and_comes_back(
    server: LiveServer, kernel: ServedKernel
) -> None:
    before = columns(server, kernel)
    asking = in_flight(server, kernel)
    died_at = time.monotonic()
    os.kill(pid_of(server, kernel), signal.SIGKILL)
    # Jupyter may have started it again before anybody saw it dead.
    assert asking.refused(died_at) in ("kernel_died", "kernel_stopped", "kernel_restarted")

    # Jupyter restarts it; nobody has to do anything for us.
    after = until(
        lambda: (
            (
                answer := server.get(
                    f"jupyter_dlkit/kernels/{kernel.id}/tensors",
                    format="columns",
                    since=before["revision"],
                )
            ).ok
            and answer.json()
        ),
        within=30,
    )
    assert after["full"]
    assert after["columns"]["name"] == []
    assert after["revision"] != before["revision"]


def test_a_kernel_that_dies_for_good_is_named_too(stack: Stack) -> None:
    """Nobody restarts it, so that nothing but its process tells."""
    with LiveServer(["KernelManager.autorestart=False"]) as server:
        kernel = server.start_kernel(stack.name)
        columns(server, kernel)
        asking = in_flight(server, kernel)
        died_at = time.monotonic()
        os.kill(pid_of(server, kernel), signal.SIGKILL)
        assert asking.refused(died_at) == "kernel_died"


def test_a_kernel_that_is_restarted_in_the_middle_of_a_request_says_so(
    server: LiveServer, kernel: ServedKernel
) -> None:
    columns(server, kernel)
    asking = in_flight(server, kernel)
    restarting = threading.Thread(target=kernel.restart)
    at = time.monotonic()
    restarting.start()
    # SIGSTOP keeps it from shutting down politely: the server kills it in the end.
    os.kill(pid_of(server, kernel), signal.SIGKILL)
    assert asking.refused(at) in ("kernel_died", "kernel_stopped", "kernel_restarted")
    restarting.join(60)
    assert columns(server, kernel)["columns"]["name"] == []


def test_a_revision_from_before_a_restart_gives_the_full_list(
    server: LiveServer, kernel: ServedKernel
) -> None:
    before = columns(server, kernel)
    assert columns(server, kernel, since=before["revision"])["full"] is False
    kernel.restart()
    kernel.run("import numpy as np\nc = np.zeros(7)")
    after = columns(server, kernel, since=before["revision"])
    assert after["full"] is True
    assert after["columns"]["name"] == ["c"]
    assert after["total"] == 1


def test_after_a_restart_the_watched_kernel_is_attached_again_by_itself(
    server: LiveServer, kernel: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        assert names(stream.until("tensors")) == ["a", "b"]
        kernel.restart()
        assert names(stream.until("tensors", lambda m: m["data"]["full"])) == []
        kernel.run("import numpy as np\nd = np.zeros(7)")
        assert names(stream.until("tensors")) == ["d"]
    assert has_agent(kernel)


def test_a_kernel_that_is_shut_down_ends_its_watch_in_words(
    server: LiveServer, kernel: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        stream.until("tensors")
        kernel.shut_down()
        error = stream.until("error")["error"]
        assert error["code"] == "no_such_kernel"
        assert stream.all_for(1.0) == []
    refused(server.get(f"jupyter_dlkit/kernels/{kernel.id}/tensors"), 404, "no_such_kernel")


def test_a_kernel_that_holds_the_lock_is_stale_and_then_answers_again(
    server: LiveServer, kernel: ServedKernel
) -> None:
    first = columns(server, kernel)
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=0.5)
        stream.until("tensors")
        cell = hold(kernel, 7)
        stale = stream.until("stale")
        assert stale["age_ms"] >= 1000
        assert "did not answer" in stale["message"]

        address = f"jupyter_dlkit/kernels/{kernel.id}/tensors"
        body = refused(server.get(address, format="columns"), 504, "kernel_not_answering")
        assert body["age_ms"] >= 1000
        last = fits(body["stale"], "TensorColumns")
        assert last["revision"] == first["revision"]
        assert last["kernel_state"] == "busy"
        assert last["total"] == 2

        kernel.finish(cell)
        stream.until(
            "unchanged", lambda m: m["kernel_state"] == "idle" and m["revision"], within=10
        )
    assert columns(server, kernel)["kernel_state"] == "idle"


def test_what_changed_before_the_kernel_fell_silent_is_in_the_stale_list(
    server: LiveServer, kernel: ServedKernel
) -> None:
    revision = columns(server, kernel)["revision"]
    kernel.run("c = np.zeros((4, 4))\ndel a")
    assert columns(server, kernel, since=revision)["full"] is False
    cell = hold(kernel, 7)
    address = f"jupyter_dlkit/kernels/{kernel.id}/tensors"
    # Until the cell has come to hold the lock, the kernel answers.
    late = until(lambda: [a for a in [server.get(address, sort="name")] if not a.ok])
    body = refused(late[0], 504, "kernel_not_answering")
    last = fits(body["stale"], "TensorList")
    assert [row["name"] for row in last["tensors"]] == ["b", "c"]
    assert last["total"] == 2
    kernel.finish(cell)


def test_a_kernel_that_cannot_be_attached_in_time_is_named_and_attached_when_it_can(
    server: LiveServer, kernel: ServedKernel
) -> None:
    pid = pid_of(server, kernel)
    os.kill(pid, signal.SIGSTOP)
    try:
        with Watching(server) as stream:
            stream.watch(kernel.id)
            said = stream.until("kernel", lambda m: m["data"]["agent"] == "unreachable")
            assert "it is attached when it does" in said["data"]["reason"]
            answer = server.get(f"jupyter_dlkit/kernels/{kernel.id}/tensors")
            assert refused(answer, 504, "attaching")["stale"] is None
            os.kill(pid, signal.SIGCONT)
            stream.until("kernel", lambda m: m["data"]["agent"] == "attached")
            assert names(stream.until("tensors")) == ["a", "b"]
    finally:
        os.kill(pid, signal.SIGCONT)
