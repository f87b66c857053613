"""Stub GPUs under a whole Jupyter server, with a real kernel on one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.server import LiveServer

from .stub import DRIVER_NOT_LOADED, Machine, two_gpus


def eventually(look: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 30) -> Any:
    """The first good answer; the last one if none was."""
    deadline = time.monotonic() + seconds
    answer = look()
    while not good(answer) and time.monotonic() < deadline:
        answer = look()
    return answer


def test_a_gpu_names_the_notebook_that_holds_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", machine.environment()["LD_LIBRARY_PATH"])
    machine.show(*two_gpus())
    with LiveServer() as server:
        kernel = server.start_kernel("today", "training.ipynb")
        (row,) = eventually(
            lambda: server.dlkit("kernels")["kernels"],
            lambda rows: all(row["pid"] for row in rows),
        )
        machine.show(*two_gpus(row["pid"], os.getpid()))
        status = eventually(
            lambda: server.dlkit("status"),
            lambda status: len(status["devices"][0]["processes"]) == 2,
        )
        held, ours = status["devices"][0]["processes"]
        assert held["pid"] == row["pid"]
        assert held["kernel_id"] == kernel.id
        assert held["notebook"] == "training.ipynb"
        assert (ours["pid"], ours["kernel_id"]) == (os.getpid(), None)
        assert status["driver"] == "580.65.06"

        machine.show(*two_gpus(), gone=DRIVER_NOT_LOADED)
        status = eventually(lambda: server.dlkit("status"), lambda status: status["devices"] == [])
        assert "not loaded" in status["note"]
        machine.show(*two_gpus())
        status = eventually(lambda: server.dlkit("status"), lambda status: status["devices"])
        assert [device["index"] for device in status["devices"]] == [0, 1]
