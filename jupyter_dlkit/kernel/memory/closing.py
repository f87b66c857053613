"""From the ledger and what the allocators say to the devices' accounts."""

from __future__ import annotations

from itertools import groupby
from typing import Dict, List, Optional, Tuple

from .. import loaded
from . import allocator
from .ledger import Ledger, Piece
from .tree import Share, steps, tree
from .values import DeviceAccount, Owner

#: Owners of one kind that are listed at the top; the others are one line.
MOST_OWNERS = 100


def close(
    ledger: Ledger,
    shared: Dict[Tuple[str, str], List[str]],
    hints: Dict[Tuple[str, str], str],
    blocks: bool = True,
) -> Tuple[DeviceAccount, ...]:
    """An account for the host and each accelerator."""
    facts = {fact.device: fact for fact in allocator.accelerators(blocks)}
    for device in ledger.devices:
        if device not in facts:
            facts[device] = allocator.Facts(device, None, None, None, None, 1, None)
    closed = []
    for device, fact in sorted(facts.items(), key=lambda item: (item[0] != "cpu", item[0])):
        pieces = ledger.pieces(device)
        shares = [
            Share(
                piece.holder.owner,
                piece.holder.group,
                _path(piece),
                size,
                _also(piece) if piece.others else (),
            )
            for piece, size in _sizes(pieces, fact)
        ]
        owners = _folded(tree([*shares, *_workspaces(pieces, fact)], shared, hints))
        attributed = sum(owner.bytes for owner in owners)
        if device == "cpu":
            closed.append(_host(attributed, owners))
            continue
        allocated, reserved = fact.allocated, fact.reserved
        closed.append(
            DeviceAccount(
                device=device,
                allocated=allocated,
                reserved=reserved,
                total=fact.total,
                free=fact.free,
                attributed=attributed,
                unaccounted=None if allocated is None else allocated - attributed,
                cache=None if None in (allocated, reserved) else reserved - allocated,  # type: ignore[operator]
                fragmentation=None if fact.blocks is None else fact.blocks.split,
                largest_free=None if fact.blocks is None else fact.blocks.largest_free,
                process=None,
                owners=owners,
                uuid=fact.uuid,
            )
        )
    return tuple(closed)


def _also(piece: Piece) -> Tuple[str, ...]:
    said = dict.fromkeys(other.said for other in piece.others)
    said.pop(piece.holder.said, None)
    return tuple(said)


def _path(piece: Piece) -> Tuple[str, ...]:
    holder = piece.holder
    inside = [holder.within] if holder.within and holder.within != holder.group else []
    return (*inside, *steps(holder.name, holder.group))


def _sizes(pieces: List[Piece], fact: allocator.Facts) -> List[Tuple[Piece, int]]:
    """Each piece with what the allocator gave out for it; without those of other libraries."""
    if fact.blocks is None:
        step = fact.granularity
        return [(piece, -(-(piece.end - piece.start) // step) * step) for piece in pieces]
    sized = []
    taken = set()
    for piece in pieces:
        position = fact.blocks.at(piece.start)
        if position is None:
            continue  # another library's memory, in a tensor through DLPack
        sized.append((piece, 0 if position in taken else fact.blocks.sizes[position]))
        taken.add(position)
    return sized


def _workspaces(pieces: List[Piece], fact: allocator.Facts) -> List[Share]:
    """What libraries were given to work in, told by its size."""
    blocks = fact.blocks
    if blocks is None:
        return []
    taken = {blocks.at(piece.start) for piece in pieces}
    sizes = allocator.workspace_sizes(loaded.torch(), fact.device)
    return [
        Share("workspace", sizes[size], (), size, ())
        for position, size in enumerate(blocks.sizes)
        if size in sizes and position not in taken
    ]


def _host(attributed: int, owners: Tuple[Owner, ...]) -> DeviceAccount:
    from ...hardware import beside
    from ...hardware.host import HostReader

    process = allocator.resident_bytes()
    memory = HostReader().read().memory
    total: Optional[int] = memory.limit or memory.total
    return DeviceAccount(
        device="cpu",
        allocated=None,
        reserved=None,
        total=total,
        free=memory.available,
        attributed=attributed,
        unaccounted=None,
        cache=None,
        fragmentation=None,
        largest_free=None,
        process=process,
        owners=owners,
        others=beside.host(process, attributed),
    )


def _folded(owners: Tuple[Owner, ...]) -> Tuple[Owner, ...]:
    """The largest of each kind, and the rest of each kind as one."""
    kept: List[Owner] = []
    by_kind = sorted(owners, key=lambda owner: owner.owner)
    for kind, members in groupby(by_kind, key=lambda owner: owner.owner):
        some = list(members)
        rest = some[MOST_OWNERS:]
        kept += some[:MOST_OWNERS]
        if rest:
            size, storages = sum(o.bytes for o in rest), sum(o.storages for o in rest)
            kept.append(Owner(kind, f"{len(rest)} more", size, storages))
    return tuple(sorted(kept, key=lambda owner: -owner.bytes))
