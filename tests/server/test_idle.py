"""The idle watch of a whole server, over stub GPUs that a real kernel holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.hardware.stub import GIB, Gpu, Machine, Running
from tests.live.server import LiveServer
from tests.server.answers import fits, refused
from tests.server.until import until
from tests.server.watching import Watching

#: A third of a second, in minutes; looks come every twentieth of a second.
SHORT = 0.005

CALLS = "nvmlDeviceGetUtilizationRates"


class Idling:
    """A server with a stub GPU, and a kernel that the driver says holds 20 GiB of it."""

    def __init__(self, server: LiveServer, machine: Machine) -> None:
        self.server = server
        self.machine = machine
        self.show()
        self.kernel = server.start_kernel("today", "training.ipynb")
        self.pid = int(self.kernel.run("import os; print(os.getpid())"))
        self.show(0)

    def show(self, load: int | None = None) -> None:
        """The GPU with this load, held by the kernel; held by nobody without a load."""
        held = [] if load is None else [Running(self.pid, 20 * GIB)]
        gpu = Gpu("GPU-a", "NVIDIA H100", 80 * GIB, utilization=load or 0, processes=held)
        self.machine.show(gpu)

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = f"{self.server.url}jupyter_dlkit/{path}"
        return self.server.http.request(method, url, json=body, timeout=20)

    def put(self, limit: float | None, price: float | None = None, currency: str = "") -> Any:
        body = {"limit_minutes": limit, "hourly_price": price, "currency": currency}
        answer = self.ask("PUT", "idle", body)
        assert answer.status_code == 200, answer.text
        return fits(answer.json(), "Idle")

    def get(self) -> Any:
        return fits(self.server.dlkit("idle"), "Idle")

    def recheck(self, *ids: str) -> Any:
        answer = self.ask("POST", "idle/kernels", {"kernel_ids": [*ids] or [self.kernel.id]})
        assert answer.status_code == 200, answer.text
        return fits(answer.json(), "IdleKernels")["kernels"]

    def looks(self) -> int:
        """How often anybody asked the driver for the GPU's load."""
        return self.machine.calls().count(CALLS)


@pytest.fixture(scope="module")
def idling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idling]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        machine = Machine(tmp_path_factory.mktemp("nvidia"), record=True)
        patch.setenv("LD_LIBRARY_PATH", machine.environment()["LD_LIBRARY_PATH"])
        yield Idling(stack.enter_context(LiveServer(["DLKit.idle_interval=0.05"])), machine)


def subscribe(stream: Watching) -> None:
    stream.send({"type": "subscribe", "topic": "idle"})


def raised(message: dict[str, Any]) -> bool:
    return message["data"]["notice"] is not None


def withdrawn(message: dict[str, Any]) -> bool:
    return message["data"]["notice"] is None


def test_nothing_is_sampled_before_a_limit_is_set_and_after_it_is_taken_back(
    idling: Idling,
) -> None:
    with Watching(idling.server) as stream:
        subscribe(stream)
        first = stream.until("idle")["data"]
    assert (first["limit_minutes"], first["set_by"], first["watching"]) == (None, None, False)
    assert idling.get()["taken_at"] is None
    assert idling.looks() == 0

    assert idling.put(1000)["watching"]
    until(lambda: idling.looks() >= 3)
    assert idling.get()["set_by"] == "user"

    idling.put(None)
    # A look that was on its way may still end.
    before = until(lambda: (seen := idling.looks()) and idling.get() and seen)
    with Watching(idling.server) as stream:
        assert stream.all_for(0.5) == []
    assert idling.looks() <= before + 1
    assert not idling.get()["watching"]


def test_one_notice_names_the_notebook_and_goes_when_the_gpu_is_used(idling: Idling) -> None:
    idling.show(0)
    with Watching(idling.server) as stream:
        subscribe(stream)
        idling.put(SHORT, 3.06, "$")
        said = stream.until("idle", raised)["data"]
        assert (said["limit_minutes"], said["hourly_price"]) == (SHORT, 3.06)
        notice = said["notice"]
        assert "NVIDIA H100 has been idle for less than a minute" in notice["message"]
        assert "while training.ipynb holds 20 GiB of it." in notice["message"]
        assert notice["cost"] is not None
        (kernel,) = notice["kernels"]
        assert kernel["id"] == idling.kernel.id
        assert (kernel["notebook"], kernel["bytes"]) == ("training.ipynb", 20 * GIB)
        assert kernel["devices"] == ["GPU-a"]

        # The same one for as long as it lasts, also for who comes later.
        before = idling.looks()
        until(lambda: idling.looks() >= before + 3)
        with Watching(idling.server) as late:
            subscribe(late)
            assert late.until("idle")["data"]["notice"]["id"] == notice["id"]

        idling.show(90)
        stream.until("idle", withdrawn)
        idling.show(0)
        again = stream.until("idle", raised)["data"]["notice"]
        assert again["id"] != notice["id"]
        idling.show(None)  # nobody holds it any more
        stream.until("idle", withdrawn)
        idling.put(None)


def test_a_busy_kernel_is_named_but_may_not_be_shut_down(idling: Idling) -> None:
    idling.show(0)
    idling.put(SHORT)
    cell = idling.kernel.start("print('on')\nimport time\ntime.sleep(600)")
    idling.kernel.wait_for_output(cell, "on")
    with Watching(idling.server) as stream:
        subscribe(stream)
        said = stream.until(
            "idle", lambda m: raised(m) and not m["data"]["notice"]["kernels"][0]["may_shut_down"]
        )
        assert said["data"]["notice"]["kernels"][0]["reason"] == "training.ipynb runs a cell."
        (now,) = idling.recheck()
        assert (now["may_shut_down"], now["execution_state"]) == (False, "busy")

        idling.kernel.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            idling.kernel.finish(cell)
        until(lambda: idling.recheck()[0]["may_shut_down"])
        stream.until(
            "idle", lambda m: raised(m) and m["data"]["notice"]["kernels"][0]["may_shut_down"]
        )
    idling.put(None)


def test_a_thread_that_works_behind_an_idle_kernel_keeps_it(idling: Idling) -> None:
    idling.show(0)
    idling.put(1000)
    idling.kernel.run(
        "import threading\ngo_on = [1]\n"
        "def work():\n    while go_on: sum(range(10_000))\n"
        "thread = threading.Thread(target=work, daemon=True)\nthread.start()"
    )
    try:

        def kept() -> list[Any]:
            (kernel,) = idling.recheck()
            return [kernel] if kernel["execution_state"] == "idle" and kernel["reason"] else []

        assert "of a core" in until(kept)[0]["reason"]
    finally:
        idling.kernel.run("go_on.clear(); thread.join()")
    until(lambda: idling.recheck()[0]["may_shut_down"])
    idling.put(None)


def test_not_today_is_kept_over_a_change_of_the_limit_and_on_disk(idling: Idling) -> None:
    idling.show(0)
    file = Path(idling.server.folder.parent, "data", "jupyter_dlkit", "idle.json")
    with Watching(idling.server) as stream, Watching(idling.server) as other:
        for one in (stream, other):
            subscribe(one)
        idling.put(SHORT)
        stream.until("idle", raised)
        answer = idling.ask("POST", "idle/not-today", {"until": "2999-01-01T00:00:00Z"})
        said = fits(answer.json(), "Idle")
        assert (said["not_today"], said["watching"], said["notice"]) == (True, False, None)
        for one in (stream, other):
            one.until("idle", lambda m: m["data"]["not_today"] and withdrawn(m))
        kept = json.loads(file.read_text())
        assert kept["limit"] == SHORT
        assert kept["not_today_until"] is not None
        assert idling.put(2 * SHORT)["not_today"]
        assert not any(raised(m) for m in stream.all_for(0.5) if m["type"] == "idle")

        # The day is over.
        ended = idling.ask("POST", "idle/not-today", {"until": "2000-01-01T00:00:00Z"})
        assert not ended.json()["not_today"]
        stream.until("idle", raised)
    idling.put(None)


def test_what_cannot_be_meant_is_refused_with_its_field(idling: Idling) -> None:
    for method, path, body, field in (
        ("PUT", "idle", {"limit_minutes": 0}, "limit_minutes"),
        ("PUT", "idle", {"limit_minutes": "soon"}, "limit_minutes"),
        ("PUT", "idle", {"hourly_price": -1}, "hourly_price"),
        ("PUT", "idle", {"currency": "much too long"}, "currency"),
        ("POST", "idle/not-today", {"until": "tomorrow"}, "until"),
        ("POST", "idle/not-today", {"until": "2026-11-24T00:00:00"}, "until"),
        ("POST", "idle/kernels", {"kernel_ids": []}, "kernel_ids"),
        ("POST", "idle/kernels", {}, "kernel_ids"),
    ):
        assert field in refused(idling.ask(method, path, body), 400)["error"]["message"]
    assert idling.ask("POST", "idle/not-today", {}).status_code == 200
    assert (
        idling.ask("POST", "idle/not-today", {"until": "2000-01-01T00:00:00Z"}).status_code == 200
    )
    (gone,) = idling.recheck("no-such-kernel")
    assert not gone["may_shut_down"]
    assert "does not run any more" in gone["reason"]


def test_a_kernel_that_was_shut_down_is_not_offered_again(idling: Idling) -> None:
    extra = idling.server.start_kernel("today", "extra.ipynb")
    extra.run("1")
    until(lambda: idling.recheck(extra.id)[0]["may_shut_down"])
    extra.shut_down()
    assert "does not run" in idling.recheck(extra.id)[0]["reason"]


def test_the_administrators_limit_holds_until_the_user_sets_one(tmp_path: Path) -> None:
    traits = ["DLKit.idle_limit=20", "DLKit.hourly_price=1.5", "DLKit.currency=$"]
    with LiveServer(traits) as server:
        said = fits(server.dlkit("idle"), "Idle")
        assert (said["limit_minutes"], said["hourly_price"], said["currency"]) == (20, 1.5, "$")
        assert (said["set_by"], said["watching"]) == ("administrator", True)
        answer = server.http.put(
            server.url + "jupyter_dlkit/idle", json={"limit_minutes": None}, timeout=20
        ).json()
        assert (answer["limit_minutes"], answer["set_by"]) == (None, "user")
