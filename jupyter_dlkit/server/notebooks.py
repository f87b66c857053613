"""Which notebook or console a kernel belongs to, and what that notebook allows."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from jupyter_core.utils import ensure_async

from .switches import is_off

#: Seconds for which the list of sessions is good: it is a query of a database.
SESSIONS_AGE = 1.0


@dataclass(frozen=True)
class Place:
    """Where a kernel is used: the path and the type of its session."""

    path: str
    type: str


class Notebooks:
    """The server's sessions and notebooks, read only."""

    def __init__(self, sessions: Any, contents: Any, log: logging.Logger) -> None:
        self._sessions = sessions
        self._contents = contents
        self._log = log
        self._places: dict[str, Place] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def places(self, fresh: bool = False) -> dict[str, Place]:
        """``{kernel_id: place}``; kernels without a session are not in it."""
        if self._reading is None and (fresh or time.monotonic() - self._read_at > SESSIONS_AGE):
            self._reading = asyncio.create_task(self._read())
        if self._reading is not None:
            await asyncio.shield(self._reading)
        return self._places

    async def _read(self) -> None:
        try:
            found = await ensure_async(self._sessions.list_sessions())
            self._places = {
                s["kernel"]["id"]: Place(s["path"], s["type"]) for s in found if s.get("kernel")
            }
            self._read_at = time.monotonic()
        except Exception:
            self._log.debug("The sessions cannot be listed", exc_info=True)
        finally:
            self._reading = None

    async def switches_off(self, kernel_id: str, switch: str) -> str | None:
        """The path of the kernel's notebook when its metadata switches ``switch`` off."""
        place = (await self.places(fresh=True)).get(kernel_id)
        if place is None or place.type != "notebook":
            return None
        try:
            model = await ensure_async(
                self._contents.get(place.path, type="notebook", content=True)
            )
            metadata = model["content"]["metadata"]
        except Exception as error:  # not saved yet, unreadable, or not a notebook
            self._log.debug("The metadata of %s cannot be read: %s", place.path, error)
            return None
        return place.path if is_off(metadata, switch) else None
