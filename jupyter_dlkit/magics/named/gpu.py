"""``%gpu``."""

from __future__ import annotations

import sys
import time
from typing import Any

from ..magic import Call, Magic
from ..options import Options, seconds, whole

OPTIONS = Options(
    "%gpu [--watch SECONDS [--times N]]",
    """
    The accelerators and the memory of this machine, who holds it, and what this kernel's
    torch has of it. Nothing is brought up for it.
    """,
    """
    %gpu
    %gpu --watch 2
    %gpu --watch 0.5 --times 20
    """,
)
OPTIONS.add_argument(
    "--watch",
    metavar="SECONDS",
    type=seconds,
    help="again and again, so many seconds apart, until it is interrupted; gives no value",
)
OPTIONS.add_argument("--times", metavar="N", type=whole, help="with --watch: so often, then stop")


def run(call: Call) -> Any:
    """A ``Status``; nothing with ``--watch``."""
    from IPython.core.error import UsageError

    from ...api.status import status

    chosen = call.options
    if chosen.watch is None:
        if chosen.times is not None:
            raise UsageError("%gpu: --times goes with --watch, such as --watch 1 --times 10.")
        return status()
    try:
        _watch(call, chosen.watch, chosen.times)
    except KeyboardInterrupt:
        pass  # the way to end it
    return None


def _watch(call: Call, interval: float, times: int | None) -> None:
    from ...api.status import status

    place = _Notebook() if hasattr(call.shell, "kernel") else _Terminal()
    shown = 0
    while times is None or shown < times:
        if shown:
            time.sleep(interval)
        place.show(status())
        shown += 1


class _Notebook:
    """One output, which is replaced."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, value: Any) -> None:
        if self._handle is None:
            from IPython.display import display

            self._handle = display(value, display_id=True)
        else:
            self._handle.update(value)


class _Terminal:
    """The same lines, written over; one below the other where that is no terminal."""

    def __init__(self) -> None:
        self._lines = 0

    def show(self, value: Any) -> None:
        text = repr(value)
        if self._lines and sys.stdout.isatty():
            print(f"\x1b[{self._lines}F\x1b[J", end="")
        print(text, flush=True)
        self._lines = text.count("\n") + 1


MAGIC = Magic(
    "gpu",
    "the accelerators and memory of this machine, and who holds it",
    OPTIONS,
    line=run,
)
