"""From a magic to the function that IPython calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from ..api.errors import DLKitError
from ..kernel.errors import Refusal
from .fate import Fate, fate
from .magic import Call, Magic
from .words import read

HELP = ("--help", "-h")


def line_function(shell: Any, magic: Magic) -> Any:
    """What ``%name`` runs."""

    def line_magic(line: str = "") -> Any:
        return answer_line(shell, magic, line)

    return _described(line_magic, magic)


def cell_function(shell: Any, magic: Magic) -> Any:
    """What ``%%name`` runs."""

    def cell_magic(line: str, cell: str) -> Any:
        __tracebackhide__ = True
        return answer_cell(shell, magic, line, cell)

    return _described(cell_magic, magic)


def answer_line(shell: Any, magic: Magic, line: str) -> Any:
    """The value of a line; shown here where the code that runs it drops it."""
    call = Call(shell, magic, read(line))
    if _asks_for_help(call) or magic.line is None:
        print(magic.options.format_help())
        return None
    value = _answer(magic.line, call)
    becomes = fate()
    if call.line.silent:
        return value if becomes is Fate.KEPT else None
    if becomes is Fate.DROPPED and value is not None:
        from IPython.display import display

        display(value)
    return value


def answer_cell(shell: Any, magic: Magic, line: str, cell: str) -> Any:
    """The value of a cell."""
    __tracebackhide__ = True
    call = Call(shell, magic, read(line))
    if _asks_for_help(call) or magic.cell is None:
        print(magic.options.format_help())
        return None
    return magic.cell(call, cell)


def _answer(function: Callable[[Call], Any], call: Call) -> Any:
    try:
        return function(call)
    except (DLKitError, UsageError) as error:
        words = str(error)
    except Refusal as refusal:
        words = f"{refusal.message} {refusal.hint}".strip()
    # A new one, without the other as its context: IPython keeps the last traceback, and with the
    # frames of that one it would keep what was asked for.
    raise UsageError(words)


def _asks_for_help(call: Call) -> bool:
    return any(word.text in HELP for word in call.words)


def _described(function: Any, magic: Magic) -> Any:
    function.__name__ = function.__qualname__ = magic.name
    function.__doc__ = magic.options.format_help()
    function.__wrapped__ = magic.line or magic.cell  # the file and source that ? and ?? show
    # Braces and $ are the user's source, and are not evaluated.
    return no_var_expand(function)
