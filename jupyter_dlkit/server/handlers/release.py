"""``kernels/{kernel_id}/release``."""

from __future__ import annotations

import orjson

from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..links import Links
from ..settings import Settings
from .moves import answer_when_settled


class ReleaseHandler(DLKitHandler):
    """Releases memory that nothing of the user's needs, or says what that would do."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings

    @needs(EXECUTE)
    async def post(self, kernel_id: str) -> None:
        """Answers."""
        await self.links.allow_changes(kernel_id)
        changes = self.links.changes(kernel_id)
        request = document.body("ReleaseRequest", self.request.body, self.dlkit.max_body)
        what = list(dict.fromkeys(request["what"]))
        if request["dry_run"]:
            self.answer(orjson.dumps(await changes.plan_release(what)))
        else:
            await answer_when_settled(self, changes, await changes.release(what))
