"""Objects of some kinds among all that the collector tracks.

On the main thread, between cells, only: ``gc.get_objects`` from another thread, or in the
middle of ``tuple(generator)``, makes the user's code fail.
"""

from __future__ import annotations

import gc
from itertools import compress
from typing import Any, Collection, Dict, List, Set

from ..kinds import Kinds

#: Objects that are sorted together: what is made for them stays in the processor's cache.
_TOGETHER = 4096


def tracked(kinds: Kinds, wanted: Collection[int]) -> Dict[int, List[Any]]:
    """By kind."""
    answer: Dict[int, List[Any]] = {kind: [] for kind in wanted}
    known: Dict[int, int] = {}  # id of a class → its kind
    classes: Set[int] = set()  # those of the wanted
    found = gc.get_objects()
    for start in range(0, len(found), _TOGETHER):
        some = found[start : start + _TOGETHER]
        # By ids: a metaclass may define __hash__.  Each pass is one call into C.
        numbers = list(map(id, map(type, some)))
        different = set(numbers)
        if not different.issubset(known.keys()):
            for number, one in zip(numbers, some):
                if number not in known:
                    kind = known[number] = kinds.of_type(type(one))
                    if kind in answer:
                        classes.add(number)
        if not classes.isdisjoint(different):
            for one in compress(some, map(classes.__contains__, numbers)):
                answer[known[id(type(one))]].append(one)
        some.clear()
    found.clear()
    return answer
