"""``GET kernels``."""

from __future__ import annotations

import orjson

from ..access import READ, DLKitHandler, needs
from ..errors import NoSuchKernel
from ..links import Links


class KernelsHandler(DLKitHandler):
    """Each running kernel and the state of its agent; asks no kernel anything."""

    def initialize(self, links: Links) -> None:
        """Takes the collaborators."""
        self.links = links

    @needs(READ)
    async def get(self) -> None:
        """Answers."""
        self.links.sweep()
        found = []
        for kernel_id in self.links.running():
            try:
                found.append(await self.links.describe(kernel_id))
            except NoSuchKernel:  # it ended while the list was made
                continue
        self.answer(orjson.dumps({"kernels": found}))
