"""The references that a scan holds, and how they are let go.

A scan runs beside the user's code.  When that code drops an object which the
scan still holds, the last reference is ours, and its ``__del__`` (the user's
code) would run on our thread.  So the scan keeps every reference until it ends,
in one place; then those that are the last ones are dropped by the main thread.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain
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

    def release(self) -> None:
        """Let go of everything.  The caller has no reference of its own any more."""
        lists, self._lists = self._lists, []
        every = list(chain.from_iterable(lists))
        lists.clear()
        ids = list(map(id, every))
        # ``map`` holds one more while it calls getrefcount.
        counts = list(map(sys.getrefcount, every))
        if len(set(ids)) == len(ids) and min(counts, default=3) > 2:
            return
        ours = Counter(ids)
        doomed = [
            every[position]
            for position, count in enumerate(counts)
            if count <= ours[id(every[position])] + 1
        ]
        if doomed:
            del every
            self._drop(doomed)
