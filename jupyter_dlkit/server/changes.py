"""The changes of one kernel: sent to its queue, followed, cancelled; the same for all clients."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Callable, NamedTuple

import orjson

from ..kernel import protocol
from .change import Change, Kind, deletion_document, move_document, release_document
from .channel import Message
from .errors import NO_ANSWER, CannotChange, DLKitError, KernelGone, NoSuchChange
from .link import KernelLink
from .sentences import (
    Sentences,
    named,
    of_deletion,
    of_move,
    of_release,
    of_undo,
    paths_of,
    released,
    why_not_undone,
)
from .settings import Settings

#: So many changes that have ended are kept, and so many bytes of them.
KEPT, KEPT_BYTES = 50, 16 * 1024 * 1024

#: Seconds until a change is asked how far it is, and between two times while it runs.
PROGRESS_PAUSE = 0.25

#: Bytes per second of progress for each who watches: a large document is sent less often.
PROGRESS_RATE = 1024 * 1024

#: Seconds between two times while a cell runs; when that ends, it is asked at once.
QUEUED_PAUSE = 10.0

#: The same, for a kernel that does not tell when a cell ends.
UNTOLD_PAUSE = 1.0

#: Seconds within which a move is planned before it is sent; not done by then, it is sent unplanned.
PLAN_TIMEOUT = 2.0

#: Seconds that a request waits for a change although a cell runs: perhaps that just ended.
GRACE = 0.3

#: Seconds for which newcomers are told of what has ended: they may have missed it.
NEWS = 60.0


class Doomed(NamedTuple):
    """Whose names are to be deleted: a row's, or those of a group, which has no id."""

    tensor_id: str | None
    path: str
    type: str | None = None  #: the group's class as it was listed


class KernelChanges:
    """Moves, deletions and releases in one kernel.

    ``tell`` gets a change and its encoded document whenever one was queued, began, advanced or
    ended; ``ended`` is called when the kernel's objects may have changed.
    """

    def __init__(
        self,
        link: KernelLink,
        *,
        tell: Callable[[Change, bytes], None],
        ended: Callable[[], None],
        keep: Callable[[Any], None],
        settings: Settings,
        log: logging.Logger,
    ) -> None:
        self.link = link
        self._tell_all = tell
        self._ended = ended
        self._in_background = keep
        self._settings = settings
        self._log = log
        self._changes: dict[str, Change] = {}
        link.ends.add(self.end)

    # Looking them up ----------------------------------------------------------

    def get(self, change_id: str) -> Change:
        """One of the last changes.

        Raises:
            NoSuchChange: unknown, or too long ago.
        """
        change = self._changes.get(change_id)
        if change is None:
            raise NoSuchChange(change_id)
        return change

    def encoded(self, change: Change) -> bytes:
        """Its ``Move``, ``Deletion`` or ``Release``."""
        return change.encoded(self.link.kernel_state)

    def recent(self) -> list[Change]:
        """What waits, runs, or ended a short time ago."""
        now = asyncio.get_running_loop().time()
        return [c for c in self._changes.values() if c.waits or now - c.ended_at < NEWS]

    # Asking for them ----------------------------------------------------------

    async def plan(self, request: dict[str, Any], timeout: float | None = None) -> dict[str, Any]:
        """What a ``MoveRequest`` would do: a ``Move`` in state ``preview``.

        Raises:
            as :meth:`KernelLink.ask`; what the whole request is refused for.
        """
        args = {name: request[name] for name in ("targets", "device", "force", "how")}
        reply = await self.link.ask(protocol.PLAN, args, timeout)
        planned: dict[str, Any] = orjson.loads(reply.content)
        planned["kernel_state"] = self.link.kernel_state
        return planned

    async def move(self, request: dict[str, Any]) -> Change:
        """Sends a move, after it was planned where the kernel can plan now.

        Raises:
            CannotChange: some of it is refused; nothing was sent.
            as :meth:`KernelLink.ask`; nothing was sent.
        """
        await self.link.ready()
        document = move_document(request["device"], request["how"])
        try:
            limit = min(PLAN_TIMEOUT, self._settings.request_timeout)
            document = await self.plan(request, limit)
        except DLKitError as error:
            if error.status_code != NO_ANSWER:
                raise
            self._log.debug("Kernel %s does not plan now: %s", self.link.kernel_id, error)
        if document["refused"]:
            raise _refusal(document["refused"])
        what = named(paths_of(request["targets"]))
        change = Change(uuid.uuid4().hex, Kind.MOVE, what, document)
        args = {name: request[name] for name in ("targets", "device", "force", "how")}
        says = of_move(request["targets"], document["device"], request["how"])
        self._send(change, protocol.MOVE, {"id": change.id, **args}, says)
        return change

    async def undo(self, change_id: str) -> Change:
        """Sends the undoing of a move.

        Raises:
            NoSuchChange: unknown.
            CannotChange: it is none that can be undone.
        """
        change = self._undoable(change_id)
        await self.link.ready()
        self._undoable(change_id)  # meanwhile somebody else may have
        args = {"id": change.id, "turn": uuid.uuid4().hex}
        self._send(change, protocol.UNDO, args, of_undo(change.what))
        return change

    def _undoable(self, change_id: str) -> Change:
        change = self.get(change_id)
        if change.op is not None:
            raise CannotChange(
                "not_ended",
                f"{change.what}: what was asked for last has not left the kernel's queue yet.",
                "Ask again when the running cell has ended.",
            )
        if not change.can_undo:
            raise CannotChange(
                "cannot_undo",
                f"{change.what}: {why_not_undone(change.kind.value, change.state)}",
                "Only the last move can be undone, once, and not after a restart.",
            )
        return change

    async def plan_deletion(self, doomed: Doomed, timeout: float | None = None) -> dict[str, Any]:
        """What a deletion would do: a ``Deletion`` in state ``preview``.

        Raises:
            as :meth:`KernelLink.ask`: nothing there, or another object.
        """
        reply = await self.link.ask(
            protocol.PLAN, {"op": protocol.DELETE, **doomed._asdict()}, timeout
        )
        planned: dict[str, Any] = orjson.loads(reply.content)
        planned["kernel_state"] = self.link.kernel_state
        return planned

    async def delete(self, doomed: Doomed) -> Change:
        """Sends the deletion of names, after they were looked up where that can be now.

        Raises:
            as :meth:`KernelLink.ask`: nothing there, or another object; nothing was sent.
        """
        await self.link.ready()
        limit = min(PLAN_TIMEOUT, self._settings.request_timeout)
        try:
            await self._look_up(doomed, limit)
        except DLKitError as error:
            if error.status_code != NO_ANSWER:
                raise
        path = doomed.path
        change = Change(uuid.uuid4().hex, Kind.DELETION, path, deletion_document(path))
        self._send(
            change, protocol.DELETE, {"id": change.id, **doomed._asdict()}, of_deletion(path)
        )
        return change

    async def plan_release(self, what: list[str]) -> dict[str, Any]:
        """What a release would do: a ``Release`` in state ``preview``.

        Raises:
            as :meth:`KernelLink.ask`: nothing there, a cell is running.
        """
        reply = await self.link.ask(protocol.PLAN, {"op": protocol.RELEASE, "what": what})
        planned: dict[str, Any] = orjson.loads(reply.content)
        return {"hint": None, **planned, "kernel_state": self.link.kernel_state}

    async def release(self, what: list[str]) -> Change:
        """Sends a release.

        Raises:
            as :meth:`KernelLink.ready`; nothing was sent.
        """
        await self.link.ready()
        change = Change(uuid.uuid4().hex, Kind.RELEASE, released(what), release_document())
        self._send(change, protocol.RELEASE, {"id": change.id, "what": what}, of_release(what))
        return change

    async def _look_up(self, doomed: Doomed, limit: float) -> None:
        """Raises what speaks against the deletion; what is cheap to ask, for a row."""
        if doomed.tensor_id is None:
            await self.plan_deletion(doomed, limit)
            return
        args = {
            "id": doomed.tensor_id,
            "path": doomed.path,
            "values": None,
            "slice": None,
            "limit": self._settings.max_slice,
            "timeout_ms": limit * 500,
        }
        await self.link.ask(protocol.TENSOR, args, limit)

    async def cancel(self, change_id: str) -> Change:
        """Keeps a queued change from beginning.

        Raises:
            NoSuchChange: unknown.
            CannotChange: it has begun, or ended.
            NoAnswer: the kernel does not say whether it has begun.
        """
        change = self.get(change_id)
        if change.state == "queued":
            reply = orjson.loads(
                (await self.link.ask(protocol.CANCEL, {"id": change.turn})).content
            )
            if reply["cancelled"]:
                if change.waits:
                    change.cancelled()
                    self._tell(change)
                return change
            if change.waits:
                change.progress(reply)
        if change.waits:
            raise CannotChange(
                "has_started",
                f"{change.what}: this has started, and cannot be cancelled any more.",
                "Wait until it has ended; a move can then be undone.",
            )
        raise CannotChange(
            "has_ended",
            f"{change.what}: this has ended already, and cannot be cancelled.",
            "The last move can be undone.",
        )

    async def settled(self, change: Change) -> None:
        """Waits until a change has ended, as long as that can be expected to be soon.

        Raises:
            DLKitError: the kernel refused it, in the kernel's words.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not change.ended.is_set():
            left = began + self._settings.change_patience - loop.time()
            blocked = change.state == "queued" and self.link.busy
            if left <= 0 or (blocked and loop.time() - began > GRACE):
                return
            try:
                await asyncio.wait_for(change.ended.wait(), min(left, GRACE / 2))
            except asyncio.TimeoutError:
                pass
        if change.error is not None:
            raise change.error

    # Following them -----------------------------------------------------------

    def _send(self, change: Change, op: str, args: dict[str, Any], says: Sentences) -> None:
        try:
            reply = self.link.change(op, args)
        except OverflowError as error:
            raise CannotChange(
                "too_many", f"{error}.", "Cancel some, or wait until the running cell has ended."
            ) from None
        self._changes.pop(change.id, None)
        self._changes[change.id] = change  # the last one is the last to be forgotten
        self._trim()
        change.sent(op, args.get("turn", change.id), says)
        self._tell(change)
        self._in_background(self._follow(change, reply))

    def _trim(self) -> None:
        """Forgets the oldest that have ended."""
        ended = [c for c in self._changes.values() if c.op is None]
        size = sum(c.size for c in ended)
        for change in ended:
            if len(self._changes) <= KEPT and size <= KEPT_BYTES:
                break
            size -= change.size
            del self._changes[change.id]

    async def _follow(self, change: Change, reply: asyncio.Future[Message]) -> None:
        wake = asyncio.Event()
        self.link.listeners.add(wake.set)
        try:
            while not reply.done():
                await self._pause(change, reply, wake)
                if not reply.done() and change.waits:
                    await self._ask(change, reply)
            waited = change.waits
            change.answered(reply.result())
        except KernelGone as gone:
            self._lost(change, gone)
            return
        except Exception:
            self._log.exception("Change %s cannot be followed", change.id)
            change.defect()
        finally:
            self.link.listeners.discard(wake.set)
        if change.can_undo:
            self._forget_undo_but(change)
        if waited:
            self._tell(change)
            self._ended()

    async def _pause(
        self, change: Change, reply: asyncio.Future[Message], wake: asyncio.Event
    ) -> None:
        """Waits until it may have begun, advanced or ended."""
        # At least so long: cells that end one after the other each wake us.
        await asyncio.wait({reply}, timeout=PROGRESS_PAUSE)
        wake.clear()
        seconds: float | None = change.size / PROGRESS_RATE
        if not change.waits:
            seconds = None  # cancelled: its turn is still to come
        elif change.state == "queued" and not self.link.tells_state:
            seconds = UNTOLD_PAUSE
        elif change.state == "queued" and self.link.busy:
            seconds = QUEUED_PAUSE
        waking = asyncio.ensure_future(wake.wait())
        either: set[asyncio.Future[Any]] = {reply, waking}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()

    async def _ask(self, change: Change, reply: asyncio.Future[Message]) -> None:
        """How far it is; the reply itself may come first."""
        asked = asyncio.ensure_future(self.link.ask(protocol.PROGRESS, {"id": change.turn}))
        asked.add_done_callback(lambda t: t.cancelled() or t.exception())
        either: set[asyncio.Future[Any]] = {reply, asked}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if reply.done() or not change.waits:
                return
            if change.progress(orjson.loads(asked.result().content)):
                self._tell(change)
        except DLKitError as error:  # it is asked again
            self._log.debug("Kernel %s: %s", self.link.kernel_id, error)
        finally:
            asked.cancel()

    def _forget_undo_but(self, last: Change) -> None:
        for change in self._changes.values():
            if change is not last and change.forget_undo():
                self._tell(change)

    def _lost(self, change: Change, gone: KernelGone) -> None:
        waited = change.waits
        change.lost(gone)
        if waited:
            self._tell(change)

    def end(self, gone: KernelGone) -> None:
        """The kernel's process ended; nothing of it can be undone."""
        for change in self._changes.values():
            self._lost(change, gone)
            if change.forget_undo():
                self._tell(change)

    def _tell(self, change: Change) -> None:
        self.link.changing = any(c.state == "running" for c in self._changes.values())
        self._tell_all(change, self.encoded(change))


def _refusal(refused: list[dict[str, Any]]) -> CannotChange:
    """What a move is refused for, in one sentence, and all of it."""
    first, more = refused[0], len(refused) - 1
    codes = {tensor["code"] for tensor in refused}
    others = "another tensor is" if more == 1 else f"{more} other tensors are"
    return CannotChange(
        first["code"] if len(codes) == 1 else "refused",
        first["message"] + (f" And {others} refused." if more else ""),
        first["hint"],
        refused,
    )
