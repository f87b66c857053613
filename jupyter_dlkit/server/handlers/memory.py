"""``kernels/{kernel_id}/memory``."""

from __future__ import annotations

from ...kernel import protocol
from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..links import Links
from ..rows import splice
from ..settings import Settings


class MemoryHandler(DLKitHandler):
    """Who owns every byte of the kernel's devices, and what each cell changed."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers."""
        query = document.query("/kernels/{kernel_id}/memory", self.request.query_arguments)
        link = self.links.link(kernel_id)
        limit = self.dlkit.request_timeout
        args = {name: query.get(name) for name in ("device", "since", "after")}
        reply = await link.ask(protocol.MEMORY, {**args, "timeout_ms": limit * 500})
        self.answer(splice(link.kernel_state, reply.content))
