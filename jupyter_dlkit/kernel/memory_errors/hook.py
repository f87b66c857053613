"""Tells below the traceback of a cell that ran out of memory (``post_run_cell``).

Which comes after IPython has shown the traceback: the user's exception is what it would be.
"""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Optional

#: Put on the result of a cell that was told about, so that two of us do not both do it.
_MARK = "_dlkit_out_of_memory"


class MemoryErrors:
    """In one shell; keeps numbers and texts only.

    ``last``: the report of the last cell that failed, as JSON has it; None where it failed for
    another reason.
    """

    def __init__(self, shell: Any, shows: Callable[[], bool] = lambda: True) -> None:
        """``shows``: whether the text is printed."""
        self.shell = shell
        self.shows = shows
        self.last: Optional[Dict[str, Any]] = None

    def after_cell(self, result: Any = None) -> None:
        """Tell, when the cell has run out of memory."""
        error = getattr(result, "error_in_exec", None)
        if error is None or getattr(result, _MARK, False):
            return
        try:
            self.last = None
            if not may_be_ours(error):
                return
            setattr(result, _MARK, True)
            from .report import report  # when first needed

            count = getattr(result, "execution_count", None)
            found = report(self.shell, error, count if type(count) is int else None)
            if found is None:
                return
            self.last = found.to_dict()
            if self.shows():
                print(found.text(), file=sys.stderr)
        except (Exception, KeyboardInterrupt):
            pass  # the user's exception is what matters


def may_be_ours(error: BaseException) -> bool:
    """Whether it, or one that it came from, may be about memory; nothing is imported to tell."""
    one: Any = error
    for _ in range(20):
        if one is None:
            return False
        kind = type(one)
        if kind.__name__ == "OutOfMemoryError" or kind in (RuntimeError, MemoryError):
            return "torch" in sys.modules
        one = _CAUSE(one) or _CONTEXT(one)
    return False


_CAUSE = BaseException.__dict__["__cause__"].__get__
_CONTEXT = BaseException.__dict__["__context__"].__get__


def load(shell: Any, shows: Callable[[], bool] = lambda: True) -> MemoryErrors:
    """Watch a shell without an agent (``%load_ext``)."""
    watching = MemoryErrors(shell, shows)
    shell.events.register("post_run_cell", watching.after_cell)
    return watching


def unload(watching: MemoryErrors) -> None:
    """Take ``load`` back."""
    try:
        watching.shell.events.unregister("post_run_cell", watching.after_cell)
    except ValueError:
        pass  # somebody reset the events
