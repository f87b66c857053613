"""The way to one kernel: requests go out, replies come back as bytes."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Protocol

from jupyter_client.session import Session

#: More than this many unanswered requests are never queued at one kernel.
MAX_PENDING = 64


@dataclass(frozen=True)
class Message:
    """A reply; ``content`` is the JSON that the kernel encoded, not parsed."""

    type: str
    metadata: dict[str, Any]
    content: bytes


class Channel(Protocol):
    """What a link needs of a transport; a gateway's kernels can bring another."""

    @property
    def pending(self) -> int:
        """How many requests wait for their replies."""

    @property
    def waiting_since(self) -> float | None:
        """When (monotonic seconds) the oldest of them was sent."""

    def request(self, msg_type: str, content: dict[str, Any]) -> asyncio.Future[Message]:
        """Sends; the future has no time limit, and fails when the channel is closed."""

    def close(self, why: Exception) -> None:
        """Ends it; every waiting request fails with ``why``."""


class _ZMQChannel:
    """A socket of our own to one channel of a kernel that this server's manager knows."""

    def __init__(self, manager: Any, stream: Any, log: logging.Logger) -> None:
        self._log = log
        # A session of our own: its digests and message ids are nobody else's.
        self._session = Session(
            config=manager.session.config,
            key=manager.session.key,
            signature_scheme=manager.session.signature_scheme,
        )
        self._stream = stream
        # What was not delivered when a kernel died must not reach its successor.
        self._stream.socket.linger = 0
        self._stream.on_recv(self._received)
        self._waiting: dict[str, tuple[float, asyncio.Future[Message]]] = {}

    @property
    def pending(self) -> int:
        """How many requests wait for their replies."""
        return len(self._waiting)

    @property
    def waiting_since(self) -> float | None:
        """When (monotonic seconds) the oldest of them was sent."""
        return next((sent_at for sent_at, _ in self._waiting.values()), None)

    def request(self, msg_type: str, content: dict[str, Any]) -> asyncio.Future[Message]:
        """Sends; see :class:`Channel`.

        Raises:
            OverflowError: too many requests wait already.
        """
        if len(self._waiting) >= MAX_PENDING:
            raise OverflowError(f"{len(self._waiting)} requests wait for this kernel already")
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        # Nobody may be left to look at a failure: its waiters had time limits.
        future.add_done_callback(lambda f: f.cancelled() or f.exception())
        message = self._session.msg(msg_type, content)
        self._waiting[message["msg_id"]] = (time.monotonic(), future)
        self._session.send(self._stream, message)
        return future

    def _received(self, frames: list[bytes]) -> None:
        try:
            _, parts = self._session.feed_identities(frames)
            message = self._session.deserialize(parts, content=False)
        except Exception as error:
            self._log.warning("A kernel's reply cannot be read: %s", error)
            return
        waiting = self._waiting.pop(message["parent_header"].get("msg_id", ""), None)
        if waiting is not None and not waiting[1].done():
            waiting[1].set_result(
                Message(message["msg_type"], message["metadata"], bytes(message["content"]))
            )

    def close(self, why: Exception) -> None:
        """Ends it; every waiting request fails with ``why``."""
        waiting, self._waiting = self._waiting, {}
        if not self._stream.closed():
            self._stream.on_recv(None)
            self._stream.close(linger=0)
        for _, future in waiting.values():
            if not future.done():
                future.set_exception(why)


class ZMQControlChannel(_ZMQChannel):
    """The control channel: answered while a cell runs."""

    def __init__(self, manager: Any, log: logging.Logger) -> None:
        super().__init__(manager, manager.connect_control(), log)


class ZMQShellChannel(_ZMQChannel):
    """The shell channel: answered, perhaps hours later, when the kernel's queue reaches it."""

    def __init__(self, manager: Any, log: logging.Logger) -> None:
        super().__init__(manager, manager.connect_shell(), log)
