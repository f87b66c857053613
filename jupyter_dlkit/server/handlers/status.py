"""``GET status``."""

from __future__ import annotations

from ..access import READ, DLKitHandler, needs
from ..sampler import MachineSampler


class StatusHandler(DLKitHandler):
    """Host and devices as the server sees them, and which kernel holds what."""

    def initialize(self, sampler: MachineSampler) -> None:
        """Takes the collaborators."""
        self.sampler = sampler

    @needs(READ)
    async def get(self) -> None:
        """Answers."""
        self.answer((await self.sampler.sample()).encoded)
