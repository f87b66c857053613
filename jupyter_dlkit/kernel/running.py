"""Which cells run.

More than one can: a subshell runs its cells on a thread of its own, and a cell may run others
(``%run``, ``run_cell``).  An ending of one of them says nothing of the others.
"""

from __future__ import annotations

import threading
from typing import Any, Dict, Optional


class _Cell:
    """The outermost cell of one thread, with the cells that it runs itself inside."""

    def __init__(self, request: Optional[str], guessed: bool = False) -> None:
        self.request = request
        self.guessed = guessed  #: it began before we came: perhaps it is no cell
        self.inside = 0


class Running:
    """The cells that run in a kernel; told by its events, asked on any thread.

    ``ended`` counts the outermost cells that have ended.
    """

    def __init__(self, kernel: Any) -> None:
        self.ended = 0
        self._kernel = kernel
        self._cells: Dict[int, _Cell] = {}
        if main_is_taken(kernel) is not False:
            self._cells[_main()] = _Cell(self._request(), guessed=True)

    def begin(self) -> None:
        """A cell begins on this thread."""
        thread, request = threading.get_ident(), self._request()
        outer = self._cells.get(thread)
        if outer is not None and outer.request == request:
            outer.inside += 1
        else:  # of one whose end was not told no more is known
            self._cells[thread] = _Cell(request)

    def end(self) -> None:
        """A cell ends on this thread."""
        cell = self._cells.get(threading.get_ident())
        if cell is not None and cell.inside:
            cell.inside -= 1
            return
        self._cells.pop(threading.get_ident(), None)
        self.ended += 1

    def any(self) -> bool:
        """Whether a cell runs, on whatever thread."""
        for thread, cell in list(self._cells.items()):
            over = cell.guessed and main_is_taken(self._kernel) is False
            if over or not _lives(thread):
                self._cells.pop(thread, None)
        return bool(self._cells)

    def _request(self) -> Optional[str]:
        """The message that asked for what runs; cells that a cell runs have the same."""
        try:
            return str(self._kernel.get_parent("shell")["header"]["msg_id"])
        except Exception:  # another kernel than ipykernel's
            return None


def main_is_taken(kernel: Any) -> Optional[bool]:
    """Whether the main shell handles a message, be it a cell or not; None: it does not tell."""
    lock = getattr(kernel, "_main_asyncio_lock", None)  # ipykernel 7
    if lock is not None:
        return bool(lock.locked())
    waiting = getattr(getattr(kernel, "msg_queue", None), "_getters", None)  # ipykernel 6
    return None if waiting is None else not waiting


def _main() -> int:
    return int(threading.main_thread().ident or 0)


def _lives(thread: int) -> bool:
    """A subshell may be deleted while its cell runs."""
    return thread == _main() or any(one.ident == thread for one in threading.enumerate())
