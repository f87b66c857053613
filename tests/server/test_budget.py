"""Looking has a budget."""

from __future__ import annotations

import pytest

from jupyter_dlkit.server.schedule import Budget
from tests.live.server import LiveServer, ServedKernel
from tests.server.watching import Watching


@pytest.mark.parametrize(
    ("thread_ms", "interval", "seconds"),
    [
        (0.0, 0.0, 2.0),  # never under two seconds while a cell runs
        (0.0, 9.0, 9.0),  # and not more often than the client wants
        (1.5, 0.5, 2.0),
        (14.0, 0.5, 3.3),  # 1 % of the cell's time: 100 x (2 x 14 ms + 5 ms)
        (32.0, 0.5, 6.9),
    ],
)
def test_a_running_cell_loses_one_percent_at_most(
    thread_ms: float, interval: float, seconds: float
) -> None:
    budget = Budget(0.5, 2.0, thread_ms)
    assert budget.pause(busy=True, interval=interval) == pytest.approx(seconds)
    loss = (2 * thread_ms + 5) / 1000
    assert loss / budget.pause(busy=True) <= 0.01


def test_an_idle_kernel_is_looked_at_as_often_as_the_client_wants() -> None:
    budget = Budget(0.5, 2.0, 1.0)
    assert budget.pause(busy=False) == 0.5
    assert budget.pause(busy=False, interval=0.9) == 0.9
    assert Budget(0.5, 2.0, 100.0).pause(busy=False) == 2.0


def test_asking_again_and_again_does_not_scan_a_running_cell_again_and_again(
    server: LiveServer, kernel: ServedKernel
) -> None:
    """Twenty requests by HTTP and a subscriber at half a second: one look in two seconds."""
    cell = kernel.start("print('on', flush=True)\nwhile True: pass")
    kernel.wait_for_output(cell, "on")
    address = f"kernels/{kernel.id}/tensors"
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=0.5)
        first = stream.until("tensors")["data"]["taken_at"]
        looks = [server.dlkit(address)["taken_at"] for _ in range(20)]
        assert len({first, *looks}) <= 2
        heard = [m for m in stream.all_for(4.5) if m["type"] == "unchanged"]
        assert 1 <= len({m["taken_at"] for m in heard}) <= 3
        assert {m["kernel_state"] for m in heard} == {"busy"}
    kernel.interrupt()
    with pytest.raises(AssertionError, match="KeyboardInterrupt"):
        kernel.finish(cell)


def test_an_idle_kernel_is_scanned_for_everyone_who_asks(
    server: LiveServer, kernel: ServedKernel
) -> None:
    address = f"kernels/{kernel.id}/tensors"
    server.dlkit(address)
    kernel.run("c = np.zeros(4)")
    assert server.dlkit(address)["total"] == 3
    kernel.run("d = np.zeros(4)")
    assert server.dlkit(address)["total"] == 4
