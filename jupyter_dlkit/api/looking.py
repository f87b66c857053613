"""One look at the namespace, from the thread that asks; what it found, as plain values."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from ..kernel import loaded
from ..kernel.inventory import Inventory
from ..kernel.main_thread import _runs_backward, unseen
from ..kernel.table import Table
from .namespace import Variables, shell
from .result import ByDevice
from .tensors import Group, TensorRow, Total

#: Seconds of CPU: a person waits for the answer.
BUDGET = 5.0


class Seen(NamedTuple):
    """Every row, in the order in which it was found."""

    rows: list[TensorRow]
    groups: tuple[Group, ...]
    totals: ByDevice[Total]
    cut: ByDevice[str]
    torch: str | None
    note: str | None
    taken_at: str
    gradients_taken_at: str | None


class _Here:
    """Drops references at once: the thread that asked is the user's own."""

    @staticmethod
    def drop(references: list[Any]) -> None:
        references.clear()


def look() -> Seen:
    """Look now.

    Gradients and backward nodes only on the main thread, which does not run a backward then.
    """
    here = threading.current_thread() is threading.main_thread() and not _runs_backward()
    table = Table()
    main: Any = _Here()
    inventory = Inventory(shell() or Variables(), main, lambda: True)
    table.update(
        unseen(
            lambda: inventory.scanner.scan(inventory.namespace(), inventory.outputs(), BUDGET, here)
        )
    )
    rows = [TensorRow.from_dict(table.row(number)) for number in range(len(table.columns["id"]))]
    return Seen(
        rows,
        tuple(Group(group["name"], group["kind"], group["type"]) for group in table.groups),
        ByDevice({d: Total(t["tensors"], t["bytes"]) for d, t in table.totals.items()}),
        ByDevice(table.cut),
        loaded.version_of("torch"),
        _note(rows),
        table.taken_at,
        table.gradients_taken_at,
    )


def _note(rows: list[TensorRow]) -> str | None:
    if rows:
        return None
    if loaded.torch() is None and loaded.numpy() is None:
        return "Nothing here has imported torch or NumPy: there are no tensors."
    return "No variable here is, or holds, a tensor."
