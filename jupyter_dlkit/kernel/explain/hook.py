"""Explains below the traceback of a cell that failed.

Called by ``post_run_cell``, which comes after IPython has shown the traceback: the user's
exception, its traceback and ``sys.last_value`` are what they would be without us.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from typing import Any, Callable, Dict, List, Optional

from .raised import may_be_ours

#: Set to ``0`` in a kernel's environment: no text below tracebacks.
SWITCH = "DLKIT_EXPLAIN"

#: Seconds without a cell after which what explains is loaded: compiling it takes a while.
_QUIET = 0.3

#: Put on the result of a cell that was explained, so that two of us (the server's agent, and
#: ``%load_ext``) do not both do it: the explanation as JSON has it, or None.
_MARK = "_dlkit_explained"

_ABSENT = object()


class Explainer:
    """In one shell; keeps texts only.

    ``last``: the explanation of the last cell that failed, as JSON has it; None where there is
    none.
    """

    def __init__(
        self, shell: Any, loop: Any = None, is_idle: Optional[Callable[[], bool]] = None
    ) -> None:
        """``loop``: of another thread, on which to wait until ``is_idle`` for loading the rules."""
        self.shell = shell
        self._loop = loop
        self._is_idle = is_idle
        self._loading: Optional[threading.Thread] = None
        self._timer: Any = None
        there = _explainers(shell)
        self._shows: bool = there[0].shows if there else _allowed()
        self.last: Optional[Dict[str, Any]] = None
        self._before: Optional[int] = None

    @property
    def shows(self) -> bool:
        """Whether it prints below tracebacks: one answer for all of us in this shell."""
        return self._shows

    @shows.setter
    def shows(self, on: bool) -> None:
        self._shows = on
        for other in _explainers(self.shell):
            if other is not self:
                other._shows = on

    def close(self) -> None:
        """Load nothing any more; what is being loaded is waited for."""
        loading, self._loop = self._loading, None
        if self._timer is not None:
            self._timer.cancel()
        if loading is not None:
            loading.join()

    def before_cell(self, *_: Any) -> None:
        """Note which exception was the last one (``pre_run_cell``)."""
        # Its address: a new exception is made while it is still there, and has another one.
        self._before = id(getattr(sys, "last_value", None))

    def after_cell(self, result: Any = None) -> None:
        """Explain, when the cell has failed (``post_run_cell``)."""
        if result is None or (result.error_in_exec is None and not self._timed(result)):
            if self._loading is None and self._loop is not None and "torch" in sys.modules:
                self._loop.call_soon_threadsafe(self.load_when_idle)
            return
        try:
            self._explain(result)
        except (Exception, KeyboardInterrupt):
            pass  # the user's exception is what matters

    def load_when_idle(self) -> None:
        """Have the rules ready when they are needed; on the loop's thread."""
        if self._loading is None and self._loop is not None and "torch" in sys.modules:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_later(_QUIET, self._load)

    def _load(self) -> None:
        idle = self._is_idle is None or self._is_idle()
        if self._loading is None and self._loop is not None and idle:
            name = __name__.rpartition(".")[0] + ".explain"
            # In a thread of its own: the loop's answers requests.
            self._loading = threading.Thread(
                target=_import, args=(name,), name="dlkit-load", daemon=True
            )
            self._loading.start()

    def _timed(self, result: Any) -> bool:
        """Whether ``%%time`` of IPython 7 has shown an exception and gone on without it."""
        cell = getattr(getattr(result, "info", None), "raw_cell", None)
        return (
            type(cell) is str
            and cell.startswith("%%time")
            and self._before is not None
            and getattr(sys, "last_value", None) is not None
            and id(sys.last_value) != self._before
        )

    def _explain(self, result: Any) -> None:
        told: Any = getattr(result, _MARK, _ABSENT)
        if told is not _ABSENT:
            self.last = told
            return
        self.last = None
        setattr(result, _MARK, None)
        error = result.error_in_exec
        if error is None:
            error = sys.last_value
        if not may_be_ours(error):
            return
        from .explain import explain  # when first needed: it takes a while

        count = getattr(result, "execution_count", None)
        if type(count) is not int:
            count = None
        explanation = explain(error, result.info.raw_cell, count)
        if explanation is None:
            return
        self.last = explanation.to_dict()
        setattr(result, _MARK, self.last)
        if self.shows:
            print(explanation.text(), file=sys.stderr)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:
        pass  # it is tried again, and told, where it is needed


def _allowed() -> bool:
    return os.environ.get(SWITCH, "1").strip().lower() not in ("0", "off", "false", "no")


def _explainers(shell: Any) -> List[Any]:
    """Whoever of us explains in this shell: a carried agent's class is another one."""
    found = []
    for callback in list(shell.events.callbacks["post_run_cell"]):
        owner: Any = getattr(callback, "__self__", None)
        explainer: Any = getattr(owner, "explainer", owner)
        if type(explainer).__name__ == Explainer.__name__ and explainer not in found:
            found.append(explainer)
    return found


def switch(shell: Any, on: bool) -> None:
    """Text below tracebacks, or none, whoever of us prints it in this shell."""
    for explainer in _explainers(shell):
        explainer.shows = on


def shows(shell: Any) -> bool:
    """Whether anybody of us prints it in this shell."""
    return any(explainer.shows for explainer in _explainers(shell))


def load(shell: Any) -> Explainer:
    """Explain in a shell without an agent (``%load_ext``)."""
    explainer = Explainer(shell)
    shell.events.register("pre_run_cell", explainer.before_cell)
    shell.events.register("post_run_cell", explainer.after_cell)
    return explainer


def unload(explainer: Explainer) -> None:
    """Take ``load`` back."""
    events = explainer.shell.events
    for event, function in (
        ("pre_run_cell", explainer.before_cell),
        ("post_run_cell", explainer.after_cell),
    ):
        try:
            events.unregister(event, function)
        except ValueError:
            continue  # somebody reset the events
