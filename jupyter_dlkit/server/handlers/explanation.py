"""``kernels/{kernel_id}/explanation``: why the last cell that failed did."""

from __future__ import annotations

from ...kernel import protocol
from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..links import Links
from ..settings import Settings


class ExplanationHandler(DLKitHandler):
    """The last explanation of a kernel, and whether it writes below tracebacks."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers."""
        link = self.links.link(kernel_id)
        self.answer((await link.ask(protocol.EXPLANATION)).content)

    @needs(EXECUTE)
    async def post(self, kernel_id: str) -> None:
        """Switches the text below tracebacks, and answers."""
        link = self.links.link(kernel_id)
        request = document.body("ExplanationRequest", self.request.body, self.dlkit.max_body)
        self.answer((await link.ask(protocol.EXPLANATION, request)).content)
