"""All findings of one account, the worst first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..memory.ledger import Ledger
from . import (
    growing_list,
    kept_exception,
    last_exception,
    loss_history,
    old_gradients,
    old_model,
    optimizer_device,
    output,
    pinned,
    retained_graph,
    small_view,
    suspended,
    workers,
)
from .finding import Finding
from .scene import Scene

if TYPE_CHECKING:
    from ..memory.whole import Whole

#: Findings that are told, and seconds after which no other is searched for.
MOST, _SECONDS = 30, 0.5

_ALL: Tuple[Any, ...] = (
    last_exception,
    kept_exception,
    output,
    loss_history,
    growing_list,
    retained_graph,
    old_model,
    optimizer_device,
    old_gradients,
    small_view,
    suspended,
    pinned,
    workers,
)

#: What can be told of a running cell by names and numbers alone.
_IN_A_CELL = (last_exception, kept_exception, output, growing_list, suspended)

#: That the next step of an optimizer fails, or trains nothing, is worse than any bytes.
_FIRST = ("optimizer_device",)

#: Of one variable the first of these is told.
_OF_GRAPHS = ("loss_history", "growing_list", "retained_graph")

LEFT_OUT = (
    "Findings that take more than names and sizes (histories, views, gradients, workers) are told"
    " when no cell runs."
)


class Findings(NamedTuple):
    """What was found, and what was not looked for, in sentences."""

    found: Tuple[Finding, ...] = ()
    left_out: Tuple[str, ...] = ()


def between_cells(whole: Whole) -> Findings:
    """Of an account that is still at hand; main thread, unseen by torch."""
    scene = Scene(whole.ledger, whole, watch_of(whole.roots.shell))
    try:
        return _of(scene, _ALL)
    finally:
        scene.drop()


def in_a_cell(ledger: Ledger, watch: Any) -> Findings:
    """Of names and numbers; any thread."""
    found = _of(Scene(ledger, None, watch), _IN_A_CELL)
    return found._replace(left_out=(*found.left_out, LEFT_OUT))


def watch_of(shell: Any) -> Any:
    """What was remembered from cell to cell; None where nothing is."""
    from ..cells.hook import of

    events = getattr(shell, "events", None)
    history = None if events is None else of(shell)
    return None if history is None else history.watch


def _of(scene: Scene, parts: Tuple[Any, ...]) -> Findings:
    found: List[Finding] = []
    left_out: List[str] = []
    deadline = time.thread_time() + _SECONDS
    for part in parts:
        if time.thread_time() > deadline:
            left_out.append("There was no time for all findings.")
            break
        failed = _taken(part.find, scene, found)
        if failed is not None:
            left_out.append(f"{_words(part)} could not be told: {failed}.")
    return Findings(tuple(ranked(found)), tuple(left_out))


def _taken(
    find: Callable[[Scene], Iterable[Finding]], scene: Scene, found: List[Finding]
) -> Optional[str]:
    """Add what ``find`` finds; why it failed, or None: one must not hide the others."""
    try:
        found += find(scene)
    except Exception as error:
        return type(error).__name__
    return None


def _words(part: Any) -> str:
    name: str = part.__name__.rpartition(".")[2]
    return name.replace("_", " ").capitalize()


def ranked(found: List[Finding]) -> List[Finding]:
    """The worst first: what fails, then accelerators' bytes, then the host's, the most first; each
    thing once."""
    once: Dict[Tuple[Optional[str], str], Finding] = {}
    for one in found:
        of_graph = one.code in _OF_GRAPHS
        once.setdefault((one.name, "graph") if of_graph else (one.message, one.code), one)

    def order(one: Finding) -> Tuple[bool, bool, int]:
        return one.code not in _FIRST, one.device == "cpu" or not one.bytes, -one.bytes

    return sorted(once.values(), key=order)[:MOST]
