"""What the account costs: 10,000 tensors, a graph of 10,000 nodes, a heap of a million objects.

python -m benchmarks.account
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

import torch

from jupyter_dlkit.kernel.memory import Roots, Stepped, account

OBJECTS = 770_000
#: Out of sight: frames that run are looked at, globals of modules are not.
HIDDEN: list[Any] = []
NAMES: dict[str, Any] = {}


class Record:
    """One of many that a user has."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = str(number)


def notebook() -> dict[str, Any]:
    """Names with tensors and a graph."""
    loss = weight = torch.ones(4, requires_grad=True)
    for _ in range(5000):
        loss = (loss * weight).sin()
    return {"tensors": [torch.zeros(4) for _ in range(10_000)], "weight": weight, "loss": loss}


def many() -> list[Any]:
    """Objects without tensors."""
    third = OBJECTS // 3
    return [
        [Record(i) for i in range(third)],
        [[i] for i in range(third)],
        [{"a": [i]} for i in range(third // 2)],
    ]


def leak() -> None:
    """2,000 tensors in a cycle."""
    held: list[Any] = [torch.zeros(100) for _ in range(2000)]
    held.append(held)


def between_cells() -> float:
    """Milliseconds of a whole account, median of five."""
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        found = account(Roots.of_namespace(NAMES))
        taken.append(time.perf_counter() - started)
        assert found.complete, found.left_out
    return statistics.median(taken) * 1000


def in_a_cell() -> tuple[int, float, float]:
    """Steps, and milliseconds of the longest and of all together."""
    steps, count = Stepped(lambda: Roots.of_namespace(NAMES)), 1
    while steps.step():
        count += 1
    return count, steps.longest * 1000, steps.account().cost_ms


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    NAMES.update(notebook())
    HIDDEN.extend(many())
    count = len(gc.get_objects())
    print(f"{count:,} objects; nothing leads to most of them: {between_cells():.0f} ms")
    gc.disable()
    leak()
    print(f"the same, 2,000 tensors leaked: {between_cells():.0f} ms")
    gc.enable()
    gc.collect()
    NAMES["hidden"] = HIDDEN
    print(f"a variable leads to all of them: {between_cells():.0f} ms")
    steps, longest, together = in_a_cell()
    print(f"in a cell: {steps} steps, the longest {longest:.1f} ms, together {together:.0f} ms")


if __name__ == "__main__":
    main()
