"""``%%memory``."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError

from ..cell import Cell
from ..magic import Call, Magic
from ..options import Options

OPTIONS = Options(
    "%%memory [--reset-peak]",
    """
    Runs the cell, and shows how long it took, and what it changed and needed at most of the
    memory of each device and of RAM. The cell's value is that of its last expression.

    A device's peak is torch's own, which is not reset: a cell that stays below an earlier
    maximum is said to have needed "at most" that much.
    """,
    """
    %%memory
    loss = model(x).sum()
    loss.backward()
    """,
)
OPTIONS.add_argument(
    "--reset-peak",
    action="store_true",
    help="reset torch's maximum before, so that the cell's peak is exact; it is the one that "
    "torch.cuda.max_memory_allocated() tells",
)


def run(call: Call, body: str) -> Any:
    """The value of the cell's last expression; a ``Usage`` is displayed before."""
    __tracebackhide__ = True
    from IPython.display import display

    from ...api.usage import Meter

    reset = _resets(call)
    cell = Cell(call.shell, call.magic.name, call.line.text, body)
    meter = Meter(reset_peak=reset)
    meter.start()
    try:
        return cell.run()
    finally:  # an interrupt and an error too: what was used until then
        display(meter.stop())


def _resets(call: Call) -> bool:
    if any(not word.is_option for word in call.words):
        raise UsageError("%%memory: the code goes below it, not on the same line.")
    return bool(call.options.reset_peak)


MAGIC = Magic(
    "memory",
    "time and memory that a cell took, on each device and in RAM",
    OPTIONS,
    cell=run,
)
