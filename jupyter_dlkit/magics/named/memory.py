"""``%memory`` and ``%%memory``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from IPython.core.error import UsageError

from ..cell import Cell
from ..magic import Call, Magic, Typing
from ..options import Options

OPTIONS = Options(
    "%memory [--device D]\n       %%memory [--reset-peak]",
    """
    %memory shows who owns every byte of each device: parameters, gradients, optimizers,
    activations, outputs, the last exception, what nothing leads to. Nothing is brought up for it.

    %%memory runs the cell, and shows how long it took, and what it changed and needed at most
    of the memory of each device and of RAM. The cell's value is that of its last expression.

    A device's peak is torch's own, which is not reset: a cell that stays below an earlier
    maximum is said to have needed "at most" that much.
    """,
    """
    %memory
    %memory --device cuda:0
    %%memory
    loss = model(x).sum()
    loss.backward()
    """,
)
OPTIONS.add_argument("--device", metavar="D", help="%%memory: only this device, or all of a kind")
OPTIONS.add_argument(
    "--reset-peak",
    action="store_true",
    help="%%%%memory: reset torch's maximum before, so that the cell's peak is exact; it is the "
    "one that torch.cuda.max_memory_allocated() tells",
)


def run(call: Call) -> Any:
    """A ``Memory``."""
    from ...api.memory import memory

    chosen = call.options
    if chosen.reset_peak:
        raise UsageError("%memory: --reset-peak goes with %%memory, above the code of a cell.")
    return memory(chosen.device)


def run_cell(call: Call, body: str) -> Any:
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
    if OPTIONS.divided(call.words)[1]:
        raise UsageError("%%memory: the code goes below it, not on the same line.")
    if call.options.device is not None:
        raise UsageError("%%memory: --device goes with %memory, which has no code below it.")
    return bool(call.options.reset_peak)


def _devices(typing: Typing) -> Iterable[str]:
    from ..paths import device_names

    return device_names()


MAGIC = Magic(
    "memory",
    "who owns the memory of each device; above a cell, time and memory that it took",
    OPTIONS,
    line=run,
    cell=run_cell,
    values={"--device": _devices},
)
