"""Who has which piece of memory; plain values, no object of the user's.

A piece is a span of addresses on a device.  Storages that overlap (a NumPy array and the tensor
made of it, a tensor that came back through DLPack) are one piece, counted once.
"""

from __future__ import annotations

import operator
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..columns import Describer
from .values import RANK

#: Other holders of a piece that are named.
MOST_HOLDERS = 8


class Holder(NamedTuple):
    """Who has it, and by which name."""

    owner: str
    group: str  #: what it is shown under: a model, a root of a graph, a cell's output
    name: str
    within: str = ""  #: a part of the group that has it: one of several roots, a call

    @property
    def said(self) -> str:
        """In words, among other holders."""
        if self.owner == "graph":
            return f"the graph of {self.within or self.group}"
        if self.owner in ("frame", "exception"):
            return f"{self.name} in {self.within or self.group}"
        return self.name


class Piece(NamedTuple):
    """Memory that is allocated together, and its owner."""

    start: int
    end: int
    holder: Holder
    others: Tuple[Holder, ...]


class _Spans:
    """Spans of a device, by columns of numbers and texts: an object for each would count for the
    collector, and bring about a collection of all of the user's heap."""

    def __init__(self) -> None:
        self.starts: List[int] = []
        self.ends: List[int] = []
        self.owners: List[str] = []
        self.groups: List[str] = []
        self.names: List[str] = []
        self.within: List[str] = []
        self.known: Set[int] = set()

    def holder(self, row: int) -> Holder:
        """Whose a span is."""
        return Holder(self.owners[row], self.groups[row], self.names[row], self.within[row])


class Ledger:
    """Spans by device."""

    def __init__(self, describer: Optional[Describer], by_coverage: bool = False) -> None:
        """``by_coverage``: of several graphs that have a piece the larger one is its owner; for
        graphs that were not compared with each other when they were read."""
        self.describer = describer
        self._by_coverage = by_coverage
        self._spans: Dict[str, _Spans] = {"cpu": _Spans()}
        self._names: Dict[Any, str] = {}
        self._pieces: Dict[str, Tuple[int, List[Piece]]] = {}  # from as many spans

    @property
    def devices(self) -> List[str]:
        """Those on which something was found."""
        return list(self._spans)

    def add(self, device: str, start: int, size: int, holder: Holder) -> None:
        """A span of ``size`` bytes."""
        if size <= 0 or not start:
            return
        spans = self._spans.get(device)
        if spans is None:
            spans = self._spans[device] = _Spans()
        spans.starts.append(start)
        spans.ends.append(start + size)
        spans.owners.append(holder.owner)
        spans.groups.append(holder.group)
        spans.names.append(holder.name)
        spans.within.append(holder.within)
        spans.known.add(start)

    def add_tensors(self, tensors: Sequence[Any], holders: Iterable[Holder]) -> None:
        """The storages of plain tensors."""
        assert self.describer is not None
        storage = self.describer.storage
        self.add_storages(
            list(map(self.describer.get["device"], tensors)), list(map(storage, tensors)), holders
        )

    def add_storages(
        self, devices: Sequence[Any], storages: Sequence[Any], holders: Iterable[Holder]
    ) -> None:
        """Storages with their ``torch.device``s."""
        assert self.describer is not None
        base = self.describer.torch._C.StorageBase
        if "meta" in {device.type for device in map(base.device.__get__, storages)}:
            self._add_real(devices, storages, holders)
            return
        sizes = list(map(base.nbytes, storages))
        different = set(devices)
        if len(different) == 1 and all(sizes):
            (device,) = different
            self._add_all(self._name(device), list(map(base.data_ptr, storages)), sizes, holders)
            return
        for device, storage, size, holder in zip(devices, storages, sizes, holders):
            if size:
                self.add(self._name(device), base.data_ptr(storage), size, holder)

    def _add_real(
        self, devices: Sequence[Any], storages: Sequence[Any], holders: Iterable[Holder]
    ) -> None:
        """Without those that have no memory: meta tensors, and a compiler's fake ones, which
        claim a device; torch warns of whoever asks these for an address, and their sizes may
        be symbols."""
        assert self.describer is not None
        device_of = self.describer.torch._C.StorageBase.device.__get__
        every = zip(devices, storages, holders)
        real = [one for one in every if "meta" not in (one[0].type, device_of(one[1]).type)]
        if real:
            self.add_storages(*map(list, zip(*real)))

    def _add_all(
        self, device: str, starts: List[int], sizes: List[int], holders: Iterable[Holder]
    ) -> None:
        """Spans of one device."""
        if not all(starts):
            for start, size, holder in zip(starts, sizes, holders):
                self.add(device, start, size, holder)
            return
        spans = self._spans.setdefault(device, _Spans())
        spans.starts += starts
        spans.ends += map(operator.add, starts, sizes)
        for column, values in zip(
            (spans.owners, spans.groups, spans.names, spans.within), zip(*holders)
        ):
            column += values
        spans.known.update(starts)

    def has(self, device: Any, storage: Any) -> bool:
        """Whether somebody was found who has what begins where the storage does."""
        assert self.describer is not None
        base = self.describer.torch._C.StorageBase
        spans = self._spans.get(self._name(device))
        return spans is not None and base.data_ptr(storage) in spans.known

    def _name(self, device: Any) -> str:
        name = self._names.get(device)
        if name is None:
            name = self._names[device] = str(device)
        return name

    def pieces(self, device: str) -> List[Piece]:
        """What is there, by address, each with its owner."""
        spans = self._spans.get(device)
        if spans is None:
            return []
        known = self._pieces.get(device)
        if known is not None and known[0] == len(spans.starts):
            return known[1]
        covered: Dict[str, int] = {}
        if self._by_coverage:
            for row, owner in enumerate(spans.owners):
                if owner == "graph":
                    size = spans.ends[row] - spans.starts[row]
                    covered[spans.within[row]] = covered.get(spans.within[row], 0) + size
        found = list(_merged(spans, covered))
        self._pieces[device] = len(spans.starts), found
        return found


def _merged(spans: _Spans, covered: Dict[str, int]) -> Iterable[Piece]:
    starts, ends = spans.starts, spans.ends
    order = sorted(range(len(starts)), key=starts.__getitem__)
    first, count = 0, len(order)
    while first < count:
        end, last = ends[order[first]], first + 1
        while last < count and starts[order[last]] < end:
            end = max(end, ends[order[last]])
            last += 1
        yield _piece(spans, order[first:last], end, covered)
        first = last


def _piece(spans: _Spans, rows: List[int], end: int, covered: Dict[str, int]) -> Piece:
    """Of the spans ``rows``, which overlap, the first of which begins first."""
    start = spans.starts[rows[0]]
    if len(rows) == 1:
        return Piece(start, end, spans.holder(rows[0]), ())

    def before(row: int) -> Tuple[int, int, int]:
        owner = spans.owners[row]
        return RANK[owner], -covered.get(spans.within[row], 0) if owner == "graph" else 0, row

    rows.sort(key=before)
    owner = spans.holder(rows[0])
    others = dict.fromkeys(map(spans.holder, rows[1 : 4 * MOST_HOLDERS]))
    others.pop(owner, None)
    return Piece(start, end, owner, tuple(others)[:MOST_HOLDERS])
