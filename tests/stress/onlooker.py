"""Looks at a kernel at every endpoint, as fast as it is answered, with the stream subscribed.

The server protects a busy kernel from being scanned too often, so the scans
themselves are asked for a second time, past the server, one after the other.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
from collections import Counter
from typing import Any

import websocket

from jupyter_dlkit.kernel import protocol
from tests.live.server import LiveServer, ServedKernel

#: 404 and 409: that tensor is gone by now.  504: the kernel did not come to answer.
FORGIVEN = {404, 409, 504}


class Onlooker:
    """Three threads: one asks the server, one is subscribed, one asks the agent.

    ``troubles`` are answers that are not allowed; ``answers`` counts (endpoint,
    status), ``messages`` those of the stream by type, ``scans`` the agent's.
    """

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.messages: Counter[str] = Counter()
        self.scans = 0
        self.troubles: list[str] = []
        self._server = server
        self._kernel = kernel
        self._over = threading.Event()
        self._random = random.Random(0)
        self._ids: list[str] = []
        self._revision = ""
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True)
            for work in (self._ask, self._listen, self._scan)
        ]

    def __enter__(self) -> Onlooker:
        self._socket = self._server.socket("jupyter_dlkit/stream")
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()
        self._socket.close()

    def _guarded(self, work: Any) -> None:
        try:
            work()
        except Exception as error:
            self.troubles.append(repr(error))

    # Asking --------------------------------------------------------------------

    def _ask(self) -> None:
        base = f"kernels/{self._kernel.id}"
        for turn in itertools.count():
            if self._over.is_set():
                return
            self._list(f"{base}/tensors", {})
            self._list(f"{base}/tensors", {"format": "columns", "since": self._revision})
            page = {"q": "weight", "sort": "bytes", "order": "desc", "limit": "20"}
            self._get("page", f"{base}/tensors", page)
            for values in ({}, {"values": "summary"}, {"values": "slice", "slice": "0"}):
                if self._ids:
                    chosen = self._random.choice(self._ids)
                    self._get("detail", f"{base}/tensors/{chosen}", values)
            self._get("devices", f"{base}/devices", {})
            if turn % 5 == 0:
                for name in ("status", "kernels", "openapi.json"):
                    self._get(name, name, {})

    def _list(self, path: str, query: dict[str, str]) -> None:
        answer = self._get("list", path, {key: value for key, value in query.items() if value})
        if answer is not None:
            self._revision = answer["revision"]
            if "tensors" in answer:
                self._ids = [row["id"] for row in answer["tensors"]]

    def _get(self, name: str, path: str, query: dict[str, str]) -> Any:
        answer = self._server.get(f"jupyter_dlkit/{path}", **query)
        status = answer.status_code
        self.answers[name, status] += 1
        if status == 400 and query.get("values") == "slice":
            return None  # of a tensor of rank 0
        if status != 200:
            if status not in FORGIVEN:
                self.troubles.append(f"{status} {path} {query}: {answer.text[:500]}")
            return None
        return answer.json()

    # Subscribed ----------------------------------------------------------------

    def _listen(self) -> None:
        topics: list[dict[str, Any]] = [{"topic": "status"}]
        topics.append({"topic": "kernel", "kernel_id": self._kernel.id})
        for topic in topics:
            self._socket.send(json.dumps({"type": "subscribe", "interval": 1.0, **topic}))
        self._socket.settimeout(1)
        while not self._over.is_set():
            try:
                message = json.loads(self._socket.recv())
            except websocket.WebSocketTimeoutException:
                continue
            self.messages[message["type"]] += 1
            if message["type"] == "error":
                self.troubles.append(json.dumps(message))

    # Past the server ------------------------------------------------------------

    def _scan(self) -> None:
        while not self._revision:  # then the agent is there: others are not answered
            if self._over.wait(0.05):
                return
        kernel = ServedKernel(self._server, self._kernel.id)
        arguments = {"since": None, "budget_ms": 200, "max_age_ms": 0}
        while not self._over.is_set():
            asked = protocol.request(protocol.TENSORS, arguments)
            head = kernel.control(protocol.REQUEST, asked)["metadata"][protocol.HEAD]
            if not head["ok"]:
                self.troubles.append(json.dumps(head))
            self.scans += 1
        kernel.disconnect()
