"""What a release answers: plain values."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple

PREVIEW, DONE, CANCELLED = "preview", "done", "cancelled"


class Row(NamedTuple):
    """What one release did on one device; bytes, None where the device does not say.

    ``before``, ``after``: allocated bytes, as measured; of ``allocator_cache``: reserved ones.
    Of the host: all memory of tensors, and of NumPy arrays that have a name.
    """

    what: str
    device: str
    before: Optional[int]
    after: Optional[int]
    reserved_before: Optional[int] = None
    reserved_after: Optional[int] = None
    still_held_by: Tuple[str, ...] = ()
    message: str = ""

    @property
    def freed(self) -> Optional[int]:
        """Bytes that are free again."""
        return None if self.before is None or self.after is None else self.before - self.after

    def as_json(self) -> Dict[str, Any]:
        """As the API answers."""
        return {**self._asdict(), "freed": self.freed, "still_held_by": list(self.still_held_by)}


class Released(NamedTuple):
    """A preview, or how it went.  ``removed``: the references that are gone, or would be."""

    id: Optional[str]
    state: str
    message: str
    released: Tuple[Row, ...] = ()
    removed: Tuple[str, ...] = ()
    seconds: Optional[float] = None

    def as_json(self) -> Dict[str, Any]:
        """As the API answers."""
        return {
            **self._asdict(),
            "released": [row.as_json() for row in self.released],
            "removed": list(self.removed),
        }
