"""The walk of the account: into what the list of tensors does not look into.

Suspended generators, exceptions that were kept, iterators, bound methods, storages, attributes
of tensors, and nodes of graphs.
"""

from __future__ import annotations

import gc
import time
import types
from collections import deque
from itertools import compress, islice
from math import inf
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .. import kinds as k
from .. import loaded, names
from ..held import Held
from ..names import Paths
from ..walk import Found, Place, Walk
from .frames import errors, local_variables

NODE = 100  #: of a graph of autograd
STORAGE = 101
GENERATOR = 102  #: a coroutine too
ERROR = 103
LOOSE = 104  #: a built-in that has objects: an iterator, a bound method
SAVED = 105  #: a tensor as autograd saves it, kept by somebody else: a checkpoint's arguments

_NEVER_LOOSE = tuple(map(id, (types.FrameType, types.TracebackType, types.CodeType)))
_FRAMES = {
    id(types.GeneratorType): ("gi_frame", "gi_running", "gi_yieldfrom"),
    id(types.CoroutineType): ("cr_frame", "cr_running", "cr_await"),
    id(types.AsyncGeneratorType): ("ag_frame", "ag_running", "ag_await"),
}


class Kept(Held):
    """References of one account, which is on the main thread."""

    def __init__(self) -> None:
        super().__init__(list.clear)

    def ids(self) -> List[int]:
        """``id`` of the lists in which they are."""
        return list(map(id, self._lists))


class MemoryKinds(k.Kinds):
    """Tells those too; of one account only, as ``Kinds``."""

    def __init__(self) -> None:
        super().__init__()
        torch = loaded.torch()
        self._storage: Any = None if torch is None else torch._C.StorageBase
        self._saved: Any = getattr(getattr(torch, "_C", None), "_autograd", None)
        self._saved = getattr(self._saved, "SavedTensor", None)

    def _classify(self, cls: type) -> int:
        bases = type.__dict__["__mro__"].__get__(cls)
        for base in bases:
            if id(base) in _FRAMES:  # by identity: a metaclass may define __hash__
                return GENERATOR
            if base is BaseException:
                return ERROR
            if base is self._storage and base is not None:
                return STORAGE
            if base is self._saved and base is not None:
                return SAVED
        if self._storage is not None and _is_node(cls):
            return NODE
        kind = super()._classify(cls)
        if kind == k.OPAQUE and id(cls) not in _NEVER_LOOSE and not self._closed(cls):
            flags = type.__dict__["__flags__"].__get__(cls)
            if flags & _HAVE_GC and not flags & _HEAP_TYPE:
                return LOOSE
        return kind


def _is_node(cls: type) -> bool:
    return (
        type(k.in_class(cls, "next_functions")) is types.GetSetDescriptorType
        and k.in_class(cls, "_register_hook_dict") is not None
    )


_HEAP_TYPE = 1 << 9
_HAVE_GC = 1 << 14


class Reached(NamedTuple):
    """Something that is no row, and the path to it."""

    value: Any
    name: str
    owner: str
    group: Optional[str]


class Search(Walk):
    """A walk from several kinds of roots, one after the other; what was seen is seen for all."""

    def __init__(
        self, kinds: MemoryKinds, held: Kept, budget: float, thorough: bool = True
    ) -> None:
        """``thorough``: in one go; else in short steps, and ``waiting`` has what is left."""
        super().__init__(kinds, held, budget, Paths())
        self.thorough = thorough
        self.waiting: List[Tuple[Place, int]] = []  #: places, and how much of each was read
        self._offsets: Dict[int, int] = {}
        self.seen_names: Dict[int, str] = {}  #: ``id`` of a container → expression
        self.nodes: List[Reached] = []
        self.storages: List[Reached] = []
        self._opened = 0  # rows whose attributes were looked at

    def variables(self, namespace: Dict[str, Any]) -> Found:
        """What the variables reach."""
        self.seen_names[id(namespace)] = "globals()"
        self.run(namespace, {})
        return self.taken()

    def reach(self, value: Any, name: str, owner: str) -> None:
        """Also what ``value`` reaches; ``found`` has it after ``taken``."""
        kind = self.kinds.one(value)
        if kind in k.ROWS:
            self.found.add(value, kind, name, owner, None)
        elif kind != k.ATOM:
            self._visit(value, kind, name, None, k.ATOM, owner, name)
            self._drain()

    def has_seen(self, value: Any) -> bool:
        """Whether a container was looked into, or waits for it."""
        return id(value) in self._seen

    def taken(self) -> Found:
        """What was found since the last time."""
        while self._opened < len(self.found.objects):
            self._attributes_of_rows()
            self._drain()
        found, self.found, self._opened = self.found, Found(), 0
        self.held.keep(found.objects)
        return found

    def _attributes_of_rows(self) -> None:
        """A wrapper keeps its tensors in attributes, and so does anybody who sets one."""
        found, start = self.found, self._opened
        rows = found.objects[start:]
        self._opened = len(found.objects)
        flat = gc.get_referents(*rows)
        known = self.kinds.of(flat)
        if not any(kind not in _DULL for kind in known):
            return
        self.held.keep(flat)
        for number, value in enumerate(rows, start):
            referents = gc.get_referents(value)
            kinds = self.kinds.of(referents)
            for other, kind in zip(referents, kinds):
                if kind in _DULL or other is value:
                    continue
                base, owner, group = found.names[number], found.owners[number], found.groups[number]
                if kind == k.DICT and type(other) is dict:
                    place = Place(kind, other, base, group, k.ATOM, owner, base, None)
                    self._attributes(place, other)
                else:
                    name = names.attribute(base, _HOOKS if kind == k.DICT else "data")
                    self._visit(other, kind, name, group, k.ATOM, owner, base)

    # In steps ---------------------------------------------------------------------------

    def go_on(self, place: Place) -> None:
        """Walk on from a place that was reached before."""
        self._seen.add(id(place.value))
        self._queue.append(place)
        self._drain()

    def _drain(self) -> None:
        if self.thorough:
            super()._drain()
            return
        queue, later = self._queue, self._later
        steps = 0
        while queue or later:
            if not queue:
                queue.append(later.pop(0))
            steps += 1
            if (self.found.objects or not steps & 3) and self._is_over():
                for place in (*queue, *later):
                    self.waiting.append((place, self._offsets.get(id(place.value), 0)))
                queue.clear()
                later.clear()
                return
            place = queue.popleft()
            try:
                self._open(place)
            except RuntimeError:
                self.cut.setdefault(place.root, "it was changing while it was read")

    def _is_over(self) -> bool:
        """Whether there is time only for what becomes of the rows that were found."""
        rows = len(self.found.objects)
        return time.thread_time() + rows * SECONDS_PER_ROW > self.deadline

    def _items(self, place: Place) -> None:
        if self.thorough:
            super()._items(place)
            return
        rest = place.rest
        if rest is None:
            rest = pieces(place.kind, place.value)
        piece = None if rest is None else next(rest, None)
        if piece is not None:
            self._offsets[id(place.value)] = piece[0] + len(piece[2])
            self._chunk(place, piece)
            self._queue.append(place._replace(rest=rest))

    # One more kind of place at a time -------------------------------------------------

    def _visit(
        self,
        value: Any,
        kind: int,
        name: str,
        group: Optional[str],
        inside: int,
        owner: str,
        root: str,
    ) -> None:
        if kind not in k.ROWS:
            self.seen_names.setdefault(id(value), name)
        super()._visit(value, kind, name, group, inside, owner, root)

    def _open(self, place: Place) -> None:
        kind, value = place.kind, place.value
        if kind == NODE:
            self.nodes.append(Reached(value, place.name, place.owner, place.group))
        elif kind == STORAGE:
            self.storages.append(Reached(value, place.name, place.owner, place.group))
        elif kind == GENERATOR:
            self._generator(place)
        elif kind == ERROR:
            self._error(place)
        elif kind == LOOSE:
            self._loose(place)
        elif kind == SAVED:
            self._saved(place)
        else:
            super()._open(place)
            if kind == k.FUNCTION:
                self._defaults(place)

    def _chunk(self, place: Place, chunk: List[Any]) -> None:
        if not self._are_barren(chunk[2]):
            super()._chunk(place, chunk)

    def _are_barren(self, values: List[Any]) -> bool:
        """Whether nothing of interest is behind any of many values; False when it is not known."""
        if len(values) < _MANY:
            return False
        most = _MOST_SEEN if self.thorough else _MOST_IN_A_STEP
        return all(
            self._is_barren(values[start : start + _TOGETHER], most)
            for start in range(0, len(values), _TOGETHER)
        )

    def _is_barren(self, values: List[Any], most: int) -> bool:
        """All at once, by the collector's eyes: 2,000 records of numbers are one look.

        ``most``: objects that are looked at.
        """
        level: List[Any] = values
        table = self.kinds.table
        seen: Set[int] = set()
        whole = []  # while a thing is held its id is its own
        for _ in range(_LEVELS):
            different = set(map(id, map(type, level)))
            if not different.issubset(table.keys()):
                self.kinds.of(level)  # learns them
            found = set(map(table.__getitem__, different))
            if not _SIMPLE.issuperset(found):
                return False
            if _FURTHER.isdisjoint(found):
                return True
            if not _FURTHER.issuperset(found):
                further = {number for number in different if table[number] in _FURTHER}
                classes = map(id, map(type, level))
                level = list(compress(level, map(further.__contains__, classes)))
            fresh = set(map(id, level)).difference(seen)
            if not fresh:
                return True
            if len(fresh) < len(level):
                level = list(compress(level, map(fresh.__contains__, map(id, level))))
            seen |= fresh
            if len(seen) > most or (most < _MOST_SEEN and self._count(level) > most):
                return False
            whole.append(level)
            level = gc.get_referents(*level)
        return False

    def _count(self, values: List[Any]) -> int:
        """How many objects, about, these refer to; many where that is not told in short."""
        count = 0
        for value in values:
            if id(type(value)) in _SIZED:
                count += len(value)
            elif self.kinds.one(value) == k.OBJECT:
                count += _ATTRIBUTES
            else:  # a class of the user's, which may have a length of its own
                return _MOST_SEEN
        return count

    def _object(self, place: Place) -> None:
        super()._object(place)
        cls = type(place.value)
        size = type.__dict__["__basicsize__"].__get__(cls)
        if size > _LEAST + _POINTER * len(self.kinds.layout(cls).slots):
            self._loose(place)  # it has more than attributes: functools.lru_cache, say

    def _loose(self, place: Place) -> None:
        referents = gc.get_referents(place.value)
        for position, (other, kind) in enumerate(zip(referents, self.kinds.of(referents))):
            number = id(other)
            if kind in _NOTHING or number in self._seen or number in self.found.position:
                continue
            self._edges(place, [other], [f"gc.get_referents({place.name})[{position}]"])

    def _defaults(self, place: Place) -> None:
        function = place.value
        for attribute in ("__defaults__", "__kwdefaults__"):
            values = getattr(function, attribute)
            if values:
                self._edges(place, [values], [f"{place.name}.{attribute}"])
        scopes = (id(function.__globals__), id(getattr(function, "__builtins__", None)))
        for other in gc.get_referents(function):
            if type(other) is dict and id(other) not in scopes and id(other) not in self._seen:
                self._edges(place, [other], [f"vars({place.name})"])

    def _saved(self, place: Place) -> None:
        """As it lies there; to unpack it would run hooks."""
        if hasattr(type(place.value), "data"):
            self._edges(place, [place.value.data], [f"{place.name}.data"])
            self._edges(place, [place.value.unpack_hook], [f"{place.name}.unpack_hook"])

    def _generator(self, place: Place) -> None:
        cls = type(place.value)  # no class can be derived from one of these
        of_frame, of_running, of_delegate = _FRAMES[id(cls)]
        frame = cls.__dict__[of_frame].__get__(place.value)
        running = cls.__dict__[of_running].__get__(place.value)
        delegate = cls.__dict__[of_delegate].__get__(place.value)
        if running or frame is None:
            return
        base = f"{place.name}.{of_frame}.f_locals"
        self._group(place, "container")
        variables = local_variables(frame)
        for name, value in variables.items():
            self._edges(place, [value], [names.key(base, name, 0)])
        if delegate is not None:
            self._edges(place, [delegate], [f"{place.name}.{of_delegate}"])
        self._loose(place)  # what it goes through: a list in the middle of ``for``

    def _error(self, place: Place) -> None:
        error = place.value
        self._edges(place, [_ARGS(error)], [f"{place.name}.args"])
        self._object(place)
        path = f"{place.name}.__traceback__"
        trace = _TRACEBACK(error)
        while type(trace) is types.TracebackType:
            base = f"{path}.tb_frame.f_locals"
            if trace.tb_frame.f_code.co_flags & 1:
                for name, value in local_variables(trace.tb_frame).items():
                    self._edges(place, [value], [names.key(base, name, 0)])
            trace, path = trace.tb_next, f"{path}.tb_next"
        for other, how in zip(errors(error)[1:], ("__cause__", "__context__")):
            self._edges(place, [other], [f"{place.name}.{how}"])


def pieces(
    kind: int, value: Any, offset: int = 0, until: float = inf
) -> Optional[Iterator[List[Any]]]:
    """``[start, keys or None, values]`` of a container from ``offset`` on, a little at a time.

    None when it was not got there ``until`` then, in seconds of ``time.thread_time``: the first
    members of a set or dict have to be passed over.
    """
    if kind in (k.LIST, k.TUPLE):
        return _of_sequence(
            list.__getitem__ if kind == k.LIST else tuple.__getitem__, value, offset
        )
    keys = iter(dict.keys(value)) if kind == k.DICT else None
    members = _MEMBERS[kind](value)
    for start in range(0, offset, _PASSED):
        count = min(_PASSED, offset - start)
        for one in (members, keys):
            if one is not None:
                next(islice(one, count - 1, None), None)
        if time.thread_time() > until:
            return None
    return _of_members(members, keys, offset)


def _of_sequence(take: Callable[[Any, slice], Any], value: Any, offset: int) -> Iterator[List[Any]]:
    while True:
        values = list(take(value, slice(offset, offset + _PIECE)))
        if not values:
            return
        yield [offset, None, values]
        offset += len(values)


def _of_members(
    members: Iterator[Any], keys: Optional[Iterator[Any]], offset: int
) -> Iterator[List[Any]]:
    while True:
        values = list(islice(members, _PIECE))
        if not values:
            return
        some = None if keys is None else list(islice(keys, len(values)))
        yield [offset, some, values]
        offset += len(values)


_MEMBERS: Dict[int, Callable[[Any], Iterator[Any]]] = {
    k.DICT: lambda value: iter(dict.values(value)),
    k.SET: set.__iter__,
    k.FROZENSET: frozenset.__iter__,
    k.DEQUE: deque.__iter__,
}

#: Children taken of a container at a time in a step.
_PIECE = 256
#: Members that are passed over at a time; up to 80 ns each, when they lie all over the place.
_PASSED = 10_000
#: What it takes, about, to find the owner of a row that was found.
SECONDS_PER_ROW = 14e-6
#: No way to anything of the user's: what says how an object is made.
_NOTHING = frozenset((k.ATOM, k.CLASS, k.OPAQUE))
#: Nor are the nodes that a tensor leads to: graphs are searched on their own.
_DULL = _NOTHING | {NODE}
#: Fewer siblings are not looked at together first; how many are, and how deep.
_MANY, _TOGETHER, _LEVELS = 64, 2048, 8
#: Objects behind them that are looked at; in a step, in which 1,000 take 0.2 ms.
_MOST_SEEN, _MOST_IN_A_STEP = 400_000, 4000
_SIZED = frozenset(map(id, (dict, list, tuple, set, frozenset, deque)))
_ATTRIBUTES = 8  # of an instance, about
_FURTHER = frozenset((k.DICT, k.LIST, k.TUPLE, k.SET, k.FROZENSET, k.DEQUE, k.OBJECT))
_SIMPLE = _FURTHER | _NOTHING
_HOOKS = "_backward_hooks"
_ARGS = BaseException.__dict__["args"].__get__
_TRACEBACK = BaseException.__dict__["__traceback__"].__get__
#: Bytes of an instance of a class of Python's that adds no slots.
_POINTER = type.__dict__["__basicsize__"].__get__(object) // 2
_LEAST = 4 * _POINTER
