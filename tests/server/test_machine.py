"""The machine on the stream: one sampler for all, and the server's end."""

from __future__ import annotations

import signal

from tests.live.server import LiveServer
from tests.live.stack import Stack
from tests.server.watching import Watching


def test_the_machine_is_sampled_while_somebody_listens(server: LiveServer) -> None:
    with Watching(server) as one, Watching(server) as two:
        for stream in (one, two):
            stream.send({"type": "subscribe", "topic": "status", "interval": 0.5})
        heard = [one.until("status")["data"] for _ in range(4)]
        assert len({m["taken_at"] for m in heard}) == 4
        shared = {m["data"]["taken_at"] for m in two.all_for(0.2) if m["type"] == "status"}
        assert shared & {m["taken_at"] for m in heard}
        last = heard[-1]["history"]
        assert last["seconds"][-1] == 0
        assert last["seconds"] == sorted(last["seconds"], reverse=True)
        assert last["host"]["memory_used"][-1] == heard[-1]["host"]["memory"]["used"]
        one.send({"type": "unsubscribe", "topic": "status"})
        two.send({"type": "unsubscribe", "topic": "status"})
        one.all_for(0.6)
        assert one.all_for(1.2) == []


def test_a_server_stops_cleanly_in_the_middle_of_everything(stack: Stack) -> None:
    with LiveServer() as server:
        kernel = server.start_kernel(stack.name)
        kernel.run("import numpy as np\na = np.zeros(3)")
        with Watching(server) as stream:
            stream.watch(kernel.id, interval=0.5)
            stream.send({"type": "subscribe", "topic": "status", "interval": 0.5})
            stream.until("tensors")
            stream.until("status")
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)
        log = server.log.read_text()
    for bad in ("Task was destroyed", "never retrieved", "never awaited", "Traceback"):
        assert bad not in log, log[-3000:]
