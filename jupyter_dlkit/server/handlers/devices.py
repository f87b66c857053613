"""``GET kernels/{kernel_id}/devices``."""

from __future__ import annotations

from ...kernel import protocol
from ..access import EXECUTE, DLKitHandler, needs
from ..links import Links
from ..rows import splice


class DevicesHandler(DLKitHandler):
    """Devices as the kernel's own torch sees them."""

    def initialize(self, links: Links) -> None:
        """Takes the collaborators."""
        self.links = links

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers."""
        link = self.links.link(kernel_id)
        reply = await link.ask(protocol.DEVICES)
        self.answer(splice(link.kernel_state, reply.content))
