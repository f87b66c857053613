"""What one execution changed: two readings, and what lies between them."""

from __future__ import annotations

import re
import sys
import time
from datetime import datetime, timezone
from itertools import compress, islice
from operator import ne
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..kinds import DICT, LIST, MODULE, OPTIMIZER, ROWS, TUPLE, Kinds
from .counters import Counters, ProcessMemory, peak_between, process_memory
from .counters import read as read_devices

if TYPE_CHECKING:
    from .hook import Open, Sample

#: Names of one execution that are told, variables of which each is watched, and items of a
#: container that are looked at.
MOST_NAMES, _MOST_VARIABLES, _ITEMS = 20, 500, 4

#: Where variables are more, so many of those bound last are remembered.
_LAST = 50

#: A larger dict is not copied to look at its first items.
_LARGEST = 5000

#: Words of a cell's text, and characters of it that are read.
_WORD, _LONGEST = re.compile(r"[^\W\d]\w*"), 20_000


class Reading(NamedTuple):
    """One moment: seconds since the epoch, and what was counted."""

    time: float
    devices: Dict[str, Counters]
    process: ProcessMemory


def read() -> Reading:
    """Now."""
    return Reading(time.time(), read_devices(), process_memory())


def may_have_tensors() -> bool:
    """Whether a variable can be one at all."""
    return "torch" in sys.modules or "numpy" in sys.modules


class Names:
    """Which variables there were, and what each was bound to: by number, held by nothing.

    Where they are many, those that the cell's text names, and which were bound last: a new one
    comes after them.
    """

    def __init__(self, shell: Any, text: Any = "") -> None:
        self.names: List[str] = []
        self.ids: List[int] = []  #: of all, or none
        self.some: Dict[str, int] = {}
        self.last: Set[str] = set()
        if shell is None:
            return
        space = shell.user_ns
        if not _are_many(space):
            self.names, self.ids = _variables(space)
            return
        self.last.update(_texts(list(islice(reversed(space), _LAST))))
        words = set(_WORD.findall(text, 0, _LONGEST)) if type(text) is str else ()
        self.some = {name: id(space[name]) for name in words if name in space}

    def appeared(self, shell: Any) -> List[str]:
        """Variables that have tensors, and had another object before, or were not there."""
        space, hidden, kinds = shell.user_ns, shell.user_ns_hidden, Kinds()
        return [
            name
            for name in (self._since_last(space) if self.last else self._fresh(space))
            if name in space
            and not name.startswith("_")
            and name not in hidden
            and _has_tensors(kinds, space[name])
        ]

    def _since_last(self, space: Any) -> List[str]:
        fresh: List[str] = []
        for name in reversed(space):
            if type(name) is str:
                if name in self.last:
                    break
                fresh.append(name)
        else:  # none of them is left: which ones are new is not known
            fresh.clear()
        fresh.reverse()
        known = set(fresh)
        changed = [n for n, number in self.some.items() if n in space and id(space[n]) != number]
        return [name for name in changed if name not in known] + fresh

    def _fresh(self, space: Any) -> List[str]:
        names, ids = _variables(space)
        size = len(self.names)
        same = names[:size] == self.names
        if same:
            fresh = names[size:]
        else:
            known = set(self.names)
            fresh = [name for name in names if name not in known]
        if same and ids:
            return list(compress(names, map(ne, ids, self.ids))) + fresh
        before = dict(zip(self.names, self.ids))
        return fresh + [n for n in before if n in space and id(space[n]) != before[n]]


def _are_many(space: Any) -> bool:
    return type(space) is dict and len(space) > _MOST_VARIABLES


def _variables(space: Any) -> Tuple[List[str], List[int]]:
    """Names and the numbers of what they are bound to; no numbers in a mapping of the user's."""
    if type(space) is not dict:
        return _texts(list(space)), []
    copied = dict.copy(space)
    names = list(copied)
    texts = _texts(names)
    return texts, list(map(id, copied.values())) if len(texts) == len(names) else []


def _texts(names: List[Any]) -> List[str]:
    # By identity: a key that is no name may have a class that compares as it likes.
    if list(map(id, map(type, names))).count(id(str)) == len(names):
        return names
    return [name for name in names if type(name) is str]


def _has_tensors(kinds: Kinds, value: Any) -> bool:
    kind = kinds.one(value)
    if kind in ROWS or kind in (MODULE, OPTIMIZER):
        return True
    items: Sequence[Any] = ()
    if (kind == LIST and type(value) is list) or (kind == TUPLE and type(value) is tuple):
        items = value[:_ITEMS]
    elif kind == DICT and type(value) is dict and len(value) <= _LARGEST:
        items = list(value.values())[:_ITEMS]
    return any(kinds.one(item) in ROWS for item in items)


def ended(cell: Open, reading: Reading, seconds: float, result: Any, shell: Any) -> Dict[str, Any]:
    """The execution as JSON has it."""
    error = getattr(result, "error_in_exec", None)
    if error is None:
        error = getattr(result, "error_before_exec", None)
    state = "done" if error is None else "failed"
    if issubclass(type(error), KeyboardInterrupt):
        state = "interrupted"
    names = cell.names
    if names is None and may_have_tensors():  # imported by this very cell: every tensor is new
        names = Names(None)
    appeared = [] if names is None else names.appeared(shell)
    return {
        **_changes(cell, reading, seconds),
        "state": state,
        "error": None if error is None else type(error).__name__,
        "appeared": appeared[:MOST_NAMES],
        "appeared_more": max(0, len(appeared) - MOST_NAMES),
    }


def running(cell: Open, reading: Reading) -> Dict[str, Any]:
    """An execution that goes on, so far."""
    seconds = time.perf_counter() - cell.clock
    return {
        **_changes(cell, reading, seconds),
        "state": "running",
        "error": None,
        "appeared": [],
        "appeared_more": 0,
    }


def _changes(cell: Open, reading: Reading, seconds: float) -> Dict[str, Any]:
    before, after = cell.reading.process, reading.process
    resident = Counters(before.resident, None, before.peak)
    peak = peak_between(resident, Counters(after.resident, None, after.peak))
    return {
        "execution_count": cell.execution_count,
        "cell_id": cell.cell_id,
        "partial": cell.partial,
        "started_at": _iso(cell.reading.time),
        "seconds": round(seconds, 6),
        "devices": {
            device: _device(cell.reading.devices.get(device), counters)
            for device, counters in reading.devices.items()
        },
        "memory_before": before.resident,
        "memory_change": _minus(after.resident, before.resident),
        "memory_peak": peak.bytes,
        "memory_peak_is_exact": peak.is_exact,
    }


def _device(before: Optional[Counters], after: Counters) -> Dict[str, Any]:
    peak = peak_between(before, after)
    held = 0 if before is None else before.allocated
    reserved = 0 if before is None else before.reserved
    return {
        "before": held,
        "after": after.allocated,
        "change": _minus(after.allocated, held),
        "peak": peak.bytes,
        "peak_is_exact": peak.is_exact,
        "peak_meaning": peak.meaning,
        "reserved_change": _minus(after.reserved, reserved),
    }


def _minus(one: Optional[int], other: Optional[int]) -> Optional[int]:
    return None if one is None or other is None else one - other


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")


def columns(samples: Sequence[Sample]) -> Dict[str, Any]:
    """Moments for a plot, by columns; None where a device was not in use."""
    devices = list(dict.fromkeys(name for sample in samples for name in sample.devices))
    none = Counters(None, None, None)
    return {
        "time": [round(sample.time, 3) for sample in samples],
        "memory": [sample.resident for sample in samples],
        "devices": {
            name: {
                "allocated": [s.devices.get(name, none).allocated for s in samples],
                "reserved": [s.devices.get(name, none).reserved for s in samples],
            }
            for name in devices
        },
    }
