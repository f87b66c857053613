"""What a change answers: plain values, with the names of the document."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

#: Ways to change where a tensor is: keep every object, bind the path to a fresh tensor, or
#: to one that autograd follows.
MOVE, COPY, REBIND = "move", "copy", "rebind"

PREVIEW = "preview"
QUEUED = "queued"
RUNNING = "running"
DONE = "done"
FAILED = "failed"
CANCELLED = "cancelled"
UNDONE = "undone"


class Alternative(NamedTuple):
    """Another way to get what was refused."""

    how: str
    path: str
    message: str
    code: Optional[str]


class Refused(NamedTuple):
    """A tensor that cannot be moved, and why."""

    name: str
    code: str
    message: str
    hint: str
    forcible: bool = False
    alternatives: Tuple[Alternative, ...] = ()


class Moved(NamedTuple):
    """A tensor that moves, or has moved.  Bytes: of the tensor, and of its whole storage."""

    name: str
    tensor_id: Optional[str]
    source: str
    target: str
    bytes: int
    storage_bytes: int
    aliases: List[str]
    owner: str
    shares: List[str]


class LeftBehind(NamedTuple):
    """A tensor that belongs to the target and stays where it is."""

    name: str
    why: str
    path: Optional[str]


class Fit(NamedTuple):
    """Will training fit?  Bytes; None where it is not known."""

    parameters: int
    gradients: int
    optimizer: int
    activations: Optional[int]
    needed: int
    free: Optional[int]
    fits: Optional[bool]
    message: str


class Bytes(NamedTuple):
    """Bytes allocated on a device; None when it does not say."""

    before: Optional[int]
    after: Optional[int]


class Move(NamedTuple):
    """A preview, or how it went; the fields of the document's ``Move``."""

    id: Optional[str]
    state: str
    device: str
    how: str = MOVE
    message: Optional[str] = None
    hint: Optional[str] = None
    moved: Tuple[Moved, ...] = ()
    already_there: Tuple[str, ...] = ()
    refused: Tuple[Refused, ...] = ()
    left_behind: Tuple[LeftBehind, ...] = ()
    warnings: Tuple[str, ...] = ()
    undo_loses: Tuple[str, ...] = ()
    can_undo: bool = False
    total_bytes: int = 0
    free: Optional[int] = None
    fit: Optional[Fit] = None
    bytes: Dict[str, Bytes] = {}
    still_held_by: Tuple[str, ...] = ()
    progress: Optional[Tuple[int, int]] = None
    seconds: Optional[float] = None
    code: Optional[str] = None

    def as_json(self) -> Dict[str, Any]:
        """The document's ``Move``, without ``kernel_state``."""
        answer: Dict[str, Any] = dict(self._asdict())
        answer["moved"] = [_renamed(moved) for moved in self.moved]
        answer["refused"] = [
            {**refused._asdict(), "alternatives": [a._asdict() for a in refused.alternatives]}
            for refused in self.refused
        ]
        answer["left_behind"] = [left._asdict() for left in self.left_behind]
        answer["fit"] = None if self.fit is None else self.fit._asdict()
        answer["bytes"] = {device: b._asdict() for device, b in self.bytes.items()}
        if self.progress is not None:
            answer["progress"] = {"done": self.progress[0], "total": self.progress[1]}
        return answer


def _renamed(moved: Moved) -> Dict[str, Any]:
    row = moved._asdict()
    row["from"], row["to"] = row.pop("source"), row.pop("target")
    return row


class Deletion(NamedTuple):
    """A preview, or how a deletion went; the fields of the document's ``Deletion``."""

    id: Optional[str]
    state: str
    name: str
    message: str
    hint: Optional[str] = None
    deleted: Tuple[str, ...] = ()
    kept: Tuple[str, ...] = ()
    still_held_by: Tuple[str, ...] = ()
    bytes: Dict[str, Bytes] = {}

    def as_json(self) -> Dict[str, Any]:
        """The document's ``Deletion``, without ``kernel_state``."""
        answer: Dict[str, Any] = dict(self._asdict())
        answer["bytes"] = {device: b._asdict() for device, b in self.bytes.items()}
        return answer
