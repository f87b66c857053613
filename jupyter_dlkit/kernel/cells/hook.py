"""Notes what each execution did to memory (``pre_run_cell`` and ``post_run_cell``).

Those two fire for cells only, not for silent executes and comms.  Kept are numbers and texts.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from functools import partial
from typing import Any, Deque, Dict, List, NamedTuple, Optional

#: Executions, and moments of the plot, that are remembered.
MOST_CELLS, MOST_SAMPLES = 500, 2000

_MAIN = threading.main_thread()

#: Seconds between two moments of the plot while a cell runs.
_APART = 0.2


class Open:
    """An execution that has not ended."""

    def __init__(self, reading: Any, names: Any) -> None:
        self.reading = reading
        self.names = names
        self.clock = time.perf_counter()
        self.depth = 0  #: cells that it runs itself (``%run``, ``run_cell``)
        self.execution_count: Optional[int] = None
        self.cell_id: Optional[str] = None
        self.request: Optional[str] = None
        self.listed = True
        self.partial = False
        self.text = ""


class Sample(NamedTuple):
    """A moment of the plot: seconds since the epoch, and bytes."""

    time: float
    devices: Dict[str, Any]
    resident: Optional[int]


class History:
    """The executions of one shell.

    The hooks run on the thread of the cell; ``answer`` on any.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.number = 0  #: executions that ended since we looked
        self.watch: Any = None  #: what findings remember from cell to cell
        self._cells: Deque[Dict[str, Any]] = deque(maxlen=MOST_CELLS)
        self._open: Dict[int, Open] = {}
        self._samples: Deque[Sample] = deque(maxlen=MOST_SAMPLES)

    # Hooks -----------------------------------------------------------------------------

    def before_cell(self, info: Any = None) -> None:
        """A cell begins."""
        try:
            thread = threading.get_ident()
            outer = self._open.get(thread)
            request = self._request()
            if outer is not None and outer.request == request:
                outer.depth += 1
                return
            self._open[thread] = self._begin(info, request)
        except Exception:
            pass  # the user's cell is what matters

    def attached(self, running: bool) -> None:
        """Be ready; if a cell runs on the main thread already, it is looked at from here on."""
        try:
            from . import entry  # noqa: F401  (the first cell need not wait for it)

            if running:
                cell = self._begin(None, self._request())
                cell.partial = True
                self._open.setdefault(int(threading.main_thread().ident or 0), cell)
        except Exception:
            pass

    def after_cell(self, result: Any = None) -> None:
        """A cell ended, one way or another."""
        try:
            thread = threading.get_ident()
            cell = self._open.get(thread)
            if cell is None:
                return
            if cell.depth:
                cell.depth -= 1
                return
            del self._open[thread]
            self._close(cell, result)
        except Exception:
            pass

    def _begin(self, info: Any, request: Optional[str]) -> Open:
        from . import entry

        reading = entry.read()
        text = getattr(info, "raw_cell", "")
        names = entry.Names(self.shell, text) if entry.may_have_tensors() else None
        cell = Open(reading, names)
        cell.text = text if type(text) is str else ""
        cell.request = request
        cell_id = getattr(info, "cell_id", None)
        cell.cell_id = cell_id if type(cell_id) is str else None
        cell.listed = getattr(info, "store_history", True) is not False
        if cell.listed:
            # The number of its output; ``execution_count`` is one more on IPython 9 by now.
            count = self.shell.displayhook.prompt_count
            cell.execution_count = count if type(count) is int else None
        self._sample(reading, 0.0)
        return cell

    def _close(self, cell: Open, result: Any) -> None:
        from . import entry

        seconds = time.perf_counter() - cell.clock
        reading = entry.read()
        self._sample(reading, 0.0)
        found = entry.ended(cell, reading, seconds, result, self.shell)
        if cell.listed or any(one["change"] for one in found["devices"].values()):
            self.number += 1
            self._cells.append({"number": self.number, **found})
        self._watch(cell, found["state"] != "done")

    def _watch(self, cell: Open, failed: bool) -> None:
        if "torch" not in sys.modules or threading.current_thread() is not _MAIN:
            return
        from ..findings.watch import Watch
        from ..unseen import unseen

        if self.watch is None:
            self.watch = Watch(everything_is_new=cell.names is None and not cell.partial)
        try:
            unseen(partial(self.watch.look, self.shell, cell.text, failed))
        except Exception:
            self.watch = None  # what it knows may be half of one cell and half of another

    # Answers ---------------------------------------------------------------------------

    def answer(self, since: int = 0, after: float = 0.0) -> Dict[str, Any]:
        """Executions after number ``since``, the one that runs, and moments for a plot: those
        later than ``after``, in seconds since the epoch."""
        from . import entry

        reading = entry.read()
        self._sample(reading, _APART)
        cells: List[Dict[str, Any]] = [one for one in list(self._cells) if one["number"] > since]
        running = list(self._open.values())
        return {
            "cells": cells,
            "running": entry.running(running[-1], reading) if running else None,
            "samples": entry.columns([s for s in list(self._samples) if s.time > after]),
            "number": self.number,
        }

    def _sample(self, reading: Any, apart: float) -> None:
        last = self._samples[-1] if self._samples else None
        if last is None or reading.time - last.time >= apart:
            self._samples.append(Sample(reading.time, reading.devices, reading.process.resident))

    def _request(self) -> Optional[str]:
        """The message that asked for what runs; cells that it runs itself have the same."""
        try:
            return str(self.shell.get_parent()["header"]["msg_id"])
        except Exception:  # a shell that is no kernel's
            return None


def of(shell: Any) -> Optional[History]:
    """The history that is kept in a shell already, by an agent or by ``load``; or None."""
    for callback in shell.events.callbacks["post_run_cell"]:
        owner: Any = getattr(callback, "__self__", None)
        history: Any = getattr(owner, "history", owner)
        if type(history).__name__ == History.__name__ and hasattr(history, "after_cell"):
            found: History = history
            return found
    return None


def load(shell: Any) -> History:
    """Keep a history in a shell without an agent (``%load_ext``); what is kept already stays."""
    known = of(shell)
    if known is not None:
        return known
    history = History(shell)
    shell.events.register("pre_run_cell", history.before_cell)
    shell.events.register("post_run_cell", history.after_cell)
    return history


def unload(history: History) -> None:
    """Take ``load`` back."""
    events = history.shell.events
    for event, function in (
        ("pre_run_cell", history.before_cell),
        ("post_run_cell", history.after_cell),
    ):
        try:
            events.unregister(event, function)
        except ValueError:
            continue  # an agent's, or somebody reset the events
