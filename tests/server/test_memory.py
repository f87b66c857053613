"""Who owns every byte, and what each cell changed, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.test_move_queue import busy
from tests.server.test_moves import SETUP
from tests.server.until import until

TRAINING = """
model.to("toy:0")
loss = model(x.to("toy:0")).square().mean()
"""


@pytest.fixture(name="equipped")
def _equipped(server: LiveServer, kernel: ServedKernel) -> ServedKernel:
    server.dlkit(f"kernels/{kernel.id}/tensors")  # the agent is there before the first cell
    kernel.run(SETUP, timeout=120)
    kernel.run(TRAINING)
    return kernel


def memory(server: LiveServer, kernel: ServedKernel, **query: Any) -> dict[str, Any]:
    """A ``KernelMemory``."""
    return dict(fits(server.dlkit(f"kernels/{kernel.id}/memory", **query), "KernelMemory"))


def device(answer: dict[str, Any], name: str = "toy:0") -> dict[str, Any]:
    """The account of one device."""
    return next(dict(one) for one in answer["devices"] if one["device"] == name)


def test_every_byte_has_an_owner(server: LiveServer, equipped: ServedKernel) -> None:
    answer = memory(server, equipped)
    assert answer["complete"] and answer["left_out"] == []
    one = device(answer)
    allocated = int(equipped.run("print(toy.memory_allocated(0))"))
    assert (one["allocated"], one["attributed"], one["unaccounted"]) == (allocated, allocated, 0)
    owners = {(owner["owner"], owner["name"]): owner["bytes"] for owner in one["owners"]}
    assert owners["parameter", "model"] == 4 * (3 * 2 + 2)
    assert owners["graph", "loss"] > 0
    assert sum(owners.values()) == allocated
    assert device(memory(server, equipped, device="toy:0")) == one
    assert memory(server, equipped, device="toy:7")["devices"] == []


def test_what_each_cell_changed(server: LiveServer, equipped: ServedKernel) -> None:
    before = memory(server, equipped)
    equipped.run("big = torch.ones(1000, device='toy:1')")
    after = memory(server, equipped, since=before["number"])
    (cell,) = after["cells"]
    assert cell["devices"]["toy:1"]["change"] == 4000
    assert (cell["appeared"], cell["state"]) == (["big"], "done")
    assert after["number"] == before["number"] + 1
    refused(server.get(f"jupyter_dlkit/kernels/{equipped.id}/memory", since="x"), 400)


def test_cells_without_owners(server: LiveServer, equipped: ServedKernel) -> None:
    before = memory(server, equipped)
    cell, end = busy(server, equipped)
    try:
        answer = memory(server, equipped, since=before["number"], owners="false")
        assert answer["running"]["state"] == "running"
        assert answer["running"]["devices"]["toy:0"]["after"] == device(before)["allocated"]
        assert (answer["devices"], answer["findings"], answer["left_out"]) == ([], [], [])
        assert (answer["cost_ms"], answer["kernel_state"]) == (0, "busy")
        assert answer["samples"]["time"]
    finally:
        end()
        equipped.finish(cell)
    answer = memory(server, equipped, since=before["number"], owners="false")
    assert [one["state"] for one in answer["cells"]] == ["done"]
    refused(server.get(f"jupyter_dlkit/kernels/{equipped.id}/memory", owners="no"), 400)


def test_of_a_running_cell(server: LiveServer, equipped: ServedKernel) -> None:
    cell, end = busy(server, equipped)
    try:
        answer = memory(server, equipped)
        assert (answer["complete"], answer["kernel_state"]) == (False, "busy")
        assert any("no cell runs" in text for text in answer["left_out"])
        assert answer["running"]["state"] == "running"
        assert device(answer)["unaccounted"] == 0
    finally:
        end()
        equipped.finish(cell)


def test_a_cell_that_ran_out_of_memory(server: LiveServer, equipped: ServedKernel) -> None:
    equipped.run("from tests import second_device; second_device.limit(1, 1000)")
    with pytest.raises(AssertionError, match="out of memory"):
        equipped.run("torch.ones(1000, device='toy:1')")
    address = f"kernels/{equipped.id}/explanation"
    told = until(lambda: fits(server.dlkit(address), "ExplanationAnswer")["memory_error"])
    assert (told["device"], told["asked"], told["free"]) == ("toy:1", 4000, 1000)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        until(lambda: equipped.run("1 / 0"))
    until(lambda: server.dlkit(address)["memory_error"] is None)
