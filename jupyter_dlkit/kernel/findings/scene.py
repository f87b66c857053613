"""What findings are made of: the ledger, and what the walk has at hand."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Callable, Collection, Dict, List, NamedTuple, Optional, Tuple

from ..memory.ledger import Holder, Ledger, Piece
from ..transfer.sizes import binary

if TYPE_CHECKING:
    from ..columns import Describer
    from ..held import Held
    from ..memory.graph import Graphs
    from ..memory.roots import Roots
    from ..memory.search import MemoryKinds, Search
    from ..memory.whole import Whole
    from .watch import Watch

#: Bytes below which nothing is found, and below which a history that goes on growing is not.
LEAST, LEAST_GROWING = 1 << 20, 1 << 16

#: Where a piece of memory begins: device and address.
Place = Tuple[str, int]


class Kept(NamedTuple):
    """Bytes by device that would be free again, and the device with the most to tell."""

    sizes: Dict[str, int]

    @property
    def device(self) -> str:
        """That of the accelerator with the most, else the host."""
        return max(self.sizes, key=lambda one: (one != "cpu", self.sizes[one]), default="cpu")

    @property
    def bytes(self) -> int:
        """On ``device``."""
        return self.sizes.get(self.device, 0)

    @property
    def said(self) -> str:
        """Such as ``4 MiB on cuda:0``, for each device."""
        order = sorted(self.sizes, key=lambda one: (one == "cpu", -self.sizes[one]))
        order = [one for one in order if self.sizes[one] * 100 >= self.bytes] or order
        return " and ".join(f"{binary(self.sizes[one])} on {one}" for one in order)


class Walked(NamedTuple):
    """What the account of an idle kernel has at hand."""

    roots: Roots
    kinds: MemoryKinds
    held: Held
    search: Search
    graphs: Graphs
    describer: Describer


class Scene:
    """One account while it is looked at; ``whole`` is None in a running cell, or without torch."""

    def __init__(self, ledger: Ledger, whole: Optional[Whole], watch: Optional[Watch]) -> None:
        self.whole: Optional[Walked] = None
        graphs = None if whole is None else whole.graphs
        describer = None if whole is None else whole.describer
        if whole is not None and graphs is not None and describer is not None:
            self.whole = Walked(
                whole.roots, whole.kinds, whole.held, whole.search, graphs, describer
            )
        self.watch = watch
        self.pieces: Dict[str, List[Piece]] = {}
        self._by_group: Dict[Tuple[str, str], List[Tuple[str, Piece]]] = {}
        for device in ledger.devices:
            if device == "meta":
                continue
            self.pieces[device] = ledger.pieces(device)
            for piece in self.pieces[device]:
                key = (piece.holder.owner, piece.holder.group)
                self._by_group.setdefault(key, []).append((device, piece))
        self._objects: Optional[Dict[int, List[Any]]] = None

    # The ledger --------------------------------------------------------------------------

    def groups(self, owner: str) -> List[str]:
        """What the pieces of one kind of owner are shown under."""
        return [group for kind, group in self._by_group if kind == owner]

    def of(self, owner: str, group: str) -> List[Tuple[str, Piece]]:
        """Pieces of one group, with their devices."""
        return self._by_group.get((owner, group), [])

    def freed(
        self,
        owners: Collection[str],
        group: str,
        mine: Callable[[Holder], bool],
        without: Collection[Place] = (),
    ) -> Kept:
        """What nobody has but those that are ``mine``, among the pieces of some groups."""
        sizes: Dict[str, int] = {}
        for owner in owners:
            for device, piece in self.of(owner, group):
                if (device, piece.start) in without:
                    continue
                if mine(piece.holder) and all(map(mine, piece.others)):
                    sizes[device] = sizes.get(device, 0) + size_of(device, piece)
        return Kept(sizes)

    # What the walk has at hand -------------------------------------------------------------

    def objects(self, kind: int) -> List[Any]:
        """Of one kind (``kinds``), each once, as the walk reached them; none in a running cell."""
        if self.whole is None:
            return []
        if self._objects is None:
            together = chain.from_iterable
            lists = self.whole.held.lists()
            every = list(dict(zip(map(id, together(lists)), together(lists))).values())
            self._objects = {}
            table = self.whole.kinds.table
            for number, value in zip(map(table.get, map(id, map(type, every))), every):
                if number:
                    self._objects.setdefault(number, []).append(value)
        return self._objects.get(kind, [])

    def name(self, value: Any) -> Optional[str]:
        """The expression by which the walk came to a thing that is no row."""
        return None if self.whole is None else self.whole.search.seen_names.get(id(value))

    def drop(self) -> None:
        """Let go of the objects."""
        if self._objects is not None:
            for values in self._objects.values():
                values.clear()
        self._objects = None
        self.whole = None


def size_of(device: str, piece: Piece) -> int:
    """Bytes that the allocator counts for a piece, at least: CUDA's rounds up."""
    size = piece.end - piece.start
    return -(-size // 512) * 512 if device.startswith("cuda:") else size
