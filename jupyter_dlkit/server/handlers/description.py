"""``GET openapi.json``."""

from __future__ import annotations

from .. import document
from ..access import READ, DLKitHandler, needs


class DescriptionHandler(DLKitHandler):
    """The document that describes these addresses."""

    @needs(READ)
    async def get(self) -> None:
        """Answers."""
        self.answer(document.text())
