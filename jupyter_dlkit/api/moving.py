"""``dlkit.move`` and ``dlkit.undo``: tensors to another device, completely or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..kernel.errors import Refusal
from ..kernel.transfer import Move, Transfer
from ..kernel.transfer.values import Bytes, Fit, LeftBehind, Refused
from ..kernel.transfer.values import Moved as MovedTensor
from .errors import DLKitError
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
    the same as a cell.
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

    def to_dict(self) -> dict[str, Any]:
        """The fields of a ``Move`` of the REST API."""
        fields = {name: getattr(self, name) for name in Move._fields}
        answer = Move(**{**fields, "bytes": dict(self.bytes)}).as_json()
        listed = ("already_there", "warnings", "undo_loses", "still_held_by")
        return {**answer, **{name: list(answer[name]) for name in listed}}

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each tensor that moves; its index is the name.

        Raises ``DLKitError`` where pandas is not installed.
        """
        return frame(self, self.to_dict()["moved"], "name")

    def _text(self) -> str:
        lines = [self.message] if self.message else []
        if self.state == "preview":
            lines += [f"{one.name}: {one.source} → {one.target}" for one in self.moved]
        lines += [one.message for one in self.refused]
        lines += [f"{one.name} {one.why}" for one in self.left_behind]
        return "\n".join([*lines, *self.warnings])


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


_transfer: Transfer | None = None


def move(
    *targets: Any, device: Any, dry_run: bool = False, force: bool = False, how: str = "move"
) -> Moved:
    """Move tensors, modules, optimizers or containers to ``device``, completely or not at all.

    Each of ``targets`` is an object, or a path as the list prints it (``"model.layers[0]"``).
    Every name that has the object keeps it; views, aliases, gradients and the state of
    optimizers come along.  ``dry_run`` only says what would happen; ``force`` moves also what a
    live autograd graph needs.  ``how="copy"`` and ``how="rebind"`` bind the path to a fresh
    tensor instead.

    Raises ``MoveError`` when something refuses or fails; then nothing has changed.
    """
    try:
        return _kept(_here().move(targets, str(device), dry_run, force, how))
    except Refusal as refusal:
        raise MoveError(refusal.message, refusal.hint) from None


def undo() -> Moved:
    """Put the last ``move`` back.  Raises ``MoveError`` when that cannot be."""
    try:
        return _kept(_here().undo())
    except Refusal as refusal:
        raise MoveError(refusal.message, refusal.hint) from None


def _kept(answer: Move) -> Moved:
    result = Moved(**{**answer._asdict(), "bytes": ByDevice(answer.bytes)})
    if result.state == "failed":
        raise MoveError(result.message or "Nothing was moved.", result.hint or "", result)
    return result


def _here() -> Transfer:
    global _transfer
    if _transfer is None:
        _transfer = Transfer(namespace, outputs)
    return _transfer
