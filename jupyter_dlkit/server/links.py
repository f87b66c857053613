"""All links: found by the kernel's id, told of the kernels' lives."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
from jupyter_server import DEFAULT_EVENTS_SCHEMA_PATH

from .attach import Agent
from .change import Change
from .changes import KernelChanges
from .errors import DLKitError, NoSuchKernel
from .feed import KernelFeed
from .link import KernelLink
from .notebooks import Notebooks
from .settings import Settings
from .switches import allow_changes

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

#: Seconds that a new kernel gets until it has a session, whose notebook may forbid attaching.
SESSION_WAIT = 10.0


class Links:
    """One link, and at most one feed, for each running kernel."""

    def __init__(
        self,
        kernels: Any,
        notebooks: Notebooks,
        settings: Settings,
        log: logging.Logger,
    ) -> None:
        self.kernels = kernels
        self.notebooks = notebooks
        self._settings = settings
        self._log = log
        self._links: dict[str, KernelLink] = {}
        self._feeds: dict[str, KernelFeed] = {}
        self._changes: dict[str, KernelChanges] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        #: Streams of callers who may execute, and watch some kernel.
        self.watchers: set[object] = set()

    # Finding ------------------------------------------------------------------

    def link(self, kernel_id: str) -> KernelLink:
        """The link of a running kernel; made when there is none.  Nothing is attached by this.

        Raises:
            NoSuchKernel: it does not run, or never did.
        """
        manager = self._manager(kernel_id)
        link = self._links.get(kernel_id)
        if link is not None and link.manager is not manager:
            self._forget(kernel_id)
            link = None
        if link is None:
            link = KernelLink(
                kernel_id,
                manager,
                settings=self._settings,
                notebooks=self.notebooks,
                log=self._log,
            )
            self._links[kernel_id] = link
        return link

    def feed(self, kernel_id: str) -> KernelFeed:
        """The shared poll of a kernel.

        Raises:
            NoSuchKernel: it does not run.
        """
        link = self.link(kernel_id)
        feed = self._feeds.get(kernel_id)
        if feed is None or feed.link is not link:
            feed = self._feeds[kernel_id] = KernelFeed(link, self, self._log)
        return feed

    def changes(self, kernel_id: str) -> KernelChanges:
        """The moves and deletions in a kernel.

        Raises:
            NoSuchKernel: it does not run.
        """
        link = self.link(kernel_id)
        changes = self._changes.get(kernel_id)
        if changes is None:

            def tell(change: Change, document: bytes) -> None:
                feed = self._feeds.get(kernel_id)
                if feed is not None:
                    feed.tell_change(*_message(kernel_id, change, document))

            def ended() -> None:
                feed = self._feeds.get(kernel_id)
                if feed is not None:
                    feed.look_now()

            changes = self._changes[kernel_id] = KernelChanges(
                link,
                tell=tell,
                ended=ended,
                keep=self.keep,
                settings=self._settings,
                log=self._log,
            )
        return changes

    async def allow_changes(self, kernel_id: str) -> None:
        """Goes on where the kernel's tensors may be changed; asks the kernel nothing.

        Raises:
            NoSuchKernel: it does not run.
            Forbidden: the administrator, its kernelspec or its notebook has switched that off.
        """
        manager = self.link(kernel_id).manager
        await allow_changes(self._settings, manager, self.notebooks, kernel_id)

    def recent_changes(self, kernel_id: str) -> list[tuple[str, bytes]]:
        """``(slot, message)`` of what a new subscriber may have missed."""
        changes = self._changes.get(kernel_id)
        if changes is None:
            return []
        return [_message(kernel_id, c, changes.encoded(c)) for c in changes.recent()]

    def _manager(self, kernel_id: str) -> Any:
        if kernel_id not in self.kernels:
            if kernel_id in self._links:
                self._forget(kernel_id)
            raise NoSuchKernel(kernel_id)
        return self.kernels.get_kernel(kernel_id)

    def running(self) -> list[str]:
        """Ids of the running kernels."""
        return [str(model["id"]) for model in self.kernels.list_kernels()]

    def pids(self) -> dict[int, str]:
        """``{pid: kernel_id}`` of the local kernels."""
        found = {}
        for kernel_id in self.running():
            pid = self.link(kernel_id).pid
            if pid is not None:
                found[pid] = kernel_id
        return found

    async def describe(self, kernel_id: str) -> dict[str, Any]:
        """A ``Kernel`` of the document; asks nobody.

        Raises:
            NoSuchKernel: it does not run.
        """
        link = self.link(kernel_id)
        place = (await self.notebooks.places()).get(kernel_id)
        agent, reason = link.standing()
        try:
            language = link.manager.kernel_spec.language or None
        except Exception:  # its kernelspec was removed while it ran
            language = None
        return {
            "id": kernel_id,
            "name": link.manager.kernel_name,
            "language": language,
            "path": None if place is None else place.path,
            "execution_state": link.kernel_state,
            "pid": link.pid,
            "agent": agent.value,
            "reason": reason,
            "bytes": link.bytes,
        }

    # The kernels' lives -----------------------------------------------------------

    def listen(self, event_logger: Any) -> None:
        """Hears of kernels that start, stop and restart."""
        try:
            event_logger.register_event_schema(
                DEFAULT_EVENTS_SCHEMA_PATH / "kernel_actions" / "v1.yaml"
            )
        except Exception:  # registered already
            self._log.debug("The schema of kernel actions is registered already")
        event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=self._kernel_action)

    async def _kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        kernel_id, action = data.get("kernel_id"), data.get("action")
        if kernel_id is None or data.get("status") != "success":
            return
        link = self._links.get(kernel_id)
        if action == "shutdown" and link is not None:
            link.renew("kernel_stopped", "The kernel was stopped or restarted while it was asked.")
            if kernel_id not in self.kernels:
                self._forget(kernel_id)
        elif action == "start":
            if link is not None:
                link.renew("kernel_restarted", "The kernel was restarted while it was asked.")
            elif self.watchers:
                self.keep(self._greet(kernel_id))

    async def _greet(self, kernel_id: str) -> None:
        """Attaches to a new kernel, once it is known whose notebook it is."""
        deadline = asyncio.get_running_loop().time() + SESSION_WAIT
        while kernel_id not in await self.notebooks.places(fresh=True):
            if asyncio.get_running_loop().time() > deadline or kernel_id not in self.kernels:
                return
            await asyncio.sleep(0.25)
        if self.watchers:
            try:
                link = self.link(kernel_id)
                if link.agent is Agent.DETACHED:
                    await link.ready()
            except DLKitError as error:
                self._log.debug("Kernel %s is not attached: %s", kernel_id, error)

    def _forget(self, kernel_id: str) -> None:
        link = self._links.pop(kernel_id, None)
        if link is not None:  # while there is still somebody to be told of its changes
            link.renew("kernel_stopped", "The kernel was stopped.")
        self._changes.pop(kernel_id, None)
        feed = self._feeds.pop(kernel_id, None)
        if feed is not None:
            self.keep(feed.end(NoSuchKernel(kernel_id)))
        if link is not None:
            self.keep(link.close())

    def sweep(self) -> None:
        """Forgets links of kernels that do not run any more."""
        for kernel_id in [k for k in self._links if k not in self.kernels]:
            self._forget(kernel_id)

    # Tasks ------------------------------------------------------------------------

    def keep(self, coroutine: Any) -> None:
        """Runs in the background, referenced until it ends; an exception is logged."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._log.error("A background task failed", exc_info=task.exception())

    async def close(self) -> None:
        """Ends all feeds and links."""
        for feed in list(self._feeds.values()):
            await feed.end(None)
        for link in list(self._links.values()):
            await link.close()
        self._feeds.clear()
        self._links.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _message(kernel_id: str, change: Change, document: bytes) -> tuple[str, bytes]:
    """The slot and the ``move`` or ``deletion`` message of the stream; each change has its slot."""
    message = b'{"type":%b,"kernel_id":%b,"data":%b}' % (
        orjson.dumps(change.kind.value),
        orjson.dumps(kernel_id),
        document,
    )
    return f"{change.kind.value} {change.id}", message
