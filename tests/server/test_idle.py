"""The idle watch of a whole server, over stub GPUs that a real kernel holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.hardware.stub import GIB, Gpu, Machine, Running
from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.until import until
from tests.server.watching import Watching

#: A third of a second, in minutes.
SHORT = 0.005

#: Looks come so often that a test is short, and so seldom that what they cost a kernel, in the
#: hundredths of a second in which that is counted, is no work of it.  A kernel that does not say
#: that it rests is not waited for as long as a person would.
TRAITS = ["DLKit.idle_interval=0.25", "DLKit.request_timeout=2"]

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

    def show(self, load: int | None = None, *others: int) -> None:
        """The GPU with this load, held by the kernel and other processes; held by nobody
        without a load."""
        held = [] if load is None else [Running(pid, 20 * GIB) for pid in (self.pid, *others)]
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

    def kept(self, kernel_id: str, because: str) -> dict[str, Any]:
        """A kernel that may not be shut down, once that is the reason; it may never before."""

        def look() -> dict[str, Any] | None:
            (now,) = self.recheck(kernel_id)
            assert now["may_shut_down"] is False, now
            return now if because in now["reason"] else None

        found = until(look)
        assert found is not None
        return found

    def look_again(self) -> None:
        """Until a look that began after this has ended."""
        before = self.looks()
        until(lambda: self.looks() >= before + 3, within=60)

    def looks(self) -> int:
        """How often anybody asked the driver for the GPU's load."""
        return self.machine.calls().count(CALLS)


@pytest.fixture(scope="module")
def idling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idling]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        machine = Machine(tmp_path_factory.mktemp("nvidia"), record=True)
        patch.setenv("LD_LIBRARY_PATH", machine.environment()["LD_LIBRARY_PATH"])
        yield Idling(stack.enter_context(LiveServer(TRAITS)), machine)


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
        idling.look_again()
        with Watching(idling.server) as late:
            subscribe(late)
            assert late.until("idle", raised)["data"]["notice"]["id"] == notice["id"]

        idling.show(90)
        idling.look_again()
        assert idling.get()["notice"] is None
        idling.show(0)
        stream.until("idle", lambda m: raised(m) and m["data"]["notice"]["id"] != notice["id"])
        idling.show(None)  # nobody holds it any more
        stream.until("idle", withdrawn)
        idling.put(None)


@contextmanager
def sleeping(kernel: ServedKernel) -> Iterator[None]:
    """The kernel is in the middle of a cell."""
    cell = kernel.start("print('on')\nimport time\ntime.sleep(600)")
    kernel.wait_for_output(cell, "on")
    try:
        yield
    finally:
        kernel.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            kernel.finish(cell)


def test_a_busy_kernel_is_named_and_no_notice_is_of_busy_ones_alone(idling: Idling) -> None:
    other = idling.server.start_kernel("today", "other.ipynb")
    pid = int(other.run("import os; print(os.getpid())"))
    idling.show(0, pid)

    with sleeping(idling.kernel):
        idling.put(SHORT)
        notice = until(lambda: idling.get()["notice"])
        assert "while training.ipynb (runs a cell) and other.ipynb hold" in notice["message"]
        assert [one["reason"] for one in notice["kernels"]] == ["training.ipynb runs a cell.", None]
        (now,) = idling.recheck()
        assert (now["may_shut_down"], now["execution_state"]) == (False, "busy")
        other.shut_down()
        idling.show(0)
        for _ in range(3):  # for longer than the limit
            idling.look_again()
        assert idling.get()["notice"] is None
    until(lambda: idling.recheck()[0]["may_shut_down"])
    notice = until(lambda: idling.get()["notice"])
    assert [one["reason"] for one in notice["kernels"]] == [None]
    idling.put(None)


class Subshell:
    """Another client of a kernel, with a subshell of its own."""

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        self._count = 0
        self._socket = server.socket(f"api/kernels/{kernel.id}/channels", session_id="another")
        reply = self.reply(self.send("control", "create_subshell_request", {}))
        self.id = str(reply["content"]["subshell_id"])

    def send(self, channel: str, kind: str, content: dict[str, Any], **header: str) -> str:
        self._count += 1
        asked = f"another-{self._count}"
        header |= {"msg_id": asked, "msg_type": kind, "session": "another", "username": ""}
        header |= {"version": "5.3", "date": "2026-01-01T00:00:00Z"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps({**message, "channel": channel, "buffers": []}))
        return asked

    def execute(self, code: str) -> str:
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": False}
        return self.send("shell", "execute_request", content, subshell_id=self.id)

    def comm(self) -> None:
        """A message of a widget that is not there."""
        content = {"comm_id": "none", "data": {}}
        self.send("shell", "comm_msg", content, subshell_id=self.id)

    def reply(self, asked: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv())
            kind = message["header"]["msg_type"]
            if message["parent_header"].get("msg_id") == asked and kind.endswith("_reply"):
                return message

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def extra(idling: Idling) -> Iterator[ServedKernel]:
    """A kernel for one test, to which no agent is attached."""
    kernel = idling.server.start_kernel("today", "extra.ipynb")
    kernel.run("import os")
    yield kernel
    kernel.shut_down()


def test_a_kernel_that_looks_idle_in_mid_cell_may_not_be_shut_down(
    idling: Idling, extra: ServedKernel
) -> None:
    until(lambda: idling.recheck(extra.id)[0]["may_shut_down"])
    with sleeping(extra):
        Subshell(idling.server, extra).comm()
        until(lambda: extra.state == "idle")
        idling.kept(extra.id, "did not answer that it rests")
        # Nor once the agent knows of it.
        idling.server.dlkit(f"kernels/{extra.id}/devices")
        assert idling.kept(extra.id, "extra.ipynb runs a cell.")["execution_state"] == "busy"
    until(lambda: idling.recheck(extra.id)[0]["may_shut_down"])


def test_a_cell_of_a_subshell_keeps_its_kernel(idling: Idling, extra: ServedKernel) -> None:
    idling.server.dlkit(f"kernels/{extra.id}/devices")
    subshell = Subshell(idling.server, extra)
    gate = Path(idling.server.folder, "gate")
    cell = subshell.execute(
        f"while not os.path.exists({str(gate)!r}):\n    __import__('time').sleep(0.01)"
    )
    until(lambda: idling.recheck(extra.id)[0]["execution_state"] == "busy")
    # Another cell's end is not its end, nor is that of a cell which a cell runs itself.
    extra.run("get_ipython().run_cell('1')")
    until(lambda: extra.state == "idle")
    idling.kept(extra.id, "extra.ipynb runs a cell.")
    gate.touch()
    assert subshell.reply(cell)["content"]["status"] == "ok"
    until(lambda: idling.recheck(extra.id)[0]["may_shut_down"])
    subshell.close()


def test_a_page_that_connects_is_no_use_of_the_gpu(idling: Idling) -> None:
    idling.server.dlkit(f"kernels/{idling.kernel.id}/devices")  # as the panel has attached it
    model = f"api/kernels/{idling.kernel.id}"

    def activity() -> str:
        return str(idling.server.get(model).json()["last_activity"])

    idling.show(0)
    idling.put(SHORT)
    notice = until(lambda: idling.get()["notice"])
    before = activity()
    Subshell(idling.server, idling.kernel).close()
    until(lambda: activity() != before)  # for Jupyter it is activity
    idling.look_again()
    # For the moment of its message the kernel is busy; the notice comes back as the same one.
    assert until(lambda: idling.get()["notice"])["id"] == notice["id"]
    idling.kernel.run("1")
    until(lambda: (idling.get()["notice"] or notice)["id"] != notice["id"])
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
        until(lambda: "of a core" in (idling.recheck()[0]["reason"] or ""))
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
