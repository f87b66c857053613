"""``kernels/{kernel_id}/tensors``."""

from __future__ import annotations

import asyncio

from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..changes import Doomed
from ..errors import NoAnswer
from ..links import Links
from ..rows import View, arrange, splice
from .moves import answer_deletion


class TensorsHandler(DLKitHandler):
    """Live tensors, by rows or by columns; deletes the names of a group of them."""

    def initialize(self, links: Links) -> None:
        """Takes the collaborators."""
        self.links = links

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers."""
        query = document.query("/kernels/{kernel_id}/tensors", self.request.query_arguments)
        since = query.pop("since", None)
        by_columns = query.pop("format", "rows") == "columns"
        view = View(**query)
        link = self.links.link(kernel_id)
        loop = asyncio.get_running_loop()
        try:
            # A page is always a page of the whole list.
            reply = await link.tensors_within_budget(since if view.whole else None)
        except NoAnswer as error:
            last = link.last_list
            error.age_ms = last.age_ms
            error.stale = await loop.run_in_executor(
                None, last.merged, link.kernel_state, view, by_columns
            )
            raise
        content = splice(link.kernel_state, reply.content)
        if not (by_columns and view.whole):
            content = await loop.run_in_executor(None, arrange, content, view, by_columns)
        self.answer(content)

    @needs(EXECUTE)
    async def delete(self, kernel_id: str) -> None:
        """Answers."""
        await self.links.allow_changes(kernel_id)
        changes = self.links.changes(kernel_id)
        query = document.query(
            "/kernels/{kernel_id}/tensors", self.request.query_arguments, "delete"
        )
        doomed = Doomed(None, query["group"], query.get("type"))
        await answer_deletion(self, changes, doomed, bool(query.get("dry_run")))
