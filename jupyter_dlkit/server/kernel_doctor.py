"""A kernel's environment, examined by its own interpreter."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from ..kernel import carry, protocol
from .diagnosis import Run
from .errors import DLKitError, NoAnswer
from .link import KernelLink

#: Seconds between two looks at a run; the long one reads gigabytes.
QUICK_PAUSE, LONG_PAUSE = 0.1, 0.5

#: Seconds for which a kernel may leave its run unanswered: the examining process has a limit of
#: its own, but a kernel that holds Python's lock cannot tell what it said.
PATIENCE, LONG_PATIENCE = 60.0, 1200.0

#: What the server knows, for the facts of the kernel: asked anew for each run.
Facts = Callable[[], Awaitable[dict[str, Any]]]


class KernelTarget:
    """See :class:`~jupyter_dlkit.server.diagnosis.Target`."""

    def __init__(self, link: Callable[[], KernelLink], facts: Facts) -> None:
        """``link`` finds the kernel's link, or raises."""
        self.name = "This kernel's environment"
        self._link = link
        self._facts = facts

    def process(self) -> object:
        """Its number, where it is local."""
        try:
            return self._link().pid
        except DLKitError:
            return None

    async def prepare(self) -> None:
        """Attaches; a kernel that is too busy for that is waited for by the run."""
        try:
            await self._link().ready()
        except NoAnswer:
            return

    async def examine(self, run: Run, advanced: Callable[[], None]) -> dict[str, Any]:
        """Starts the run in the kernel, and follows it."""
        link, run_id = self._link(), uuid.uuid4().hex
        limit = time.monotonic() + (LONG_PATIENCE if run.integrity else PATIENCE)
        start = {
            "do": "start",
            "id": run_id,
            "long": run.integrity,
            "facts": await self._facts(),
            **carry.doctor(),
        }
        ended = False
        try:
            answer = await self._ask(link, start, limit)
            while not answer["ended"]:
                await asyncio.sleep(LONG_PAUSE if run.integrity else QUICK_PAUSE)
                look = {"do": "look", "id": run_id, "since": len(run.findings)}
                answer = await self._ask(link, look, limit)
                _take(run, answer, advanced)
            ended = True
        finally:
            if not ended:
                # Not waited for: whoever cancels must not wait for a busy kernel.
                _send_cancel(link, run_id)
        if answer["error"] is not None:
            error = answer["error"]
            raise DLKitError(500, error["code"], error["message"], error["hint"])
        report: dict[str, Any] = answer["report"]
        return report

    async def _ask(self, link: KernelLink, args: dict[str, Any], limit: float) -> dict[str, Any]:
        """An answer, waited for until ``limit``: a busy kernel answers when it can."""
        while True:
            try:
                reply = await link.ask(protocol.DOCTOR, args)
            except NoAnswer:
                if time.monotonic() > limit:
                    raise
            else:
                answer: dict[str, Any] = orjson.loads(reply.content)
                return answer


def _take(run: Run, answer: dict[str, Any], advanced: Callable[[], None]) -> None:
    progress = answer["progress"]
    before = (run.total, run.progress)
    run.total = answer["total"]
    run.progress = None if progress is None else (progress[0], progress[1], progress[2])
    run.findings += answer["findings"]
    if answer["findings"] or (run.total, run.progress) != before:
        advanced()


def _send_cancel(link: KernelLink, run_id: str) -> None:
    async def cancel() -> None:
        try:
            await link.ask(protocol.DOCTOR, {"do": "cancel", "id": run_id})
        except DLKitError:
            pass  # the kernel is gone, and its process with it; or too busy: it has a time limit

    task = asyncio.get_running_loop().create_task(cancel())
    _cancelling.add(task)
    task.add_done_callback(_cancelling.discard)


_cancelling: set[asyncio.Task[None]] = set()
