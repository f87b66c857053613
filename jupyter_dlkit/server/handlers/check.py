"""``POST check`` and ``POST kernels/{kernel_id}/check``."""

from __future__ import annotations

import asyncio

from ...kernel import protocol
from .. import check
from ..access import EXECUTE, READ, DLKitHandler, needs
from ..links import Links
from ..settings import Settings


class CheckHandler(DLKitHandler):
    """Whether shapes work together, by the rules alone."""

    def initialize(self, settings: Settings) -> None:
        """Takes the collaborators."""
        self.dlkit = settings

    @needs(READ)
    async def post(self) -> None:
        """Answers."""
        request = check.parse(self.request.body, self.dlkit.max_body)
        loop = asyncio.get_running_loop()
        self.answer(await loop.run_in_executor(None, check.answer, request))


class KernelCheckHandler(DLKitHandler):
    """The same with the names of a kernel; source is parsed there, and never evaluated."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings

    @needs(EXECUTE)
    async def post(self, kernel_id: str) -> None:
        """Answers."""
        link = self.links.link(kernel_id)
        request = check.parse(self.request.body, self.dlkit.max_body)
        reply = await link.ask(protocol.CHECK, request)
        self.answer(reply.content)
