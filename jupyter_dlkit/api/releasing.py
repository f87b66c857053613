"""``dlkit.release``: memory given back, and measured."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, ClassVar

from ..kernel.errors import Refusal
from ..kernel.kinds import type_name
from ..kernel.release import Row
from .errors import DLKitError
from .missing import missing
from .nearest import offer
from .result import Result, frame


@dataclass(frozen=True, slots=True, repr=False)
class Released(Result):
    """What was released, or would be.

    ``state``: ``done`` or ``preview`` (a dry run).  ``message`` says it in a sentence.
    ``released``: for each thing and each device, ``before`` and ``after`` in bytes, as measured,
    ``freed``, and what it is ``still_held_by``; ``removed``: the references that are gone.
    """

    kind: ClassVar[str] = "released"

    state: str
    message: str
    released: tuple[Row, ...]
    removed: tuple[str, ...]
    seconds: float | None

    def to_dict(self) -> dict[str, Any]:
        """The fields of ``Release`` of the REST API."""
        return {
            "id": None,
            "state": self.state,
            "message": self.message,
            "hint": None,
            "released": [row.as_json() for row in self.released],
            "removed": list(self.removed),
            "seconds": self.seconds,
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each thing and device; its index is the thing.

        Raises ``DLKitError`` where pandas is not installed.
        """
        return frame(self.to_dict()["released"], "what")


def release(*what: str, dry_run: bool = False) -> Released:
    """Give memory back: outputs, the last exception, gradients, a name, garbage, the cache.

    Removed are the references that IPython and torch keep, and a name of yours only where it is
    the one that is asked for.  What it freed is measured, not estimated.

    Parameters
    ----------
    what
        ``"output_history"`` or ``"output:7"`` (of one cell), ``"last_exception"``,
        ``"gradients:model"``, ``"name:x"``, ``"garbage"`` (what only the collector finds),
        ``"allocator_cache"`` (what torch has taken from the device and does not use).  Outputs
        are there in IPython only.
    dry_run
        Only say what would be free again.

    Returns
    -------
    Released
        Bytes before and after by device, and what still holds the rest.

    Raises
    ------
    DLKitError
        Not one of them, nothing there by that name, a name that cannot be deleted; another
        thread than the main one, or inside of a backward.

    Examples
    --------
    >>> x = torch.zeros(256, 1024, device=torch.accelerator.current_accelerator())
    >>> y = x
    >>> "y" in dlkit.release("name:x", dry_run=True).released[0].still_held_by
    True
    >>> del y
    >>> released = dlkit.release("name:x")
    >>> released.state, released.released[0].freed, released.removed
    ('done', 1048576, ('x',))
    >>> dlkit.release("name:z")
    Traceback (most recent call last):
        ...
    jupyter_dlkit.DLKitError: There is no z here. Name a variable, or a path as ...
    """
    from ..kernel.release import release as carry_out
    from ..kernel.unseen import runs_backward
    from .namespace import Variables, shell

    for one in what:
        if type(one) is not str:
            raise DLKitError(
                f"A {type_name(type(one))} is not what can be released.",
                "Name it in a text, such as 'name:x' or 'last_exception'.",
            )
    if threading.current_thread() is not threading.main_thread():
        raise DLKitError("Memory is released on the main thread only.", "Release it in a cell.")
    if runs_backward():
        raise DLKitError("Nothing is released while a backward runs.", "Release it afterwards.")
    try:
        found = carry_out(shell() or Variables(), what, None, dry_run)
    except Refusal as refusal:
        raise _error(refusal, what) from None
    return Released(found.state, found.message, found.released, found.removed, found.seconds)


def _error(refusal: Refusal, what: tuple[str, ...]) -> DLKitError:
    if refusal.code == "gone":
        paths = [one.partition(":")[2] for one in what if ":" in one]
        said = missing(paths) or (refusal.message, "Name it as dlkit.tensors() lists it.")
        return DLKitError(*said)
    if refusal.code != "unknown_release":
        return DLKitError(refusal.message, refusal.hint)
    from ..kernel.release.release import WHATS

    wrong = next((one for one in what if repr(one) in refusal.message), "")
    return DLKitError(refusal.message, offer(wrong, WHATS, refusal.hint))
