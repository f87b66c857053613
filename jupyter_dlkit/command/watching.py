"""A result that is drawn again and again."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..api.result import Result
from .output import drawn, print_json, terminal

R = TypeVar("R", bound=Result)


def watch(
    look: Callable[[], R], interval: float, fields: Callable[[R], object] | None = None
) -> None:
    """Looks every ``interval`` seconds until Ctrl-C, or until stdout is closed.

    On a terminal the looks replace each other, and the last one stays; elsewhere, they follow
    each other.  ``fields``: a line of JSON for each look, of this.
    """
    console = terminal()
    # A terminal that something else ends must be left as it was found.
    signal.signal(signal.SIGTERM, _end)
    if fields is not None:
        _one_after_another(lambda: print_json(fields(look()), indent=None), interval)
    elif console.is_terminal and not console.is_dumb_terminal:
        _in_place(look, interval, console)
    else:
        _one_after_another(lambda: print(drawn(look(), console), end="\n\n", flush=True), interval)


def _in_place(look: Callable[[], Result], interval: float, console: Console) -> None:
    last: Text | None = None
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                last = Text.from_ansi(drawn(look(), console), no_wrap=True)
                foot = Text(f"\n\nEvery {interval:g} s. Ctrl-C ends it.", style="dim")
                live.update(last + foot, refresh=True)
                time.sleep(interval)
    finally:
        if last is not None:
            console.print(last)


def _one_after_another(look: Callable[[], None], interval: float) -> None:
    while True:
        look()
        time.sleep(interval)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
