"""Looking is no activity: the indicator stays right, and idle kernels are culled."""

from __future__ import annotations

import json
import re

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.until import until
from tests.server.watching import Watching

OURS = {"dlkit_request", "dlkit_reply"}


def test_jupyterlab_and_notebook_are_told_not_to_track_our_messages() -> None:
    with LiveServer(extensions=("jupyter_dlkit", "jupyterlab", "notebook")) as server:
        for page in ("lab", "tree"):
            html = server.get(page).text
            found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.S)
            assert found is not None
            told = set(json.loads(found[1])["untracked_message_types"])
            assert told >= OURS
            assert "comm_info_request" in told


def test_a_watched_idle_kernel_is_culled(stack: Stack) -> None:
    traits = [
        "MappingKernelManager.cull_idle_timeout=4",
        "MappingKernelManager.cull_interval=1",
        "MappingKernelManager.cull_connected=True",
    ]
    with LiveServer(traits) as server:
        kernel = server.start_kernel(stack.name)
        kernel.run("x = 1")
        with Watching(server) as stream:
            stream.watch(kernel.id, interval=0.5)
            stream.until("unchanged")
            error = stream.until("error", within=60)
            assert error["error"]["code"] == "no_such_kernel"


def test_the_indicator_stays_busy_while_a_cell_runs_and_is_idle_after(
    server: LiveServer, kernel: ServedKernel
) -> None:
    """The attaching in mid-cell and the looks after it change nothing about that."""
    cell = kernel.start("import time\nprint('on', flush=True)\nwhile True: time.sleep(0.01)")
    kernel.wait_for_output(cell, "on")
    with Watching(server) as stream:
        stream.watch(kernel.id)
        stream.until("tensors")
        seen = set()
        for _ in range(20):
            server.dlkit(f"kernels/{kernel.id}/devices")
            seen.add(kernel.state)
        assert seen == {"busy"}
        kernel.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            kernel.finish(cell)
        until(lambda: kernel.state == "idle")
        for _ in range(5):
            server.dlkit(f"kernels/{kernel.id}/tensors")
            assert kernel.state == "idle"


def test_last_activity_stands_still_while_we_look(server: LiveServer, kernel: ServedKernel) -> None:
    address = f"api/kernels/{kernel.id}"
    server.dlkit(f"kernels/{kernel.id}/tensors")
    before = until(
        lambda: (
            (model := server.get(address).json())["execution_state"] == "idle"
            and model["last_activity"]
        )
    )
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=0.5)
        for _ in range(3):
            stream.until("unchanged")
    assert server.get(address).json()["last_activity"] == before


def test_requests_do_not_keep_the_server_from_being_called_idle(server: LiveServer) -> None:
    before = server.get("api/status").json()["last_activity"]
    server.dlkit("status")
    server.dlkit("kernels")
    assert server.get("api/status").json()["last_activity"] == before
