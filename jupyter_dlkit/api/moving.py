"""``dlkit.move`` and ``dlkit.undo``: tensors to another device, completely or not at all."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..kernel.errors import Refusal
from ..kernel.kinds import type_name
from ..kernel.transfer import Move, Transfer
from ..kernel.transfer.values import COPY, MOVE, REBIND, Bytes, Fit, LeftBehind, Refused
from ..kernel.transfer.values import Moved as MovedTensor
from .errors import DLKitError
from .missing import missing
from .namespace import namespace, outputs
from .result import ByDevice, Result, frame


@dataclass(frozen=True, slots=True, repr=False)
class Moved(Result):
    """What was moved, or would be.

    ``state``: ``preview`` (a dry run), ``done``, ``failed`` or ``undone``.  ``device``: the
    target.  ``how``: ``move``, ``copy`` or ``rebind``.  ``message`` says it in a sentence.
    ``moved``: each tensor, with ``name``, ``source``, ``target``, ``bytes``.  ``refused``: what
    cannot be moved and why.  ``left_behind``: what belongs to it and stays where it is.
    ``total_bytes``: each storage counted once.  ``free``: bytes free on the target, None where
    it does not say.  ``bytes``: allocated before and after, as measured, by device.  ``code``:
    the same as a cell.  ``targets``: what was asked for, by its names.
    """

    kind: ClassVar[str] = "moved"

    id: str | None
    state: str
    device: str
    how: str
    message: str | None
    hint: str | None
    moved: tuple[MovedTensor, ...]
    already_there: tuple[str, ...]
    refused: tuple[Refused, ...]
    left_behind: tuple[LeftBehind, ...]
    warnings: tuple[str, ...]
    undo_loses: tuple[str, ...]
    can_undo: bool
    total_bytes: int
    free: int | None
    fit: Fit | None
    bytes: ByDevice[Bytes]
    still_held_by: tuple[str, ...]
    progress: tuple[int, int] | None
    seconds: float | None
    code: str | None
    targets: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields of a ``Move`` of the REST API."""
        fields = {name: getattr(self, name) for name in Move._fields}
        answer = Move(**{**fields, "bytes": dict(self.bytes)}).as_json()
        answer["targets"] = self.targets
        for name in ("already_there", "warnings", "undo_loses", "still_held_by", "targets"):
            answer[name] = list(answer[name])
        for row in answer["moved"]:
            row.update(aliases=list(row["aliases"]), shares=list(row["shares"]))
        return answer

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each tensor that moves; its index is the name.

        Raises ``DLKitError`` where pandas is not installed.
        """
        return frame(self.to_dict()["moved"], "name")


class MoveError(DLKitError, RuntimeError):
    """Nothing was moved.

    ``result`` says what was refused, or how it failed; it is None where the request itself was
    wrong: a name that is not there, a device that is not there.
    """

    def __init__(self, message: str, hint: str = "", result: Moved | None = None) -> None:
        super().__init__(message, hint)
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.hint, self.result)


MoveError.__module__ = "jupyter_dlkit"

_transfer: Transfer | None = None


def move(
    *targets: Any, device: Any, dry_run: bool = False, force: bool = False, how: str = "move"
) -> Moved:
    """Move tensors, modules, optimizers or containers to a device, completely or not at all.

    Every name that has an object keeps it; views, aliases, gradients and the state of optimizers
    come along.  When something refuses or fails, nothing has changed.

    Parameters
    ----------
    targets
        Objects, or paths as ``dlkit.tensors()`` lists them (``"model.layers[0]"``).
    device
        Where to: ``"cuda:0"``, ``"cuda"`` (the current one), ``torch.device("cpu")``.
    dry_run
        Only say what would happen.
    force
        Move also what a live autograd graph needs.
    how
        ``"copy"`` and ``"rebind"`` bind the path to a fresh tensor instead of moving the one
        that is there; with ``rebind`` autograd follows.

    Returns
    -------
    Moved
        What moved, bytes before and after by device, and what stays behind.

    Raises
    ------
    MoveError
        No such name or device, or something refuses: ``result`` says what, and why.

    Examples
    --------
    >>> gpu = torch.accelerator.current_accelerator()  # cuda, say
    >>> model = torch.nn.Linear(4, 2)
    >>> moved = dlkit.move(model, device=gpu)
    >>> moved.state, moved.total_bytes, [one.name for one in moved.moved]
    ('done', 40, ['model.weight', 'model.bias'])
    >>> model.weight.device.type == gpu.type
    True
    >>> dlkit.undo().state, model.weight.device.type
    ('undone', 'cpu')
    >>> dlkit.move("mdel", device="cpu")
    Traceback (most recent call last):
        ...
    jupyter_dlkit.MoveError: There is no mdel here. Did you mean model?
    """
    if not targets:
        raise MoveError("Nothing was named that could be moved.", "Name a tensor or a module.")
    if how not in (MOVE, COPY, REBIND):
        raise MoveError(f"There is no way {str(how)[:40]!r} to move.", "Use move, copy or rebind.")
    asked = tuple(map(_called, targets))
    try:
        return _kept(_here().move(targets, str(device), dry_run, force, how), asked)
    except Refusal as refusal:
        raise _error(refusal, targets) from None


def undo() -> Moved:
    """Put the last ``move`` back, once.

    Returns
    -------
    Moved
        In state ``undone``.

    Raises
    ------
    MoveError
        There is no move to undo, or it cannot be put back; then nothing has changed.

    Examples
    --------
    >>> dlkit.undo()
    Traceback (most recent call last):
        ...
    jupyter_dlkit.MoveError: There is no move to undo...
    """
    try:
        return _kept(_here().undo(), ())
    except Refusal as refusal:
        raise _error(refusal, ()) from None


def _kept(answer: Move, asked: tuple[str, ...]) -> Moved:
    fields = {**answer._asdict(), "moved": tuple(map(_frozen, answer.moved))}
    result = Moved(**{**fields, "bytes": ByDevice(answer.bytes)}, targets=asked)
    if result.state == "failed":
        raise MoveError(result.message or "Nothing was moved.", result.hint or "", result)
    return result


def _frozen(row: MovedTensor) -> MovedTensor:
    return row._replace(aliases=tuple(row.aliases), shares=tuple(row.shares))  # type: ignore[arg-type]


def _error(refusal: Refusal, targets: Sequence[Any]) -> MoveError:
    if refusal.code != "gone":
        return MoveError(refusal.message, refusal.hint)
    said = missing(targets)
    if said is not None:
        return MoveError(*said)
    return MoveError(refusal.message, "Name it as dlkit.tensors() lists it.")


def _called(target: Any) -> str:
    """The path; of an object, the variable that is it, else its class."""
    if type(target) is str:
        return target
    if type(target) is dict and set(target) <= {"id", "path"} and type(target.get("path")) is str:
        return str(target["path"])
    for name, value in list(namespace().items()):
        if value is target and type(name) is str and name[:1] != "_":
            return name
    return f"a {type_name(type(target))}"


def _here() -> Transfer:
    """Remembers the last move.  On another thread a backward could be writing what it moves."""
    global _transfer
    if threading.current_thread() is not threading.main_thread():
        raise MoveError("Tensors are moved on the main thread only.", "Move them in a cell.")
    if _transfer is None:
        _transfer = Transfer(namespace, outputs)
    return _transfer
