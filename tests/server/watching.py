"""A client of the stream that checks every message against the document."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import websocket

from tests.live.server import LiveServer
from tests.server.answers import fits

Message = dict[str, Any]


class Watching:
    """An open stream.

    >>> with Watching(server) as stream:
    ...     stream.watch(kernel.id)
    ...     stream.until("tensors")
    """

    def __init__(self, server: LiveServer, checked: bool = True) -> None:
        self._socket = server.socket("jupyter_dlkit/stream")
        # Checking ten thousand rows takes a minute.
        self._checked = checked
        #: Everything that came, oldest first.
        self.heard: list[Message] = []

    def __enter__(self) -> Watching:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, message: Any) -> None:
        """A message, or any text."""
        self._socket.send(message if isinstance(message, str) else json.dumps(message))

    def watch(self, kernel_id: str, **more: Any) -> None:
        """Subscribe to a kernel."""
        self.send({"type": "subscribe", "topic": "kernel", "kernel_id": kernel_id, **more})

    def leave(self, kernel_id: str) -> None:
        """Unsubscribe from a kernel."""
        self.send({"type": "unsubscribe", "topic": "kernel", "kernel_id": kernel_id})

    def next(self, within: float = 20.0) -> Message:
        """The next message; TimeoutError when none comes."""
        self._socket.settimeout(max(0.001, within))
        try:
            message: Message = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException:
            raise TimeoutError(f"nothing was heard for {within} s") from None
        if self._checked:
            fits(message, "StreamMessage")
        self.heard.append(message)
        return message

    def until(
        self,
        kind: str,
        such: Callable[[Message], bool] = lambda _: True,
        within: float = 20.0,
    ) -> Message:
        """The next message of that kind for which ``such`` holds."""
        deadline = time.monotonic() + within
        since = len(self.heard)
        while time.monotonic() < deadline:
            try:
                message = self.next(deadline - time.monotonic())
            except TimeoutError:
                break
            if message["type"] == kind and such(message):
                return message
        shown = [json.dumps(m)[:300] for m in self.heard[since:]]
        raise AssertionError(f"no {kind!r} within {within} s, but:\n" + "\n".join(shown))

    def all_for(self, seconds: float) -> list[Message]:
        """What comes in that time."""
        deadline = time.monotonic() + seconds
        found = []
        while (left := deadline - time.monotonic()) > 0:
            try:
                found.append(self.next(left))
            except TimeoutError:
                break
        return found


def names(message: Message) -> list[str]:
    """Names of the rows of a ``tensors`` message."""
    found: list[str] = message["data"]["columns"]["name"]
    return found
