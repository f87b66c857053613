"""One poll of one kernel, shared by all who watch it, silent when nobody does."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Protocol

import orjson

from ..kernel import protocol
from .attach import Agent, head_of
from .channel import Message
from .errors import DLKitError, KernelGone, NoAnswer, NoSuchKernel
from .link import ANY_AGE_MS, KernelLink
from .rows import splice
from .schedule import HANDOVER_MS

if TYPE_CHECKING:
    from .links import Links

#: Seconds between two looks at the state of a kernel whose manager does not tell.
STATE_POLL = 0.5

#: Seconds after which a kernel that could not be asked is tried again.
RETRY = 2.0

#: Seconds until a kernel that owes an answer, or was just restarted, is turned to again.
WAIT_ON = 0.25

#: Watchers who are due within this many seconds are served by one scan.
TOGETHER = 0.1


class Watcher(Protocol):
    """One client's subscription to one kernel."""

    interval: float
    #: The revision that the client has.
    revision: str | None

    @property
    def ready(self) -> bool:
        """False while an earlier list is still being written to the client."""

    def tensors(self, revision: str, data: bytes) -> None:
        """A ``TensorColumns``, from ``self.revision`` to ``revision``."""

    def tell(self, kind: str, message: bytes) -> None:
        """A message of another kind; replaces one of its kind that was not sent yet."""


class KernelFeed:
    """Looks at a kernel for its watchers, as often as the budget allows."""

    def __init__(self, link: KernelLink, links: Links, log: logging.Logger) -> None:
        self.link = link
        self._links = links
        self._log = log
        self._watchers: dict[Watcher, float] = {}  # and when each is due
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._was_busy = False
        self._cell_ended = False
        self._missed: set[Watcher] = set()
        self._told: bytes | None = None
        self._told_error: dict[str, str] | None = None
        self._devices: bytes | None = None
        self._has_accelerator = False
        self._backend: str | None = None
        self._last_after_cell = float("-inf")

    # Watchers -----------------------------------------------------------------

    def add(self, watcher: Watcher) -> None:
        """Looks for this one too; at once."""
        self._watchers[watcher] = 0.0
        self._told = None
        for kind, message in self._links.recent_changes(self.link.kernel_id):
            watcher.tell(kind, message)
        self._wake.set()
        if self._task is None:
            self.link.listeners.add(self._link_changed)
            self._was_busy = self.link.busy
            self._task = asyncio.create_task(self._run())

    async def remove(self, watcher: Watcher) -> None:
        """Looks no more for this one; not at all when it was the last."""
        self._watchers.pop(watcher, None)
        self._missed.discard(watcher)
        if not self._watchers:
            await self._stop()

    def drained(self, watcher: Watcher) -> None:
        """The watcher can take a list again; it gets what it missed."""
        if watcher in self._missed:
            self._wake.set()

    def tell_change(self, kind: str, message: bytes) -> None:
        """A ``move`` or ``deletion`` message; replaces an unsent one of the same kind."""
        self._tell(kind, message)

    def look_now(self) -> None:
        """The kernel's objects have changed: as after a cell."""
        self._cell_ended = True
        self._wake.set()

    async def end(self, error: DLKitError | None) -> None:
        """The kernel is no more."""
        if error is not None:
            self._tell_error(error)
        self._watchers.clear()
        await self._stop()

    async def _stop(self) -> None:
        self.link.listeners.discard(self._link_changed)
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            # wait_for swallows a cancellation that comes together with its result (before
            # Python 3.12): the loop then goes on, and must find that nobody watches.
            self._wake.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _link_changed(self) -> None:
        busy = self.link.busy
        if self._was_busy and not busy:
            self._cell_ended = True
        self._was_busy = busy
        self._wake.set()
        # Not by the loop: that may be waiting for the kernel's answer.
        self._links.keep(self._tell_change())

    # Looking ------------------------------------------------------------------

    async def _run(self) -> None:
        while self._watchers:
            try:
                self._wake.clear()
                await self._tell_state()
                await self._look_if_due()
                await self._tell_state()
                self._told_error = None
            except NoSuchKernel as error:
                self._tell_error(error)
                break
            except NoAnswer as error:
                self._tell_stale(error)
                self._due_in(WAIT_ON)  # then it waits for the same answer again
            except KernelGone as error:
                self._log.debug("Kernel %s: %s", self.link.kernel_id, error.message)
                self._due_in(WAIT_ON)
            except DLKitError as error:
                self._tell_error(error)
                self._due_in(RETRY)
            except Exception as error:
                # One kernel's trouble must not end the feed.
                self._log.exception("Looking at kernel %s failed", self.link.kernel_id)
                self._tell_error(_unexpected(error))
                self._due_in(RETRY)
            await self._pause()

    async def _look_if_due(self) -> None:
        now = time.monotonic()
        newcomers = any(due == 0.0 for due in self._watchers.values())
        if newcomers or now >= self._next_look():
            await self._look(now)
        elif self._missed:
            await self._serve([w for w in self._missed if w.ready], ANY_AGE_MS)

    def _next_look(self) -> float:
        """When (monotonic seconds) the next look is due."""
        if not self._watchers:
            return float("inf")
        link = self.link
        soonest = min(self._watchers.values())
        if self._cell_ended:
            soonest = 0.0  # at once after a cell
        # Idle or busy is asked now, not when the pause began: a cell may have started.
        allowed = link.scanned_at + link.budget.pause(link.occupied)
        if self._cell_ended and not link.occupied:
            allowed = min(allowed, self._last_after_cell + link.budget.min_interval)
        return max(soonest, allowed)

    async def _look(self, now: float) -> None:
        after_cell, self._cell_ended = self._cell_ended, False
        if after_cell:
            self._last_after_cell = now
        # A newcomer must not make a busy kernel be scanned more often.
        early = now < self.link.scanned_at + self.link.budget.pause(self.link.occupied)
        due = [w for w, at in self._watchers.items() if after_cell or at <= now + TOGETHER]
        await self._serve(due, ANY_AGE_MS if early and not after_cell else 0.0)
        for watcher in due:
            if watcher in self._watchers:
                self._watchers[watcher] = now + watcher.interval
        brought_up = self.link.backend != self._backend  # torch imported, CUDA initialised
        if after_cell or brought_up or self._devices is None or self._has_accelerator:
            self._backend = self.link.backend
            reply = await self.link.ask(protocol.DEVICES)
            self._devices = reply.content
            self._has_accelerator = any(
                d.get("type") != "cpu" and d.get("initialized")
                for d in orjson.loads(reply.content).get("devices", [])
            )
            # This look took two messages: the pause must be as long.
            spent = float(head_of(reply).get("thread_ms", 0.0))
            self.link.budget.thread_ms += spent + HANDOVER_MS / 2

    async def _serve(self, watchers: list[Watcher], max_age_ms: float) -> None:
        """One scan; encoded once for each revision that the watchers have."""
        link = self.link
        groups: dict[str | None, list[Watcher]] = {}
        for watcher in watchers:
            if watcher.ready:
                groups.setdefault(watcher.revision, []).append(watcher)
                self._missed.discard(watcher)
            else:
                self._missed.add(watcher)
        for revision, group in groups.items():
            reply = await link.tensors(revision, max_age_ms)
            max_age_ms = ANY_AGE_MS
            for watcher in group:
                if watcher in self._watchers:
                    self._deliver(watcher, reply)

    def _deliver(self, watcher: Watcher, reply: Message) -> None:
        head, link = head_of(reply), self.link
        if head.get("unchanged"):
            watcher.tell(
                "unchanged",
                orjson.dumps(
                    {
                        "type": "unchanged",
                        "kernel_id": link.kernel_id,
                        "revision": head.get("revision"),
                        "taken_at": head.get("taken_at"),
                        "kernel_state": link.kernel_state,
                    }
                ),
            )
        else:
            watcher.tensors(
                str(head["revision"]),
                b'{"type":"tensors","kernel_id":%b,"data":%b}'
                % (orjson.dumps(link.kernel_id), splice(link.kernel_state, reply.content)),
            )

    # Telling ------------------------------------------------------------------

    async def _tell_change(self) -> None:
        try:
            await self._tell_state()
        except NoSuchKernel:  # the loop says so
            self._wake.set()

    async def _tell_state(self) -> None:
        """Tells the watchers of the kernel's and the agent's state, when it changed."""
        data = await self._links.describe(self.link.kernel_id)
        devices = None
        if self._devices is not None and self.link.agent is Agent.ATTACHED:
            devices = orjson.Fragment(splice(self.link.kernel_state, self._devices))
        message = orjson.dumps(
            {
                "type": "kernel",
                "kernel_id": self.link.kernel_id,
                "data": data,
                "devices": devices,
            }
        )
        if message != self._told:
            self._told = message
            self._tell("kernel", message)

    def _tell(self, kind: str, message: bytes) -> None:
        for watcher in tuple(self._watchers):
            watcher.tell(kind, message)

    def _tell_error(self, error: DLKitError) -> None:
        if error.body() != self._told_error:
            self._told_error = error.body()
            self._tell("error", error_message(self.link.kernel_id, error))

    def _tell_stale(self, error: NoAnswer) -> None:
        age = self.link.last_list.age_ms
        if age is None:
            # While it attaches, the state of the agent says what there is to say.
            if self.link.agent is Agent.ATTACHED:
                self._tell_error(error)
            return
        self._tell(
            "stale",
            orjson.dumps(
                {
                    "type": "stale",
                    "kernel_id": self.link.kernel_id,
                    "age_ms": age,
                    "message": error.message,
                }
            ),
        )

    # Pausing ------------------------------------------------------------------

    def _due_in(self, seconds: float) -> None:
        due = time.monotonic() + seconds
        for watcher in self._watchers:
            self._watchers[watcher] = max(due, self._watchers[watcher])

    async def _pause(self) -> None:
        if not self._watchers:
            return
        seconds = max(0.0, self._next_look() - time.monotonic())
        if not self.link.tells_state:
            seconds = min(seconds, STATE_POLL)
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except asyncio.TimeoutError:
            pass


def error_message(kernel_id: str | None, error: DLKitError) -> bytes:
    """An ``error`` message of the stream."""
    return orjson.dumps({"type": "error", "kernel_id": kernel_id, "error": error.body()})


def _unexpected(error: Exception) -> DLKitError:
    return DLKitError(
        500,
        "internal_error",
        f"Looking at the kernel failed: {type(error).__name__}.",
        "The server's log has the details.",
    )
