"""One sampler of the machine, for all clients; it rests while nobody looks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Protocol

import orjson

from . import metrics
from .links import Links
from .owners import kernels_of

#: Seconds for which a sample is good enough for one who asks once.
FRESH = 1.0

#: Samples that are kept for sparklines.
HISTORY = 120


@dataclass(frozen=True)
class Sampled:
    """A ``Status`` of the document, and as it is sent."""

    status: dict[str, Any]
    encoded: bytes
    at: float  # monotonic seconds


@dataclass(frozen=True)
class _Point:
    """What sparklines show of one sample."""

    at: float
    cpu_percent: float | None
    memory_used: int | None
    devices: dict[str, tuple[float | None, int | None]]  # utilization, memory used


class Collector(Protocol):
    """What the hardware room offers; may take tens of milliseconds."""

    def sample(self) -> Any:
        """A frozen sample with ``to_dict()``; blocks."""

    def close(self) -> None:
        """Lets go of the drivers."""


class Listener(Protocol):
    """One client's subscription to the machine."""

    interval: float

    def status(self, sampled: Sampled) -> None:
        """Takes a sample."""


class MachineSampler:
    """Samples in a worker thread, never on the event loop."""

    def __init__(
        self, make_collector: Callable[[], Collector], links: Links, log: logging.Logger
    ) -> None:
        self._make_collector = make_collector
        self._links = links
        self._log = log
        self._collector: Collector | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dlkit-sampler")
        self._history: deque[_Point] = deque(maxlen=HISTORY)
        self._last: Sampled | None = None
        self._sampling: asyncio.Task[Sampled] | None = None
        self._listeners: dict[Listener, float] = {}  # and when each is due
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    # Once ---------------------------------------------------------------------

    async def sample(self, max_age: float = FRESH) -> Sampled:
        """A sample that is not older than ``max_age`` seconds."""
        last = self._last
        if last is not None and time.monotonic() - last.at <= max_age:
            return last
        if self._sampling is None:
            self._sampling = asyncio.create_task(self._sample())
            # Whoever waits for it may have gone when it fails.
            self._sampling.add_done_callback(lambda t: t.cancelled() or t.exception())
        return await asyncio.shield(self._sampling)

    async def _sample(self) -> Sampled:
        try:
            pids = self._links.pids()
            places = await self._links.notebooks.places()
            loop = asyncio.get_running_loop()
            status = await loop.run_in_executor(self._thread, self._collect, pids)
            for device in status["devices"]:
                for process in device["processes"]:
                    place = places.get(process["kernel_id"])
                    process["notebook"] = None if place is None else place.path
            at = time.monotonic()
            self._history.append(_point(at, status))
            status["history"] = self._history_at(at)
            metrics.machine(status)
            metrics.kernels({k: self._links.link(k).bytes for k in self._links.running()})
            self._last = Sampled(status, orjson.dumps(status), at)
            return self._last
        finally:
            self._sampling = None

    def _collect(self, pids: dict[int, str]) -> dict[str, Any]:
        """Runs in the worker thread."""
        if self._collector is None:
            self._collector = self._make_collector()
        status: dict[str, Any] = self._collector.sample().to_dict()
        held = [p for device in status["devices"] for p in device["processes"]]
        owners = kernels_of([p["pid"] for p in held if p["pid"] is not None], pids)
        for process in held:
            process["kernel_id"] = owners.get(process["pid"])
        status["taken_at"] = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        return status

    def _history_at(self, now: float) -> dict[str, Any]:
        points = list(self._history)
        uuids = list(points[-1].devices)
        return {
            "seconds": [round(now - p.at, 3) for p in points],
            "host": {
                "cpu_percent": [p.cpu_percent for p in points],
                "memory_used": [p.memory_used for p in points],
            },
            "devices": {
                uuid: {
                    "utilization": [p.devices.get(uuid, (None, None))[0] for p in points],
                    "memory_used": [p.devices.get(uuid, (None, None))[1] for p in points],
                }
                for uuid in uuids
            },
        }

    # Again and again ------------------------------------------------------------

    def add(self, listener: Listener) -> None:
        """Samples for this one too; at once."""
        self._listeners[listener] = 0.0
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def remove(self, listener: Listener) -> None:
        """Samples no more for this one; not at all when it was the last."""
        self._listeners.pop(listener, None)
        self._wake.set()

    async def _run(self) -> None:
        try:
            while self._listeners:
                self._wake.clear()
                now = time.monotonic()
                due = [w for w, at in self._listeners.items() if at <= now + 0.05]
                if due:
                    # Each turn is a sample of its own; a newcomer may take the last one.
                    newcomers = all(self._listeners[w] == 0.0 for w in due)
                    await self._serve(due, FRESH if newcomers else 0.05, now)
                pause = min(self._listeners.values(), default=0.0) - time.monotonic()
                try:
                    await asyncio.wait_for(self._wake.wait(), max(0.0, pause))
                except asyncio.TimeoutError:
                    pass
        finally:
            self._task = None

    async def _serve(self, due: list[Listener], max_age: float, now: float) -> None:
        try:
            sampled = await self.sample(max_age)
            for listener in due:
                if listener in self._listeners:
                    listener.status(sampled)
        except Exception:
            self._log.exception("The machine could not be sampled")
        for listener in due:
            if listener in self._listeners:
                self._listeners[listener] = now + listener.interval

    async def close(self) -> None:
        """Ends it; waits for its thread."""
        self._listeners.clear()
        tasks = [t for t in (self._task, self._sampling) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._collector is not None:
            self._thread.submit(self._collector.close)
        self._thread.shutdown(wait=True)


def _point(at: float, status: dict[str, Any]) -> _Point:
    host = status["host"]
    return _Point(
        at,
        host["cpu_percent"],
        host["memory"]["used"],
        {d["uuid"]: (d["utilization"], d["memory"]["used"]) for d in status["devices"]},
    )
