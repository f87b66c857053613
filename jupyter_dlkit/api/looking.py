"""One look at the namespace, from the thread that asks; what it found, as plain values."""

from __future__ import annotations

import json
import threading
from typing import Any, NamedTuple

from ..kernel import loaded
from ..kernel.table import Table
from ..kernel.unseen import runs_backward, unseen
from .namespace import Variables, inventory_of, shell
from .result import ByDevice
from .row import LISTS, Storage, TensorRow
from .tensors import Group, Total

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


def look() -> Seen:
    """Look now.

    Gradients and backward nodes only on the main thread, which does not run a backward then.
    """
    here = threading.current_thread() is threading.main_thread() and not runs_backward()
    table = Table()
    inventory = inventory_of(shell() or Variables())
    table.update(
        unseen(
            lambda: inventory.scanner.scan(inventory.namespace(), inventory.outputs(), BUDGET, here)
        )
    )
    answer = json.loads(f"{{{table.encode(None).body}}}")  # all of it at once, in C
    rows = _rows(answer["columns"])
    return Seen(
        rows,
        tuple(Group(one["name"], one["kind"], one["type"]) for one in answer["groups"]),
        ByDevice({d: Total(t["tensors"], t["bytes"]) for d, t in answer["totals"].items()}),
        ByDevice({one["root"]: one["why"] for one in answer["cut"]}),
        loaded.version_of("torch"),
        _note(rows),
        answer["taken_at"],
        answer["gradients_taken_at"],
    )


def _rows(columns: dict[str, Any]) -> list[TensorRow]:
    storage = columns["storage"]
    columns["storage"] = [
        None if one[0] is None else Storage(*one)
        for one in zip(storage["id"], storage["bytes"], storage["shared_by"], strict=True)
    ]
    for name in LISTS:
        columns[name] = [None if one is None else tuple(one) for one in columns[name]]
    fields = [columns[name] for name in TensorRow.__slots__]
    return [TensorRow(*values) for values in zip(*fields, strict=True)]


def _note(rows: list[TensorRow]) -> str | None:
    if rows:
        return None
    if loaded.torch() is None and loaded.numpy() is None:
        return "Nothing here has imported torch or NumPy: there are no tensors."
    return "No variable here is, or holds, a tensor."
