"""The references that a scan holds, and how they are let go.

A scan runs beside the user's code.  When that code drops an object which the
scan still holds, the last reference is ours, and its ``__del__`` (the user's
code) would run on our thread.  So the scan keeps every reference until it ends,
in one place; then those that are the last ones are dropped by the main thread.
"""

from __future__ import annotations

import sys
from itertools import chain, compress
from typing import Any, Callable, List, Sequence


class Held:
    """References of one scan."""

    def __init__(self, drop: Callable[[List[Any]], None]) -> None:
        """``drop`` empties a list on the main thread, soon."""
        self._lists: List[Sequence[Any]] = []
        self._drop = drop

    def keep(self, values: Sequence[Any]) -> None:
        """Keep ``values`` (a list or tuple that nobody else has) until the end."""
        self._lists.append(values)

    def lists(self) -> List[Sequence[Any]]:
        """What is kept so far, in the order in which it was found."""
        return list(self._lists)

    def release(self) -> None:
        """Let go of everything.  The caller has no reference of its own any more."""
        lists, self._lists = self._lists, []
        together = chain.from_iterable
        every = list(dict(zip(map(id, together(lists)), together(lists))).values())
        lists.clear()
        # All in one call into C: in between, the cell could drop what it still had.
        every[:] = compress(every, map(_ALONE.__ge__, map(sys.getrefcount, every)))
        if every:
            self._drop(every)


def _count_alone() -> int:
    """What ``getrefcount`` says, in that very call, of what only that list holds."""
    every, counts = [object()], []  # type: List[object], List[int]
    every[:] = compress(every, map(counts.append, map(sys.getrefcount, every)))
    return counts[0]


_ALONE = _count_alone()
