"""What goes to stdout: drawn for a terminal, or JSON for a program."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from ..api.result import Result


def terminal(stderr: bool = False) -> Console:
    """Knows the width, and whether colours are wanted (``NO_COLOR``, ``TERM``, a pipe)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def drawn(result: Result, console: Console, piped: int | None = None) -> str:
    """A result as text, in the terminal's width; ``piped``: columns where there is none."""
    from ..show import text

    colour = console.color_system is not None and not console.no_color
    said = console.is_terminal or "COLUMNS" in os.environ
    width = console.width if said else piped
    return str(getattr(text, result.kind)(result, width=width, colour=colour))


def show(result: Result, piped: int | None = None) -> None:
    """Prints a result."""
    print(drawn(result, terminal(), piped))


def print_json(value: Any, indent: int | None = 2) -> None:
    """Prints JSON: over several lines, or on one."""
    print(json.dumps(value, indent=indent), flush=True)
