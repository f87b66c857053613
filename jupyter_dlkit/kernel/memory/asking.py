"""The account, asked for from the control thread: of an idle kernel or of a busy one."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable, MutableMapping
from weakref import WeakKeyDictionary

from ..main_thread import MainThread, NotReached
from .roots import Roots
from .stepped import Stepped
from .values import Account
from .whole import account

#: Seconds that an idle kernel's event loop may take to let us look between cells.
PATIENCE = 2.0

#: One account at a time goes in steps: two would leave the cell a third of its time.
_turns: MutableMapping[MainThread, asyncio.Lock] = WeakKeyDictionary()


async def ask(shell: Any, main: MainThread, idle: Callable[[], bool], timeout: float) -> Account:
    """Who owns every byte, as a whole when no cell runs, else in steps within ``timeout`` seconds.

    Raises ``NotReached`` when the main thread could not be asked even once.
    """
    until = time.monotonic() + timeout
    if idle():
        try:
            return await main.between(
                lambda: account(Roots.of_shell(shell)), min(PATIENCE, timeout)
            )
        except NotReached:
            pass  # a cell has begun
    return await in_steps(lambda: Roots.of_shell(shell), main, until - time.monotonic())


async def in_steps(roots: Callable[[], Roots], main: MainThread, timeout: float) -> Account:
    """The account of a running cell, which has at least half of the time meanwhile."""
    until = time.monotonic() + timeout
    turn = _turns.setdefault(main, asyncio.Lock())
    try:
        await asyncio.wait_for(turn.acquire(), max(timeout, 0.001))
    except asyncio.TimeoutError:
        raise NotReached() from None
    try:
        return await _in_steps(roots, main, until)
    finally:
        turn.release()


async def _in_steps(roots: Callable[[], Roots], main: MainThread, until: float) -> Account:
    steps = Stepped(roots)
    reached = False
    try:
        while await main.within(steps.step, max(until - time.monotonic(), 0.001)):
            reached = True
            # Else the next step would be there before the cell is back: 32 of them in one pause.
            await asyncio.sleep(steps.last)
    except NotReached:
        if not reached:
            raise
        steps.interrupted()
    return steps.account()
