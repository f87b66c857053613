"""The face of moving: preview, move, undo, delete."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .. import loaded
from ..columns import Describer
from ..errors import Refusal
from ..kinds import ATOM, CLASS, OPAQUE, ROWS, type_name
from ..unseen import unseen
from . import advice, belongings, code, commit, fit, plan, refusals, target_device, undo
from .heap import Heap
from .optimizers import Optimizers
from .targets import Target, Targets
from .transaction import Outcome, Transaction
from .values import COPY, DONE, FAILED, MOVE, PREVIEW, REBIND, UNDONE, Deletion, Move

Namespace = Callable[[], Dict[Any, Any]]


class Transfer:
    """Moves what a namespace reaches.  Remembers one move, by numbers only, to undo it.

    Every method runs on the main thread, between cells.
    """

    def __init__(
        self,
        namespace: Namespace,
        outputs: Namespace,
        row_id: Callable[[Any], Optional[str]] = lambda tensor: None,
        is_row: Optional[Callable[[str, Any], bool]] = None,
        variables: Optional[Namespace] = None,
    ) -> None:
        """``namespace`` and ``outputs`` give the user's variables and ``Out``; ``row_id`` the id
        of an object's row in the list, and ``is_row`` whether a row is (still) that object.
        ``variables`` gives the dictionary itself, where ``namespace`` is a part of it."""
        self._namespace = namespace
        self._outputs = outputs
        self._row_id = row_id
        self._is_row = is_row
        self._variables = variables or namespace
        self._describer: Optional[Describer] = None
        self._last: Optional[undo.Record] = None
        self._was_undone = False

    def move(
        self,
        targets: Sequence[Any],
        device: str,
        dry_run: bool = False,
        force: bool = False,
        how: str = MOVE,
        id: Optional[str] = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Move:
        """Move ``targets`` (paths, ``{"id", "path"}``, or objects), completely or not at all.

        Raises ``Refusal`` for what the request itself is wrong in: 400 no such device, 404
        nothing there, 409 a row that is another object now.  What tensors are refused for, and
        what failed on the way, is in the answer.
        """
        session = self._session()
        where = target_device.parse(session.torch, device)
        found = Targets(session.heap, self._is_row).find(targets)
        if how in (COPY, REBIND):
            from . import rebinding

            return rebinding.rebind(session, found, where, how, dry_run, id)
        optimizers = session.optimizers()
        planner = plan.Planner(session.heap, optimizers, force)
        others: List[belongings.Belonging] = []
        modules: List[Any] = []
        for target in found:
            others += self._want(session, planner, target, where, force, modules)
        planned = unseen(planner.plan)
        refused = planned.refused + _incompatible(session, planned)
        answer = Move(
            id,
            PREVIEW,
            str(where),
            how,
            moved=tuple(plan.moved(planned.groups, self._row_id)),
            already_there=tuple(planned.already_there),
            refused=tuple(refused),
            left_behind=tuple(advice.left_behind(session.heap, others, planned, where)),
            warnings=tuple(advice.warnings(session, planned, modules, where)),
            undo_loses=tuple(advice.undo_loses(session, planned)),
            can_undo=bool(planned.groups),
            total_bytes=planned.total_bytes,
            free=target_device.free_bytes(session.torch, where),
            code=code.move(session, found, planned, where, optimizers),
        )
        if modules:
            answer = answer._replace(
                fit=fit.training(session.describer, planned, optimizers, answer.free)
            )
        if dry_run:
            return answer
        if refused:
            return answer._replace(
                state=FAILED,
                can_undo=False,
                message=f"Nothing was moved: {refused[0].message}",
                hint=refused[0].hint,
            )
        if not planned.groups:
            names = ", ".join(answer.already_there[:3]) or "What was asked for"
            return answer._replace(
                state=DONE, message=f"{names} is already on {where}; nothing had to be moved."
            )
        return self._run(session, planned, modules, where, answer, progress)

    def undo(
        self,
        id: Optional[str] = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Move:
        """Put the last move back.  Raises ``Refusal`` (409) when there is none, or not that."""
        record = self._last
        if record is None or (id is not None and record.id != id):
            raise Refusal("cannot_undo", *self._why_not_undone(id), 409)
        session = self._session()
        planner = plan.Planner(session.heap, session.optimizers(), False)
        missing = undo.want(session, planner, record)
        planned = unseen(planner.plan)
        answer = Move(
            record.id,
            PREVIEW,
            ", ".join(sorted({str(group.target) for group in planned.groups})) or record.device,
            moved=tuple(plan.moved(planned.groups, self._row_id)),
            refused=tuple(planned.refused),
            warnings=tuple(missing),
            total_bytes=planned.total_bytes,
        )
        # The move stands while nothing was put back: its undoing can be asked for again.
        if planned.refused:
            first = planned.refused[0]
            return answer._replace(
                state=FAILED,
                can_undo=True,
                message=f"Nothing was put back: {first.message}",
                hint=first.hint,
            )
        if not planned.groups:
            self._last, self._was_undone = None, True
            return answer._replace(
                state=UNDONE, message=" ".join(["Nothing had to be put back.", *missing])
            )
        done = self._run(session, planned, [], None, answer, progress)
        if done.state == DONE:
            self._last, self._was_undone = None, True
            return done._replace(state=UNDONE, can_undo=False)
        said = (done.message or "").replace("Nothing was moved", "Nothing was put back", 1)
        return done._replace(can_undo=True, message=said)

    def _why_not_undone(self, id: Optional[str]) -> Tuple[str, str]:
        """A sentence, and what to do."""
        if id is not None:
            return "Only the last move can be undone, and only once.", "Move it back by hand."
        if self._was_undone:
            message = "There is no move to undo: the last one was put back already."
            return message, "Undo goes back one move."
        return "There is no move to undo.", "The last move of this kernel can be put back, once."

    def delete(
        self,
        tensor_id: Optional[str],
        path: str,
        id: Optional[str] = None,
        dry_run: bool = False,
        listed_type: Optional[str] = None,
    ) -> Deletion:
        """Delete every name of a tensor, module, optimizer or container that a user could
        delete by hand; or say what would happen.

        ``listed_type``: name of its class as it was listed, where it has no row.

        Raises ``Refusal``: 404 nothing there, 409 another object than was listed.
        """
        from . import deletion, group_deletion

        session = self._session()
        asked: Any = path if tensor_id is None else {"id": tensor_id, "path": path}
        found = [Targets(session.heap, self._is_row).one(asked)]
        kind = session.heap.kinds.one(found[0].value)
        if kind in ROWS:
            return deletion.delete(session, found, id, dry_run)
        if kind in (ATOM, CLASS, OPAQUE):
            raise Refusal(
                "nothing_to_delete",
                f"{path} has no tensors.",
                "Choose a tensor, a module, an optimizer, or a container of tensors.",
                409,
            )
        name = type_name(type(found[0].value))
        if listed_type not in (None, name):
            raise Refusal(
                "changed",
                f"{path} is of type {name} now, and was a {listed_type} when it was listed.",
                "Refresh the list, and look again.",
                409,
            )
        return group_deletion.delete(session, found, id, dry_run)

    # Steps ---------------------------------------------------------------------------

    def _session(self) -> Session:
        torch = loaded.torch()
        if torch is None:
            raise Refusal(
                "no_torch",
                "This kernel has not imported torch: it has no tensors.",
                "Run a cell with import torch first.",
                409,
            )
        if self._describer is None or self._describer.torch is not torch:
            self._describer = Describer(torch)
        return Session(self._describer, self._namespace(), self._variables(), self._outputs())

    def _want(
        self,
        session: Session,
        planner: plan.Planner,
        target: Target,
        where: Any,
        force: bool,
        modules: List[Any],
    ) -> List[belongings.Belonging]:
        """Hand a target to the planner; what is only reached through it."""
        own = belongings.of(session.heap.kinds, target.value, target.path)
        if own.modules:
            modules.append(target.value)
            session.parts += own.modules
            refused = refusals.distributed(target.path, target.value)
            if refused is not None:
                planner.refuse(refused)
        elif not own.tensors:
            raise Refusal(
                "nothing_to_move",
                f"{target.path} has no tensors.",
                "Choose a tensor, a module, an optimizer, or a container of tensors.",
                404,
            )
        elif own.tensors[0].tensor is target.value and not force:
            names = session.heap.names(target.value)
            if names is not None and names.owner == "parameter" and names.group:
                planner.refuse(refusals.parameter(target.path, names.group, where))
        for tensor, name, owner in own.tensors:
            planner.want(tensor, name, owner, where)
        return own.others

    def _run(
        self,
        session: Session,
        planned: plan.Plan,
        modules: List[Any],
        where: Any,
        answer: Move,
        progress: Callable[[int, int], None],
    ) -> Move:
        total = planned.total_bytes
        started = time.monotonic()
        transaction = Transaction(session, planned, modules, where)
        outcome: Outcome = transaction.run(lambda done: progress(done, total))
        answer = answer._replace(
            seconds=round(time.monotonic() - started, 4),
            bytes=outcome.bytes,
            still_held_by=tuple(outcome.still_held_by),
        )
        if outcome.error is not None:
            return answer._replace(
                state=FAILED, can_undo=False, message=outcome.error, hint=outcome.hint
            )
        self._last = undo.record(session.describer, answer.id, planned)
        return answer._replace(state=DONE, message=_done(answer))


class Session:
    """What one change looks at; holds the objects until it is dropped."""

    def __init__(
        self,
        describer: Describer,
        namespace: Dict[str, Any],
        live: Dict[str, Any],
        outputs: Dict[Any, Any],
    ) -> None:
        self.describer = describer
        self.torch = describer.torch
        self.live = live
        self.live_outputs = outputs
        self.namespace = dict(namespace)
        self.outputs = dict(outputs)
        self.parts: List[Any] = []  #: every module of the modules that are moved
        self.heap = unseen(lambda: Heap(describer, self.namespace, self.outputs))

    def drop(self) -> None:
        """Let go of every object that was looked at."""
        self.namespace.clear()
        self.outputs.clear()
        self.parts.clear()
        self.heap.drop()

    def optimizers(self) -> Optimizers:
        """All optimizers of the process, named where a variable is one."""
        named = {id(value): name for name, value in self.namespace.items()}
        heap = self.heap
        return unseen(lambda: Optimizers(heap.describer, heap.kinds, heap.optimizers, named))


def _incompatible(session: Session, planned: plan.Plan) -> List[Any]:
    """Tensors that cannot be pointed at memory of the target."""
    from .values import Refused

    refused: List[Refused] = []
    probes = commit.Probes(session.torch)
    for group in planned.groups:
        if group.storage is None or not target_device.is_initialized(session.torch, group.target):
            continue
        for member in group.members:
            if not probes.can_point(member.tensor, group.target):
                names = session.heap.names(member.tensor)
                module = None
                if names is not None and member.owner in ("parameter", "buffer"):
                    module = names.group
                refused.append(
                    refusals.incompatible(member.name, group.source, group.target, module)
                )
                break
    return refused


def _done(answer: Move) -> str:
    from .sizes import binary

    sources = sorted({moved.source for moved in answer.moved})
    count = len(answer.moved)
    what = answer.moved[0].name if count == 1 else f"{count} tensors"
    return (
        f"Moved {what}, {binary(answer.total_bytes)}, {', '.join(sources)} → {answer.device}"
        f" in {answer.seconds or 0:.1f} s."
    )
