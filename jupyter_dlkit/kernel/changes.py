"""Changes of the user's objects: the requests of the shell channel, and how far they are.

A change comes on the shell channel, so that the kernel's own queue puts it after
the running cell and all that are queued, and runs on the main thread.  How far it
is, and that it shall not begin, comes on the control channel meanwhile.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from . import protocol
from .columns import TypeNames
from .errors import Refusal
from .kinds import TENSOR, WRAPPED

if TYPE_CHECKING:
    from .inventory import Inventory
    from .transfer import Transfer

#: Changes that are remembered, so that a late question is answered.
_MOST = 200

QUEUED, RUNNING, ENDED, CANCELLED = "queued", "running", "ended", "cancelled"


class State(NamedTuple):
    """How far a change is; bytes."""

    state: str
    done: int = 0
    total: int = 0


class Changes:
    """Moves, undoings and deletions of one kernel."""

    def __init__(self, inventory: Callable[[], Inventory]) -> None:
        """``inventory`` gives the list, whose rows are what requests name."""
        self._inventory = inventory
        self._transfer: Optional[Transfer] = None
        self._states: OrderedDict[str, State] = OrderedDict()
        self.running = False  #: the main thread is at it

    # Control thread --------------------------------------------------------------------

    def plan(self, args: Dict[str, Any]) -> bytes:
        """JSON of a ``Move``, ``Deletion`` or ``Released`` in state ``preview``.  On the main
        thread; changes nothing."""
        if args.get("op") == protocol.DELETE:
            return json.dumps(self._delete(args, None, dry_run=True)).encode()
        if args.get("op") == protocol.RELEASE:
            return json.dumps(self._release(args, None, dry_run=True)).encode()
        answer = self.transfer.move(
            _targets(args),
            str(args.get("device")),
            dry_run=True,
            force=bool(args.get("force")),
            how=str(args.get("how") or "move"),
        )
        return json.dumps(answer.as_json()).encode()

    def progress(self, change: str) -> bytes:
        """JSON of how far a change is."""
        known = self._states.get(change, State(QUEUED))
        state = ENDED if known.state == CANCELLED else known.state
        progress = {"done": known.done, "total": known.total} if known.total else None
        return json.dumps({"state": state, "progress": progress}).encode()

    def cancel(self, change: str) -> bytes:
        """Let a change not begin; too late when it has."""
        known = self._states.get(change)
        if known is None or known.state == QUEUED:
            self._note(change, State(CANCELLED))
            known = self._states[change]
        cancelled = known.state == CANCELLED
        return json.dumps({"cancelled": cancelled, "state": known.state}).encode()

    # Main thread -----------------------------------------------------------------------

    @property
    def transfer(self) -> Transfer:
        """What moves; made when it is first needed."""
        if self._transfer is None:
            from .transfer import Transfer

            inventory = self._inventory()
            self._transfer = Transfer(
                inventory.namespace,
                inventory.outputs,
                self._row_id,
                self._is_row,
                lambda: inventory.shell.user_ns,
            )
        return self._transfer

    def run(self, op: str, args: Dict[str, Any]) -> bytes:
        """Carry out a change; JSON of a ``Move``, ``Deletion`` or ``Released``.

        Raises ``Refusal``.
        """
        move = str(args.get("id"))
        change = str(args.get("turn") or move)
        if not self._begin(change):
            return json.dumps(self._cancelled(op, args)).encode()
        try:
            return json.dumps(self._run(op, move, change, args)).encode()
        finally:
            self.running = False
            self._note(change, State(ENDED))

    def _begin(self, change: str) -> bool:
        # One call, so that the control thread cannot cancel between the look and the note.
        known = self._states.setdefault(change, State(RUNNING))
        if known.state == CANCELLED:
            return False
        self.running = True
        self._note(change, State(RUNNING))
        return True

    def _run(self, op: str, move: str, change: str, args: Dict[str, Any]) -> Dict[str, Any]:
        def progress(done: int, total: int) -> None:
            self._states[change] = State(RUNNING, done, total)

        if op == protocol.MOVE:
            return self.transfer.move(
                _targets(args),
                str(args.get("device")),
                force=bool(args.get("force")),
                how=str(args.get("how") or "move"),
                id=move,
                progress=progress,
            ).as_json()
        if op == protocol.UNDO:
            return self.transfer.undo(move, progress).as_json()
        if op == protocol.DELETE:
            return self._delete(args, move, dry_run=False)
        if op == protocol.RELEASE:
            return self._release(args, move, dry_run=False)
        raise Refusal("unknown_operation", f"{op!r} is not a change.", "Reload the page.", 400)

    def _delete(self, args: Dict[str, Any], id: Optional[str], dry_run: bool) -> Dict[str, Any]:
        identity, cls = args.get("tensor_id"), args.get("type")
        path = args.get("path") or self._name_of(str(identity))
        return self.transfer.delete(
            None if identity is None else str(identity),
            str(path),
            id,
            dry_run,
            None if cls is None else str(cls),
        ).as_json()

    def _release(self, args: Dict[str, Any], id: Optional[str], dry_run: bool) -> Dict[str, Any]:
        from .release import release

        inventory = self._inventory()
        if dry_run and not inventory.idle():
            raise Refusal(
                "busy",
                "A cell is running: what would be free again can be told when it has ended.",
                "Ask then, or release now: it is done after the cells that are queued.",
                409,
            )
        return release(inventory.shell, _texts(args.get("what")), id, dry_run).as_json()

    def _cancelled(self, op: str, args: Dict[str, Any]) -> Dict[str, Any]:
        from .transfer import Deletion, Move

        move, message = str(args.get("id")), "It was cancelled before it began."
        if op == protocol.RELEASE:
            from .release import Released

            return Released(move, CANCELLED, message).as_json()
        if op == protocol.DELETE:
            return Deletion(move, CANCELLED, str(args.get("path")), message).as_json()
        return Move(move, CANCELLED, str(args.get("device")), message=message).as_json()

    def _note(self, change: str, state: State) -> None:
        self._states[change] = state
        while len(self._states) > _MOST:
            self._states.popitem(last=False)

    # Rows --------------------------------------------------------------------------------

    def _row_id(self, tensor: Any) -> Optional[str]:
        text = self._inventory().table.text_of(id(tensor))
        return None if text is None else str(json.loads(text))

    def _name_of(self, identity: str) -> str:
        row = self._inventory().table.raw(identity)
        if row is None:
            raise Refusal(
                "gone",
                "This tensor is not in the list any more.",
                "It was deleted or replaced; refresh the list.",
                404,
            )
        return str(row["name"])

    def _is_row(self, identity: str, value: Any) -> bool:
        """Whether the row of that id is this object, and looks as it was listed."""
        inventory = self._inventory()
        was = inventory.table.raw(identity)
        if was is None or identity.partition("-")[0] != f"{id(value):x}":
            return False
        describer = inventory.scanner.describer()
        if describer is None:
            return True
        from . import singular
        from .kinds import Kinds

        kind = Kinds().one(value)
        if kind not in (TENSOR, WRAPPED):
            return True
        if kind == TENSOR and describer.is_plain([value])[0]:
            now = describer.describe([value], TypeNames())
        else:
            now = singular.describe(describer, [value], [kind])
        same = _SAME
        if type(was["storage_id"]) is str:  # that of an array whose memory it shares
            same = tuple(name for name in _SAME if name != "storage_id")
        return all(now[name][0] == was[name] for name in same)


#: Fields in which an object is what its row says.
_SAME: Tuple[str, ...] = ("type", "dtype", "shape", "storage_id")


def _texts(given: Any) -> List[str]:
    return [str(one) for one in ([given] if type(given) is str else given or ())]


def _targets(args: Dict[str, Any]) -> List[Any]:
    return list(args.get("targets") or ())
