"""``kernels/{kernel_id}/moves`` and what lies under it."""

from __future__ import annotations

import orjson

from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..change import Change
from ..changes import Doomed, KernelChanges
from ..links import Links
from ..settings import Settings


async def answer_when_settled(
    handler: DLKitHandler, changes: KernelChanges, change: Change
) -> None:
    """200 with how it went, or 202 while it waits or runs."""
    await changes.settled(change)
    handler.set_status(202 if change.waits else 200)
    handler.answer(changes.encoded(change))


async def answer_deletion(
    handler: DLKitHandler, changes: KernelChanges, doomed: Doomed, dry_run: bool
) -> None:
    """What it would do, or how it went."""
    if dry_run:
        handler.answer(orjson.dumps(await changes.plan_deletion(doomed)))
    else:
        await answer_when_settled(handler, changes, await changes.delete(doomed))


class _ChangesHandler(DLKitHandler):
    """What the addresses of changes have in common."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings


class MovesHandler(_ChangesHandler):
    """Moves tensors, modules, optimizers or containers, or says what that would do."""

    @needs(EXECUTE)
    async def post(self, kernel_id: str) -> None:
        """Answers."""
        await self.links.allow_changes(kernel_id)
        changes = self.links.changes(kernel_id)
        request = document.body("MoveRequest", self.request.body, self.dlkit.max_body)
        if request["dry_run"]:
            self.answer(orjson.dumps(await changes.plan(request)))
            return
        await answer_when_settled(self, changes, await changes.move(request))


class MoveHandler(_ChangesHandler):
    """How a move or a deletion went; cancels it while it is queued."""

    @needs(EXECUTE)
    async def get(self, kernel_id: str, move_id: str) -> None:
        """Answers."""
        changes = self.links.changes(kernel_id)
        self.answer(changes.encoded(changes.get(move_id)))

    @needs(EXECUTE)
    async def delete(self, kernel_id: str, move_id: str) -> None:
        """Answers."""
        changes = self.links.changes(kernel_id)
        self.answer(changes.encoded(await changes.cancel(move_id)))


class UndoHandler(_ChangesHandler):
    """Puts back what the last move has moved."""

    @needs(EXECUTE)
    async def post(self, kernel_id: str, move_id: str) -> None:
        """Answers."""
        await self.links.allow_changes(kernel_id)
        changes = self.links.changes(kernel_id)
        await answer_when_settled(self, changes, await changes.undo(move_id))
