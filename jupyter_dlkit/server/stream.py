"""The subscriptions of one WebSocket."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, Awaitable, Callable

from . import document
from .diagnosis import Diagnosis
from .doctors import Doctors
from .errors import BadRequest, DLKitError, Forbidden
from .feed import KernelFeed, error_message
from .idle import IdleWatch
from .links import Links
from .outbox import Outbox
from .sampler import MachineSampler, Sampled
from .settings import Settings

#: Seconds between two messages for a client who does not say.
DEFAULT_INTERVAL = 1.0


class KernelSubscription:
    """One client's watch on one kernel; see :class:`~jupyter_dlkit.server.feed.Watcher`."""

    def __init__(
        self, feed: KernelFeed, outbox: Outbox, interval: float, revision: str | None
    ) -> None:
        self.feed = feed
        self.interval = interval
        self.revision = revision
        self._outbox = outbox
        self._writing = False

    @property
    def ready(self) -> bool:
        """Whether the last list has left the server."""
        return not self._writing

    def tensors(self, revision: str, data: bytes) -> None:
        """Sends a list."""
        self._writing = True
        self.revision = revision
        self._outbox.put((self.feed.link.kernel_id, "tensors"), data, self._sent)

    def _sent(self) -> None:
        self._writing = False
        self.feed.drained(self)

    def tell(self, kind: str, message: bytes) -> None:
        """Sends a message of another kind."""
        self._outbox.put((self.feed.link.kernel_id, kind), message)


class StatusSubscription:
    """One client's watch on the machine."""

    def __init__(self, outbox: Outbox, interval: float) -> None:
        self.interval = interval
        self._outbox = outbox
        self._writing = False

    def status(self, sampled: Sampled) -> None:
        """A sample; left out while the last one is still being written."""
        if not self._writing:
            self._writing = True
            self._outbox.put(
                (None, "status"), b'{"type":"status","data":%b}' % sampled.encoded, self._sent
            )

    def _sent(self) -> None:
        self._writing = False


class IdleSubscription:
    """One client's watch on idle accelerators."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def idle(self, message: bytes) -> None:
        """How it stands; in place of what was not sent yet."""
        self._outbox.put((None, "idle"), message)


class DoctorSubscription:
    """One client's watch on the examinations of one environment."""

    def __init__(self, diagnosis: Diagnosis, kernel_id: str | None, outbox: Outbox) -> None:
        self._diagnosis = diagnosis
        self._kernel_id = kernel_id
        self._outbox = outbox
        diagnosis.listeners.add(self._tell)
        self._tell(diagnosis.encoded())

    def _tell(self, encoded: bytes) -> None:
        message = b'{"type":"doctor","kernel_id":%b,"data":%b}' % (
            json.dumps(self._kernel_id).encode(),
            encoded,
        )
        self._outbox.put((f"doctor {self._kernel_id}", "doctor"), message)

    def close(self) -> None:
        """The client wants no more of it."""
        self._diagnosis.listeners.discard(self._tell)
        self._outbox.drop(f"doctor {self._kernel_id}")


class Stream:
    """What one client has subscribed to.

    ``may_execute`` asks the authoriser; it is asked anew for every subscription to a
    kernel, before anything enters that kernel.
    """

    def __init__(
        self,
        write: Callable[[bytes], Any],
        may_execute: Callable[[], Awaitable[bool]],
        *,
        links: Links,
        sampler: MachineSampler,
        idle: IdleWatch,
        doctors: Doctors,
        settings: Settings,
        log: logging.Logger,
    ) -> None:
        self._outbox = Outbox(write, log)
        self._may_execute = may_execute
        self._links = links
        self._sampler = sampler
        self._idle = idle
        self._doctors = doctors
        self._settings = settings
        self._kernels: dict[str, KernelSubscription] = {}
        self._status: StatusSubscription | None = None
        self._idleness: IdleSubscription | None = None
        self._diagnoses: dict[str | None, DoctorSubscription] = {}
        self._closed = False
        # One message after the other: an unsubscribe must not overtake its subscribe.
        self._turn = asyncio.Lock()

    async def receive(self, message: str | bytes) -> None:
        """A message of the client.  What is wrong with it is answered, and the socket stays."""
        kernel_id = None
        async with self._turn:
            try:
                if len(message) > self._settings.max_body:
                    raise BadRequest("message", f"is longer than {self._settings.max_body} bytes")
                wanted = document.subscription(message)
                kernel_id = wanted.get("kernel_id")
                await self._change(wanted)
            except DLKitError as error:
                self._outbox.put((kernel_id, "error"), error_message(kernel_id, error))

    async def _change(self, wanted: dict[str, Any]) -> None:
        subscribe = wanted["type"] == "subscribe"
        interval = max(wanted.get("interval", DEFAULT_INTERVAL), self._settings.min_interval)
        if wanted["topic"] == "status":
            self._leave_status()
            if subscribe:
                self._check_room()
                self._status = StatusSubscription(self._outbox, interval)
                self._sampler.add(self._status)
            return
        if wanted["topic"] == "idle":
            self._leave_idle()
            if subscribe:
                self._check_room()
                self._idleness = IdleSubscription(self._outbox)
                self._idle.add(self._idleness)
            return
        if wanted["topic"] == "doctor":
            await self._change_doctor(wanted.get("kernel_id"), subscribe)
            return
        kernel_id = wanted["kernel_id"]
        if not subscribe:
            await self._leave_kernel(kernel_id)
            return
        await self._check_may_execute()
        feed = self._links.feed(kernel_id)
        await self._leave_kernel(kernel_id)
        self._check_room()
        if self._closed:
            return
        subscription = KernelSubscription(feed, self._outbox, interval, wanted.get("since"))
        self._kernels[kernel_id] = subscription
        self._links.watchers.add(self)
        feed.add(subscription)

    async def _change_doctor(self, kernel_id: str | None, subscribe: bool) -> None:
        if subscribe and kernel_id is not None:
            await self._check_may_execute()
        diagnosis = self._doctors.of(kernel_id) if subscribe else None
        self._leave_doctor(kernel_id)
        if diagnosis is not None and not self._closed:
            self._check_room()
            self._diagnoses[kernel_id] = DoctorSubscription(diagnosis, kernel_id, self._outbox)

    async def _check_may_execute(self) -> None:
        if not await self._may_execute():
            raise Forbidden(
                "forbidden",
                "You may not see inside kernels: that needs the permission to execute code.",
                "Ask the server's administrator for execute on kernels.",
            )

    def _check_room(self) -> None:
        others = (self._status is not None) + (self._idleness is not None) + len(self._diagnoses)
        if len(self._kernels) + others >= self._settings.max_subscriptions:
            raise BadRequest(
                "topic",
                f"there are {self._settings.max_subscriptions} subscriptions on this connection "
                "already, which is the limit",
            )

    def _leave_status(self) -> None:
        if self._status is not None:
            self._sampler.remove(self._status)
            self._status = None

    def _leave_idle(self) -> None:
        if self._idleness is not None:
            self._idle.remove(self._idleness)
            self._idleness = None

    def _leave_doctor(self, kernel_id: str | None) -> None:
        subscription = self._diagnoses.pop(kernel_id, None)
        if subscription is not None:
            subscription.close()

    async def _leave_kernel(self, kernel_id: str) -> None:
        subscription = self._kernels.pop(kernel_id, None)
        if subscription is not None:
            await subscription.feed.remove(subscription)
            self._outbox.drop(kernel_id)
        if not self._kernels:
            self._links.watchers.discard(self)

    async def close(self) -> None:
        """The client is gone."""
        self._closed = True
        self._leave_status()
        self._leave_idle()
        for kernel_id in list(self._diagnoses):
            self._leave_doctor(kernel_id)
        async with self._turn:
            for kernel_id in list(self._kernels):
                await self._leave_kernel(kernel_id)
        await self._outbox.close()
