"""Asking who has the memory, again and again, disturbs nothing that a cell does.

Short in every run; ``make stress`` asks for ten minutes on each stack
(``DLKIT_STRESS_SECONDS``).
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.answers import fits
from tests.server.until import until

from . import account_cells as cells

SECONDS = float(os.environ.get("DLKIT_STRESS_SECONDS", "10"))

pytestmark = [pytest.mark.stress, pytest.mark.timeout(SECONDS * 3 + 180)]


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer() as running:
        yield running


class Asking:
    """Two threads ask for the account: of the server, and of the agent past the server.

    ``troubles`` are answers that are not allowed; ``answers`` counts them by status.
    """

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        self.answers: Counter[int] = Counter()
        self.left_out: Counter[str] = Counter()
        self.costs: list[float] = []
        self.troubles: list[str] = []
        self._server = server
        self._kernel = kernel
        self._over = threading.Event()
        self._attached = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True)
            for work in (self._ask_the_server, self._ask_the_agent)
        ]

    def __enter__(self) -> Asking:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _guarded(self, work: Any) -> None:
        try:
            while not self._over.is_set():
                work()
        except Exception as error:
            self.troubles.append(repr(error))

    def _ask_the_server(self) -> None:
        answer = self._server.get(f"jupyter_dlkit/kernels/{self._kernel.id}/memory")
        self.answers[answer.status_code] += 1
        if answer.status_code == 200:
            self._attached.set()
            self._look_at(fits(answer.json(), "KernelMemory"))
        elif answer.status_code != 504:  # the kernel did not come to answer
            self.troubles.append(answer.text[:1000])

    def _ask_the_agent(self) -> None:
        if not self._attached.wait(0.1):  # before it is attached it answers nobody
            return
        kernel = ServedKernel(self._server, self._kernel.id)
        try:
            while not self._over.is_set():
                asked = protocol.request(protocol.MEMORY, {"timeout_ms": 5000})
                reply = kernel.control(protocol.REQUEST, asked)
                head = reply["metadata"][protocol.HEAD]
                self.answers[200 if head["ok"] else head["status"]] += 1
                if head["ok"]:
                    self._look_at(reply["content"])
                elif head["status"] != 504:
                    self.troubles.append(json.dumps(reply["content"])[:1000])
        finally:
            kernel.disconnect()

    def _look_at(self, answer: dict[str, Any]) -> None:
        self.costs.append(answer["cost_ms"])
        if self._over.is_set():
            return
        if answer["complete"]:
            self.troubles.append("complete, in a running cell")
        self.left_out.update(answer["left_out"])
        (toy,) = [one for one in answer["devices"] if one["device"] == "toy:0"]
        interrupted = any("outside of Python" in text for text in answer["left_out"])
        if not interrupted and not any(
            (o["name"], o["bytes"]) == ("kept", 4000) for o in toy["owners"]
        ):
            self.troubles.append(f"kept is missing: {answer['left_out']} {toy}"[:1000])


def whole_account(server: LiveServer, kernel: ServedKernel) -> dict[str, Any]:
    return dict(fits(server.dlkit(f"kernels/{kernel.id}/memory"), "KernelMemory"))


def test_looking_at_memory_disturbs_no_cell(server: LiveServer, stack: Stack) -> None:
    kernel = server.start_kernel(stack.name)
    kernel.run(cells.SETUP, timeout=120)
    pid = int(kernel.run(cells.PID))

    running = kernel.start(cells.TURNS.format(seconds=SECONDS))
    kernel.wait_for_output(running, "turning")
    with Asking(server, kernel) as asking:
        # Raises when the cell did, and when the kernel's connection ends.
        told = json.loads(kernel.finish(running, timeout=SECONDS + 120))

    pauses = told.pop("pauses")
    print(f"\n{stack.name}: {told}, {dict(asking.answers)}, {len(pauses)} pauses,", end=" ")
    for share in (50, 95, 99, 100):
        if pauses:
            length = pauses[min(len(pauses) * share // 100, len(pauses) - 1)] * 1000
            print(f"{share} %: {length:.1f} ms", end=", ")
    print(f"accounts of {sorted(asking.costs)[len(asking.costs) // 2]:.0f} ms")
    print(*asking.left_out.most_common(5), sep="\n")

    assert told["pid"] == pid  # the same process: it was not restarted
    assert told["different"] == 0, told["differing"]
    assert asking.troubles == []
    good = asking.answers[200]
    assert good > max(1, SECONDS / 20) and good > asking.answers[504], asking.answers
    assert pauses and pauses[len(pauses) // 2] < 0.02  # of a thread's own time, of a step
    assert "restarting kernel" not in server.log.read_text().lower()

    # And it is as good as new: every byte has an owner.
    answer = until(lambda: (found := whole_account(server, kernel))["complete"] and found)
    (toy,) = [one for one in answer["devices"] if one["device"] == "toy:0"]
    assert toy["unaccounted"] == 0
    kernel.shut_down()
