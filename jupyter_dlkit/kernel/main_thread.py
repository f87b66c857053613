"""Runs a bounded, read-only function on the kernel's main thread.

*Between* two bytecodes of a running cell it gets there as a pending call
(``Py_AddPendingCall``), otherwise as a callback of the kernel's event loop.
"""

from __future__ import annotations

import _thread
import asyncio
import ctypes
import threading
from collections import deque
from typing import Any, Callable, Deque, List, Optional, Tuple, TypeVar

from .errors import Refusal
from .unseen import runs_backward, unseen

T = TypeVar("T")


class NotReached(Exception):
    """The main thread did not get to it in time: it is busy outside of Python."""


#: Seconds after which an interrupt that we took is given to the cell, and at most.
_FIRST_CHECK, _LAST_CHECK = 0.02, 0.5

#: Seconds until a main thread that was in a backward is asked again.
_AFTER_BACKWARD = 0.02

_pending: Deque[Callable[[], None]] = deque()
_inside = False  # the main thread is in our code
_owed: List[bool] = []  # an interrupt was meant for the cell, and came to us


def _run_pending(_: Optional[int]) -> int:
    global _inside
    _inside = True
    # Never lets an exception out: it would surface in the user's cell, or be lost.
    try:
        _pending.popleft()()
    except KeyboardInterrupt:
        _owed.append(True)
    except BaseException:
        pass
    _inside = False  # nothing after it may look for signals
    return 0


# One trampoline for good: the interpreter keeps a pointer to it, and may still have
# to call it when the agent has gone.
_trampoline = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(_run_pending)
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_trampoline))


def _interrupt(job: Callable[[], None]) -> bool:
    """Ask the interpreter to run ``job`` between two bytecodes of the main thread."""
    _pending.append(job)
    if ctypes.pythonapi.Py_AddPendingCall(_trampoline, None) == 0:
        return True
    try:
        _pending.remove(job)  # the interpreter's queue is full
    except ValueError:
        pass
    return False


class MainThread:
    """The way to the main thread, for code on the control thread."""

    def __init__(self, loop: Any, control: asyncio.AbstractEventLoop) -> None:
        """``loop`` is the main thread's (tornado), ``control`` the control thread's."""
        self.loop = loop
        self.control = control
        self.closed = False

    def close(self) -> None:
        """Run nothing any more."""
        self.closed = True

    async def between(self, function: Callable[[], T], timeout: float) -> T:
        """Run when the event loop is free: not inside the running code of a cell."""
        return await self._run(function, timeout, False)

    async def within(self, function: Callable[[], T], timeout: float) -> T:
        """Run in a running cell too, but not in its backward.  Only for what a person asked for."""
        return await self._run(function, timeout, True)

    def drop(self, references: List[Any]) -> None:
        """Let the main thread drop references, so that no ``__del__`` runs here."""
        self._post(references.clear, True)

    def _post(self, job: Callable[[], None], interrupt: bool) -> None:
        if interrupt:
            _interrupt(job)
            self.control.call_soon_threadsafe(self._pass_on, _FIRST_CHECK)
        self.loop.add_callback(job)

    def _pass_on(self, delay: float) -> None:
        """Give the cell an interrupt that came while the main thread was in our code.

        From this thread, and only when it has left: it would come to us again.
        """
        if _inside or _pending:
            self.control.call_later(delay, self._pass_on, min(delay * 2, _LAST_CHECK))
        elif _owed:
            _owed.clear()
            _thread.interrupt_main()

    async def _run(self, function: Callable[[], T], timeout: float, interrupt: bool) -> T:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        caller = done.get_loop()
        claim = threading.Lock()

        def settle(result: Tuple[bool, Any]) -> None:
            if not done.done():
                if result[0]:
                    done.set_result(result[1])
                else:
                    done.set_exception(result[1])

        def again() -> None:
            if not done.done():
                _interrupt(job)

        def job() -> None:
            if runs_backward():
                caller.call_soon_threadsafe(caller.call_later, _AFTER_BACKWARD, again)
                return
            # Whichever way comes first runs it; the other finds it claimed.
            if self.closed or not claim.acquire(blocking=False):
                return
            result: Tuple[bool, Any]
            try:
                result = (True, unseen(function))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    _owed.append(True)
                    caller.call_soon_threadsafe(self._pass_on, _FIRST_CHECK)
                # With its traceback it would keep what was looked at until a collection.
                result = (False, Refusal.bare(error))
            caller.call_soon_threadsafe(settle, result)

        self._post(job, interrupt)
        try:
            return await asyncio.wait_for(done, timeout)
        except asyncio.TimeoutError:
            claim.acquire(blocking=False)  # too late now
            raise NotReached() from None
