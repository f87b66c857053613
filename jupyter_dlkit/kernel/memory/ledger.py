"""Who has which piece of memory; plain values, no object of the user's.

A piece is a span of addresses on a device.  Storages that overlap (a NumPy array and the tensor
made of it, a tensor that came back through DLPack) are one piece, counted once.
"""

from __future__ import annotations

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


class Ledger:
    """Spans by device."""

    def __init__(self, describer: Optional[Describer]) -> None:
        self.describer = describer
        self._spans: Dict[str, List[Tuple[int, int, int, int, Holder]]] = {"cpu": []}
        self._known: Dict[str, Set[int]] = {}
        self._names: Dict[Any, str] = {}
        self._order = 0

    @property
    def devices(self) -> List[str]:
        """Those on which something was found."""
        return list(self._spans)

    def add(self, device: str, start: int, size: int, holder: Holder) -> None:
        """A span of ``size`` bytes."""
        if size <= 0 or not start:
            return
        self._order += 1
        self._spans.setdefault(device, []).append(
            (start, start + size, RANK[holder.owner], self._order, holder)
        )
        self._known.setdefault(device, set()).add(start)

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
        sizes = list(map(base.nbytes, storages))
        if "meta" in {device.type for device in set(devices)}:
            sizes = [0 if d.type == "meta" else n for d, n in zip(devices, sizes)]
        for device, storage, size, holder in zip(devices, storages, sizes, holders):
            if size:
                self.add(self._name(device), base.data_ptr(storage), size, holder)

    def has(self, device: Any, storage: Any) -> bool:
        """Whether somebody was found who has what begins where the storage does."""
        assert self.describer is not None
        base = self.describer.torch._C.StorageBase
        known = self._known.get(self._name(device))
        return known is not None and base.data_ptr(storage) in known

    def _name(self, device: Any) -> str:
        name = self._names.get(device)
        if name is None:
            name = self._names[device] = str(device)
        return name

    def pieces(self, device: str) -> List[Piece]:
        """What is there, by address, each with its owner."""
        return list(_merged(sorted(self._spans.get(device, ()), key=_by_start)))


def _by_start(span: Tuple[int, int, int, int, Holder]) -> int:
    return span[0]


def _merged(spans: List[Tuple[int, int, int, int, Holder]]) -> Iterable[Piece]:
    together: List[Tuple[int, int, int, int, Holder]] = []
    end = 0
    for span in spans:
        if together and span[0] >= end:
            yield _piece(together, end)
            together = []
            end = 0
        together.append(span)
        end = max(end, span[1])
    if together:
        yield _piece(together, end)


def _piece(together: List[Tuple[int, int, int, int, Holder]], end: int) -> Piece:
    first = together[0]
    if len(together) == 1:
        return Piece(first[0], end, first[4], ())
    together.sort(key=_by_rank)
    owner = together[0][4]
    others = list(dict.fromkeys(span[4] for span in together[1:] if span[4] != owner))
    return Piece(first[0], end, owner, tuple(others[:MOST_HOLDERS]))


def _by_rank(span: Tuple[int, int, int, int, Holder]) -> Tuple[int, int]:
    return span[2], span[3]
