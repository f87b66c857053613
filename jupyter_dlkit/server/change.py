"""One move, deletion or release of a kernel's objects, from its request to how it went."""

from __future__ import annotations

import asyncio
import enum
from typing import Any

import orjson

from ..kernel import protocol
from .attach import agent_error, head_of
from .channel import Message
from .errors import DLKitError, KernelGone
from .sentences import Sentences

LOST_HINT = "Its variables are gone. Run the notebook's cells again, and then this."


class Kind(str, enum.Enum):
    """What a change is, as the stream's messages are called."""

    MOVE = "move"
    DELETION = "deletion"
    RELEASE = "release"


def move_document(device: str, how: str) -> dict[str, Any]:
    """A ``Move`` of which nothing is known but what was asked for."""
    return {
        "message": None,
        "hint": None,
        "device": device,
        "how": how,
        "moved": [],
        "already_there": [],
        "refused": [],
        "left_behind": [],
        "warnings": [],
        "undo_loses": [],
        "can_undo": False,
        "total_bytes": 0,
        "free": None,
        "fit": None,
        "bytes": {},
        "still_held_by": [],
        "progress": None,
        "seconds": None,
        "code": None,
    }


def deletion_document(name: str) -> dict[str, Any]:
    """A ``Deletion`` that has deleted nothing yet."""
    return {
        "message": "",
        "hint": None,
        "name": name,
        "deleted": [],
        "kept": [],
        "still_held_by": [],
        "bytes": {},
    }


def release_document() -> dict[str, Any]:
    """A ``Release`` that has released nothing yet."""
    return {"message": "", "hint": None, "released": [], "removed": [], "seconds": None}


class Change:
    """A move (and its undoing), a deletion or a release.

    Its document is kept as bytes: that of a large model has thousands of rows, and nobody
    may ever ask for it again.
    """

    def __init__(self, change_id: str, kind: Kind, what: str, document: dict[str, Any]) -> None:
        self.id = change_id
        self.kind = kind
        #: The user's names of what it is about.
        self.what = what
        self.state = "queued"
        self.can_undo = False
        #: The operation that was sent and has not been answered: even a cancelled one still
        #: travels through the kernel's queue.
        self.op: str | None = None
        #: The id by which the kernel knows what was sent last.
        self.turn = change_id
        #: What the kernel refused, when it answered that instead of a document.
        self.error: DLKitError | None = None
        self.ended = asyncio.Event()
        self.ended_at = 0.0
        self._says: Sentences | None = None
        self._news: dict[str, Any] = {}
        self._keep(document)

    @property
    def waits(self) -> bool:
        """Whether it is queued or runs."""
        return self.state in ("queued", "running")

    @property
    def size(self) -> int:
        """Bytes of its document."""
        return len(self._document)

    def _keep(self, document: dict[str, Any]) -> None:
        self._document = orjson.dumps(document)
        self._news = {}

    def encoded(self, kernel_state: str) -> bytes:
        """The ``Move``, ``Deletion`` or ``Release``."""
        document = orjson.loads(self._document)
        more = {"id": self.id, "state": self.state, "kernel_state": kernel_state}
        return orjson.dumps({**document, **self._news, **more})

    # What happens to it -------------------------------------------------------

    def sent(self, op: str, turn: str, says: Sentences) -> None:
        """It is on its way to the kernel's queue."""
        self.op = op
        self.turn = turn
        self.state = "queued"
        self.can_undo = False
        self.error = None
        self.ended.clear()
        self._says = says
        self._news = {"message": says.queued(), "hint": None}
        if self.kind is Kind.MOVE:
            self._news |= {"progress": None, "can_undo": False}

    def progress(self, answer: dict[str, Any]) -> bool:
        """Takes an answer to ``PROGRESS``; whether it is news."""
        before = (self.state, self._news)
        if self.state == "queued" and answer.get("state") == "running":
            assert self._says is not None
            self.state = "running"
            self._news = {**self._news, "message": self._says.running()}
        if self.kind is Kind.MOVE and answer.get("progress") is not None:
            self._news = {**self._news, "progress": answer["progress"]}
        return before != (self.state, self._news)

    def cancelled(self) -> None:
        """It does not begin any more."""
        assert self._says is not None
        if self.op == protocol.UNDO:
            # Not undone: the move stands.
            self._end("done", {"message": self._says.cancelled(), "can_undo": True})
        else:
            self._end("cancelled", {"message": self._says.cancelled()})

    def answered(self, reply: Message) -> None:
        """Takes the kernel's answer."""
        if not self.waits:  # cancelled before its turn came
            pass
        elif not head_of(reply).get("ok"):
            self.error = agent_error(reply)
            self._end("failed", {"message": self.error.message, "hint": self.error.hint})
        else:
            document = orjson.loads(reply.content)
            if document["state"] == "cancelled":
                self.cancelled()
            else:
                self._keep({"hint": None, **document})
                self.can_undo = bool(document.get("can_undo"))
                self._end(document["state"], {})
        self.op = None

    def lost(self, gone: KernelGone) -> None:
        """The kernel's process ended."""
        self.op = None
        if self.waits:
            assert self._says is not None
            message = self._says.lost(self.state == "running", gone)
            self._end("failed", {"message": message, "hint": LOST_HINT})

    def defect(self) -> None:
        """We failed to follow it."""
        self._end(
            "failed",
            {
                "message": f"{self.what}: the server failed to follow what became of it.",
                "hint": "The list shows what is where. The server's log has the details.",
            },
        )
        self.op = None

    def forget_undo(self) -> bool:
        """It cannot be undone any more; whether it could."""
        could, self.can_undo = self.can_undo, False
        if could:
            self._news = {**self._news, "can_undo": False}
        return could

    def _end(self, state: str, news: dict[str, Any]) -> None:
        self.state = state
        if self.kind is Kind.MOVE:
            news = {"progress": None, "can_undo": self.can_undo, **news}
            self.can_undo = bool(news["can_undo"])
        self._news = {"hint": None, **news} if news.get("message") else news
        self.ended_at = asyncio.get_running_loop().time()
        self.ended.set()
