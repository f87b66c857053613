"""What one client is still to be sent: the latest of each kind, never a growing queue."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Callable

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

#: Which message: its topic's kernel (or None) and its kind.
Slot = tuple["str | None", str]


class Outbox:
    """Sends messages one after the other, each when the last one has left the server.

    ``write`` sends one message; its future ends when the operating system has taken
    it, so that a slow client holds up nothing but itself.
    """

    def __init__(self, write: Callable[[bytes], Any], log: logging.Logger) -> None:
        self._write = write
        self._log = log
        self._slots: dict[Slot, tuple[bytes, Callable[[], None] | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def put(self, slot: Slot, message: bytes, sent: Callable[[], None] | None = None) -> None:
        """Sends soon, in place of what waits in the same slot; then calls ``sent``."""
        if self._closed:
            return
        self._slots[slot] = (message, sent)
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    def drop(self, kernel_id: str | None) -> None:
        """Forgets what waits for a topic."""
        for slot in [s for s in self._slots if s[0] == kernel_id]:
            del self._slots[slot]

    async def _send(self) -> None:
        try:
            while self._slots:
                slot = next(iter(self._slots))
                message, sent = self._slots.pop(slot)
                await self._write(message)
                if sent is not None:
                    sent()
        except (WebSocketClosedError, StreamClosedError):
            self._closed = True
        except Exception:
            self._closed = True
            self._log.exception("A message could not be sent")
        finally:
            self._task = None

    async def close(self) -> None:
        """Sends no more."""
        self._closed = True
        self._slots.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
