"""The stream: what it says, when, and to whom."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.watching import Watching, names


def test_a_watcher_hears_the_list_then_only_what_changed(
    server: LiveServer, kernel: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=0.5)
        assert stream.next()["type"] == "kernel"
        first = stream.until("tensors")
        assert first["data"]["full"]
        assert names(first) == ["a", "b"]
        told = stream.until("kernel", lambda m: m["devices"] is not None)
        assert told["data"]["agent"] == "attached"
        assert stream.until("unchanged")["revision"] == first["data"]["revision"]

        kernel.run("c = np.zeros(3)\ndel a")
        second = stream.until("tensors")
        assert not second["data"]["full"]
        assert names(second) == ["c"]
        gone = second["data"]["removed"]
        assert gone == [first["data"]["columns"]["id"][0]]


def test_a_watcher_hears_at_once_when_a_cell_ends(server: LiveServer, kernel: ServedKernel) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=60)
        stream.until("tensors")
        for number in range(3):
            kernel.run(f"c{number} = np.zeros(3)")
            heard = stream.until("tensors", lambda m, n=number: f"c{n}" in names(m), within=5)
            if heard["data"]["kernel_state"] == "busy":  # seen by a look that was on its way
                stream.until("kernel", lambda m: m["data"]["execution_state"] == "idle")


def test_a_running_cell_is_watched_too(server: LiveServer, kernel: ServedKernel) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        stream.until("tensors")
        cell = kernel.start("import time\nc = np.zeros(9)\nwhile 'stop' not in globals(): pass")
        heard = stream.until("tensors", lambda m: "c" in names(m))
        assert heard["data"]["kernel_state"] == "busy"
        stream.until("kernel", lambda m: m["data"]["execution_state"] == "busy", within=10)
        kernel.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            kernel.finish(cell)
        stream.until("kernel", lambda m: m["data"]["execution_state"] == "idle")


def test_devices_come_when_a_running_cell_imports_torch(
    server: LiveServer, kernel: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        before = stream.until("kernel", lambda m: m["devices"] is not None)
        assert before["devices"]["torch"] is None
        cell = kernel.start("import torch\nwhile 'stop' not in globals(): pass")
        told = stream.until(
            "kernel", lambda m: m["devices"] is not None and m["devices"]["torch"], within=60
        )
        assert told["data"]["execution_state"] == "busy"
        kernel.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            kernel.finish(cell)


def test_a_client_that_comes_back_with_its_revision_gets_only_the_difference(
    server: LiveServer, kernel: ServedKernel
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        revision = stream.until("tensors")["data"]["revision"]
    kernel.run("c = np.zeros(3)")
    with Watching(server) as stream:
        stream.watch(kernel.id, since=revision)
        heard = stream.until("tensors")
        assert not heard["data"]["full"]
        assert names(heard) == ["c"]


def test_two_clients_share_one_look(server: LiveServer, kernel: ServedKernel) -> None:
    """The second one gets what the first look found: the time of the scan is the same."""
    with Watching(server) as one, Watching(server) as two:
        one.watch(kernel.id, interval=0.5)
        two.watch(kernel.id, interval=0.5)
        one.until("tensors")
        two.until("tensors")
        seen = [
            {m["taken_at"] for m in stream.all_for(seconds) if m["type"] == "unchanged"}
            for stream, seconds in ((one, 3), (two, 0.2))
        ]
        # While both listened, both heard of the same looks.
        first, last = max(min(s) for s in seen), min(max(s) for s in seen)
        both = [{at for at in s if first <= at <= last} for s in seen]
        assert both[0] == both[1]
        assert len(both[0]) >= 3


def test_nobody_listens_and_nobody_asks(server: LiveServer, kernel: ServedKernel) -> None:
    """The agent's last scan stays the last one when the last watcher has left."""
    with Watching(server) as stream:
        stream.watch(kernel.id, interval=0.5)
        stream.until("unchanged")
        stream.leave(kernel.id)
        stream.all_for(0.5)
        assert stream.all_for(2.0) == []
    before = sent_by(server, kernel)
    time.sleep(2)  # the time in which nothing may happen
    assert sent_by(server, kernel) == before


def sent_by(server: LiveServer, kernel: ServedKernel) -> int:
    """How many control messages the kernel has handled: each publishes busy and idle."""
    code = (
        "k = get_ipython().kernel\n"
        "if not hasattr(k, '_handled'):\n"
        "    k._handled = 0\n"
        "    inner = k.control_handlers['dlkit_request']\n"
        "    def counted(*args, **kwargs):\n"
        "        k._handled += 1\n"
        "        return inner(*args, **kwargs)\n"
        "    k.control_handlers['dlkit_request'] = counted\n"
        "print(k._handled)"
    )
    return int(kernel.run(code, silent=True, store_history=False))


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("not json", "message"),
        ("[1]", "message"),
        ({"type": "subscribe"}, "message"),
        ({"type": "shout", "topic": "status"}, "type"),
        ({"type": "subscribe", "topic": "weather"}, "topic"),
        ({"type": "subscribe", "topic": "kernel"}, "kernel_id"),
        ({"type": "subscribe", "topic": "kernel", "kernel_id": 7}, "kernel_id"),
        ({"type": "subscribe", "topic": "status", "interval": 0}, "interval"),
        ({"type": "subscribe", "topic": "status", "interval": "often"}, "interval"),
        ({"type": "subscribe", "topic": "status", "more": 1}, "message"),
        (json.dumps({"type": "subscribe", "topic": "x" * 2_000_000}), "message"),
    ],
)
def test_a_bad_message_is_answered_and_the_stream_stays(
    server: LiveServer, message: object, field: str
) -> None:
    with Watching(server) as stream:
        stream.send(message)
        error = stream.until("error")["error"]
        assert error["code"] == "bad_request"
        assert error["message"].startswith(f"{field}:")
        stream.send({"type": "subscribe", "topic": "status"})
        stream.until("status")


def test_an_unknown_kernel_is_named(server: LiveServer) -> None:
    with Watching(server) as stream:
        stream.watch("nothing-like-it")
        heard = stream.until("error")
        assert heard["kernel_id"] == "nothing-like-it"
        assert heard["error"]["code"] == "no_such_kernel"


def test_subscriptions_have_a_limit_and_a_shortest_interval(stack: Stack) -> None:
    traits = ["DLKit.max_subscriptions=2", "DLKit.min_interval=0.8"]
    with LiveServer(traits) as server, Watching(server) as stream:
        one, two = (server.start_kernel(stack.name, f"{n}.ipynb") for n in "12")
        stream.watch(one.id, interval=0.001)
        stream.send({"type": "subscribe", "topic": "status", "interval": 60})
        stream.watch(two.id)
        said = stream.until("error")
        assert said["kernel_id"] == two.id
        assert "limit" in said["error"]["message"]
        stream.until("unchanged")
        heard = [m for m in stream.all_for(4) if m["type"] == "unchanged"]
        assert 2 <= len(heard) <= 6
        # Subscribing again replaces: it is no third.
        stream.watch(one.id, interval=1)
        stream.until("unchanged")


class Mirror:
    """A client's own list: shapes by row, kept by what it is told."""

    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}
        self.revision = ""

    def apply(self, data: dict[str, Any]) -> None:
        """A ``TensorColumns``."""
        gone = set(self.rows if data["full"] else data["removed"])
        self.rows = {id_: shape for id_, shape in self.rows.items() if id_ not in gone}
        columns = data["columns"]
        self.rows.update(zip(columns["id"], columns["shape"], strict=True))
        self.revision = data["revision"]


def test_a_slow_client_gets_the_latest_state_not_a_queue(
    server: LiveServer, kernel: ServedKernel
) -> None:
    """It reads nothing during many changes, more than what sockets hold."""
    kernel.run("big = {i: np.zeros(1) for i in range(4_000)}")
    with Watching(server, checked=False) as slow, Watching(server, checked=False) as quick:
        slow._socket.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.watch(kernel.id, interval=0.5)
        mirror = Mirror()
        mirror.apply(slow.until("tensors")["data"])
        quick.watch(kernel.id, interval=0.5)
        quick.until("tensors")
        rounds = 20
        for number in range(rounds):
            kernel.run(f"big = {{i: np.zeros({number} + 2) for i in range(4_000)}}")
            told = quick.until(
                "tensors", lambda m, n=number: [n + 2] in m["data"]["columns"]["shape"]
            )
        heard = 0
        while mirror.revision != told["data"]["revision"]:
            mirror.apply(slow.until("tensors", within=30)["data"])
            heard += 1
        assert heard < rounds - 5, heard
        # Whatever was left out, what it was told adds up to what there is.
        expected = [[2, 3], [5]] + [[rounds + 1]] * 4_000
        assert sorted(mirror.rows.values()) == sorted(expected)
