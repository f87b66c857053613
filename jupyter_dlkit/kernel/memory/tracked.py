"""Objects of some kinds among all that the collector tracks.

On the main thread, between cells, only: ``gc.get_objects`` from another thread, or in the
middle of ``tuple(generator)``, makes the user's code fail.
"""

from __future__ import annotations

import gc
from itertools import compress
from typing import Any, Collection, Dict, List

from ..kinds import Kinds


def tracked(kinds: Kinds, wanted: Collection[int]) -> Dict[int, List[Any]]:
    """By kind."""
    found = gc.get_objects()
    # One call into C for each pass over 10⁶ objects, and as few passes as will do.
    numbers = list(map(id, map(type, found)))
    known = {n: kinds.of_type(type(one)) for n, one in dict(zip(numbers, found)).items()}
    numbers_wanted = {n for n, kind in known.items() if kind in wanted}
    some = list(compress(found, map(numbers_wanted.__contains__, numbers)))
    found.clear()
    answer: Dict[int, List[Any]] = {kind: [] for kind in wanted}
    for one in some:
        answer[known[id(type(one))]].append(one)
    some.clear()
    return answer
