"""Looking at a kernel that trains never crashes it and never changes a number.

Short in every run; ``make stress`` looks for ten minutes at each stack
(``DLKIT_STRESS_SECONDS``).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest

from tests.live.kernel import LiveKernel
from tests.live.server import LiveServer
from tests.live.stack import Stack

from . import training_cells as cells
from .onlooker import Onlooker

SECONDS = float(os.environ.get("DLKIT_STRESS_SECONDS", "10"))
#: Optimizer steps of one run; about a second.
STEPS = 20

pytestmark = [pytest.mark.stress, pytest.mark.timeout(SECONDS * 3 + 180)]


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(["DLKit.busy_interval=0.5", "DLKit.min_interval=0.1"]) as running:
        yield running


def losses_when_nobody_looks(stack: Stack) -> list[float]:
    with LiveKernel(stack) as kernel:
        kernel.run(cells.SETUP)
        losses: list[float] = json.loads(kernel.run(cells.ALONE.format(steps=STEPS)).stdout)
        return losses


def test_training_under_continuous_looking(server: LiveServer, stack: Stack) -> None:
    alone = losses_when_nobody_looks(stack)
    kernel = server.start_kernel(stack.name)
    kernel.run(cells.SETUP)
    pid = int(kernel.run(cells.PID))

    running = kernel.start(cells.REPEATED.format(steps=STEPS, seconds=SECONDS))
    kernel.wait_for_output(running, "training")
    started = time.monotonic()
    with Onlooker(server, kernel) as onlooker:
        # Raises when the cell did, and when the kernel's connection ends.
        printed = json.loads(kernel.finish(running, timeout=SECONDS + 60))
    took = time.monotonic() - started

    assert printed["pid"] == pid  # the same process: it was not restarted
    assert [run for run in printed["runs"] if run != alone] == []
    assert len(printed["runs"]) > 1

    assert onlooker.troubles == []
    seen = {name for name, status in onlooker.answers if status == 200}
    everything = {"list", "page", "detail", "devices", "status", "kernels", "openapi.json"}
    assert seen == everything
    good = sum(n for (name, status), n in onlooker.answers.items() if status == 200)
    assert good > 3 * took, onlooker.answers
    messages = onlooker.messages
    assert messages["tensors"] >= 1
    assert messages["tensors"] + messages["unchanged"] >= took / 10
    assert onlooker.scans > took
    assert "restarting kernel" not in server.log.read_text().lower()

    # And it is as good as new.
    assert kernel.run("print(1 + 1)") == "2\n"
    kernel.shut_down()
