"""What lies on the devices, and who has it: plain values, taken at one moment."""

from __future__ import annotations

import re
from typing import Collection, Dict, List, NamedTuple, Optional, Tuple

from ..cells.counters import read
from ..memory.ledger import MOST_HOLDERS, Holder
from ..memory.roots import Roots
from ..memory.search import Kept
from ..memory.whole import Whole
from ..unseen import unseen

#: Where a piece of memory begins: device and address.
Place = Tuple[str, int]

#: Owners whose tensors are told by what they belong to: always, and where they are many.
_PARTS = ("parameter", "buffer", "gradient", "optimizer", "output")
_OWNED = (*_PARTS, "variable", "container")

#: Who has what is not free, and was not found.
OUTSIDE = "something that no variable leads to: another library, or compiled code"

_HELD_BY = "held by "  #: how the account begins a description

#: Holders on one device that are told one by one.
_FEW = 6

#: Other names that IPython gives an output.
_OF_HISTORY = re.compile(r"_+\d*$")


class Piece(NamedTuple):
    """Memory that is allocated together, and who has it, the owner first.

    ``holders`` are exact, ``wholes`` what each belongs to (a list, a model); ``names`` are their
    expressions.
    """

    size: int
    holders: Tuple[str, ...]
    wholes: Tuple[str, ...]
    names: Tuple[str, ...]


Pieces = Dict[Place, Piece]


class Measured(NamedTuple):
    """One moment.  Bytes by device; None where the device does not say."""

    pieces: Pieces
    allocated: Dict[str, Optional[int]]
    reserved: Dict[str, Optional[int]]

    @property
    def has_host(self) -> bool:
        """Whether the host's memory was looked at."""
        return "cpu" in self.allocated

    def including(self, others: Pieces) -> Measured:
        """And what nobody was found to have: it is there all the same."""
        hidden = {place: one for place, one in others.items() if place not in self.pieces}
        allocated = dict(self.allocated)
        if hidden:
            allocated["cpu"] = (allocated.get("cpu") or 0) + total(hidden, "cpu")
        return self._replace(pieces={**self.pieces, **hidden}, allocated=allocated)


def look(roots: Roots, heap: bool) -> Pieces:
    """What the roots reach; ``heap``: and what else is there.  Empties the roots."""
    held = Kept()
    try:
        whole = Whole(roots, held, heap)
        unseen(whole.look)
        found: Pieces = {}
        for device in whole.ledger.devices:
            for piece in whole.ledger.pieces(device):
                holders = (piece.holder, *piece.others)
                found[device, piece.start] = Piece(
                    _given_out(device, piece.end - piece.start),
                    tuple(_said(one, _PARTS) for one in holders),
                    tuple(_said(one, _OWNED) for one in holders),
                    tuple(one.name for one in holders),
                )
        if whole.graphs is not None:
            whole.graphs.drop()
        del whole
    finally:
        roots.outputs.clear()  # copies: see ``parts``
        roots.drop()
        held.release()
    return found


def counted() -> Measured:
    """What the allocators count now."""
    counters = read()
    return Measured(
        {},
        {device: one.allocated for device, one in counters.items()},
        {device: one.reserved for device, one in counters.items()},
    )


def measure(roots: Roots) -> Measured:
    """Everything that is there now, that of the host too; empties the roots."""
    pieces = look(roots, True)
    known = counted()
    allocated: Dict[str, Optional[int]] = {"cpu": total(pieces, "cpu"), **known.allocated}
    for device, _ in pieces:
        if device not in allocated and device != "meta":
            allocated[device] = total(pieces, device)
    return Measured(pieces, allocated, known.reserved)


def total(pieces: Pieces, device: str) -> int:
    """Bytes on a device."""
    return sum(piece.size for (where, _), piece in pieces.items() if where == device)


def _given_out(device: str, size: int) -> int:
    """Bytes that the allocator counts for a piece, at least: CUDA's rounds up."""
    return -(-size // 512) * 512 if device.startswith("cuda:") else size


def _said(holder: Holder, by_group: Collection[str]) -> str:
    if holder.owner == "unreachable":  # and the collector has not freed it
        known = holder.group.startswith(_HELD_BY)
        return holder.group[len(_HELD_BY) :] if known else OUTSIDE
    if holder.owner in by_group:
        return holder.group or holder.name
    return holder.said


def still_there(reached: Pieces, now: Pieces) -> Pieces:
    """Of what was reached, what is there now, with those who have it now."""
    return {place: now[place] for place in reached if place in now}


def holders_on(pieces: Pieces, device: str, most: int = 20) -> Tuple[str, ...]:
    """Who has them on a device, those with the most bytes first."""
    exact: Dict[str, int] = {}
    wholes: Dict[str, int] = {}
    for (where, _), piece in pieces.items():
        if where == device:
            for sizes, holders in ((exact, piece.holders), (wholes, piece.wholes)):
                for one in set(holders[:MOST_HOLDERS]):
                    sizes[one] = sizes.get(one, 0) + piece.size
    sizes = exact if len(exact) <= _FEW else wholes
    ranked: List[str] = sorted(sizes, key=lambda one: (-sizes[one], one))
    if any(one.startswith("Out[") for one in ranked):
        ranked = [one for one in ranked if not _OF_HISTORY.match(one)]
    return tuple(ranked[:most])
