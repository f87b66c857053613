"""Memory of the host that is still held although no object of Python's shows it.

A device's own counter tells that; the host has none.  So the storages are held for a moment, and
asked how many others have them.
"""

from __future__ import annotations

from typing import Any, Dict, List

from .. import loaded
from ..columns import Describer
from ..kinds import TENSOR, Kinds
from ..memory.tracked import tracked
from ..unseen import unseen
from .look import OUTSIDE, Piece, Pieces


class Storages:
    """Storages of the host's memory among what was reached; drops them when asked."""

    def __init__(self, reached: Pieces) -> None:
        self._reached = {
            start: piece for (where, start), piece in reached.items() if where == "cpu"
        }
        self._held: Dict[int, Any] = {}
        if self._reached and loaded.torch() is not None:
            unseen(self._find)

    def _find(self) -> None:
        describer = Describer(loaded.torch())
        tensors: List[Any] = tracked(Kinds(), (TENSOR,))[TENSOR]
        for tensor in tensors:
            try:
                if describer.is_plain([tensor])[0]:
                    (start,) = describer.pointers([tensor])
                    if start in self._reached and start not in self._held:
                        self._held[start] = describer.storage(tensor)
            except (RuntimeError, NotImplementedError):
                continue  # it has no storage of its own
        tensors.clear()

    def taken(self) -> Pieces:
        """Those that somebody else has; none is held any more."""
        torch = loaded.torch()
        found: Pieces = {}
        while self._held:
            start, storage = self._held.popitem()
            if torch._C._storage_Use_Count(storage._cdata) > 1:
                size = self._reached[start].size
                found["cpu", start] = Piece(size, (OUTSIDE,), (OUTSIDE,), (OUTSIDE,))
        return found
