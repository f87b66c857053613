"""One release, from what was asked for to what was measured."""

from __future__ import annotations

import gc
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..cells.counters import read
from ..errors import Refusal
from ..transfer.sizes import binary
from . import caches, exceptions, named, outputs
from .look import (
    OUTSIDE,
    Measured,
    Pieces,
    Place,
    counted,
    holders_on,
    look,
    measure,
    still_there,
    total,
)
from .outside import Storages
from .parts import Part, everything
from .values import DONE, PREVIEW, Released, Row

OUTPUTS, OUTPUT = "output_history", "output"
EXCEPTION, GARBAGE, CACHE = "last_exception", "garbage", "allocator_cache"
GRADIENTS, NAME = "gradients", "name"

#: What may be asked for; those with a colon are followed by a cell's number or by a path.
WHATS = (OUTPUTS, f"{OUTPUT}:7", EXCEPTION, GARBAGE, CACHE, f"{GRADIENTS}:model", f"{NAME}:x")


class Wanted(NamedTuple):
    """What was asked for, each once, in the order in which it is done."""

    parts: List[Part]
    garbage: bool
    cache: bool


def release(
    shell: Any, what: Sequence[str], id: Optional[str] = None, dry_run: bool = False
) -> Released:
    """Release ``what`` (``WHATS``), or say what would happen.

    Raises ``Refusal`` for what the request itself is wrong in: 400 not one of them, 404 nothing
    there by that name, 409 a name that cannot be deleted.
    """
    started = time.monotonic()
    wanted = _wanted(shell, what)
    rows: List[Row] = []
    removed: List[str] = []
    if dry_run:
        for part in wanted.parts:
            removed += [reference.name for reference in part.references]
        rows += _previews(shell, wanted.parts) + _preview_rest(wanted)
    else:
        rows, removed = _carried_out(shell, wanted)
    return Released(
        id,
        PREVIEW if dry_run else DONE,
        _summary(rows, removed, dry_run),
        tuple(rows),
        tuple(dict.fromkeys(removed)),
        round(time.monotonic() - started, 4),
    )


def _wanted(shell: Any, what: Sequence[str]) -> Wanted:
    if not what:
        raise Refusal("nothing_asked", "Nothing was named to be released.", _choices(), 400)
    asked = list(dict.fromkeys(str(one) for one in what))
    if OUTPUTS in asked:
        asked = [one for one in asked if one.partition(":")[0] != OUTPUT]
    by_kind: Dict[str, List[Part]] = {}
    for one in asked:
        kind, _, detail = one.partition(":")
        if one in (GARBAGE, CACHE):
            continue
        if kind == NAME and detail:
            part = named.name(shell, one, detail)
        elif kind == GRADIENTS and detail:
            part = named.gradients(shell, one, detail)
        elif one == OUTPUTS:
            part = outputs.part(shell, one, None)
        elif kind == OUTPUT and detail.isdigit():
            part = outputs.part(shell, one, int(detail))
        elif one == EXCEPTION:
            part = exceptions.part(shell, one)
        else:
            raise Refusal("unknown_release", f"{one!r} cannot be released.", _choices(), 400)
        by_kind.setdefault(kind, []).append(part)
    order = (GRADIENTS, NAME, OUTPUTS, OUTPUT, EXCEPTION)
    parts = [part for kind in order for part in by_kind.get(kind, ())]
    return Wanted(parts, GARBAGE in asked, CACHE in asked)


def _choices() -> str:
    return f"Choose of {', '.join(WHATS)}."


# Carried out ---------------------------------------------------------------------------


def _carried_out(shell: Any, wanted: Wanted) -> Tuple[List[Row], List[str]]:
    rows: List[Row] = []
    removed: List[str] = []
    before = measure(everything(shell)) if wanted.garbage else counted()
    # What is garbage already is not put down to what is released after it.
    gc.collect()
    now = measure(everything(shell)) if wanted.garbage else counted()
    rows += _garbage(before, now, wanted.garbage)
    try:
        _each(shell, wanted, now, rows, removed)
        if wanted.cache:
            rows += caches.emptied()
    except KeyboardInterrupt:
        if not removed:
            raise
        # What is done is done: it is told as far as it was measured.
    return rows, removed


def _each(shell: Any, wanted: Wanted, now: Measured, rows: List[Row], removed: List[str]) -> None:
    """One part after the other; ``rows`` and ``removed`` grow as it goes."""
    while wanted.parts:
        part = wanted.parts.pop(0)
        reached = look(part.only(), False) if part.references else {}
        # The host counts nothing: what is there has to be looked for, which takes a while.
        of_host = any(device == "cpu" for device, _ in reached)
        before = measure(everything(shell)) if of_host and not now.has_host else now
        storages = Storages(reached)
        while part.references:
            reference = part.references.pop(0)
            removed.append(reference.name)
            reference.remove()
            del reference
        gc.collect()
        outside = storages.taken()
        now = counted()
        if of_host or any(_left(before, now, reached, device) for device, _ in reached):
            now = measure(everything(shell))
            now = now.including(outside)
        rows += _rows(part, before, now, reached)


def _left(before: Measured, now: Measured, reached: Pieces, device: str) -> bool:
    """Whether less is free again on a device than was reached there."""
    was, count = before.allocated.get(device), now.allocated.get(device)
    return was is None or count is None or was - count < total(reached, device)


def _rows(part: Part, before: Measured, after: Measured, reached: Pieces) -> List[Row]:
    held = still_there(reached, after.pieces)
    gone = {place: one for place, one in reached.items() if place not in held}
    rows = []
    for device in _devices(before, after, reached):
        was, now = before.allocated.get(device), after.allocated.get(device)
        who = holders_on(held, device)
        if was is not None and now is not None and was - now < total(gone, device):
            who = tuple(dict.fromkeys([*who, OUTSIDE]))
        rows.append(
            Row(
                part.what,
                device,
                was,
                now,
                before.reserved.get(device),
                after.reserved.get(device),
                who,
                _said(device, was, now, who, part.nothing, False),
            )
        )
    return rows


def _garbage(before: Measured, after: Measured, asked: bool) -> List[Row]:
    rows = []
    for device in _devices(before, after, {}):
        was, now = before.allocated.get(device), after.allocated.get(device)
        if asked or was != now:
            frozen = gc.get_freeze_count() if hasattr(gc, "get_freeze_count") else 0
            kept = ("the collector's frozen generation (gc.freeze)",) if frozen else ()
            nothing = "nothing was out of reach"
            text = _said(device, was, now, (), nothing, False)
            rows.append(
                Row(
                    GARBAGE,
                    device,
                    was,
                    now,
                    before.reserved.get(device),
                    after.reserved.get(device),
                    kept if was == now and asked else (),
                    text,
                )
            )
    return rows


def _devices(before: Measured, after: Measured, reached: Pieces) -> List[str]:
    """Those with something to tell; where there is none, the one that matters most."""
    there = {device for device, _ in reached}
    every = [d for d in after.allocated if d in before.allocated or d in there]
    told = [
        device
        for device in every
        if device in there or before.allocated.get(device) != after.allocated.get(device)
    ]
    return told or [device for device in every if device != "cpu"][:1] or ["cpu"]


def _said(
    device: str,
    was: Optional[int],
    now: Optional[int],
    held: Sequence[str],
    nothing: Optional[str],
    dry_run: bool,
) -> str:
    """How it went on one device, or would go, in a sentence."""
    freed = 0 if was is None or now is None else was - now
    who = _listed(held)
    if freed > 0:
        text = f"{binary(freed)} on {device} {'would be' if dry_run else 'are'} free again"
        return f"{text}; the rest is still held by {who}." if who else f"{text}."
    start = f"{'Would free' if dry_run else 'Freed'} nothing on {device}"
    if nothing is not None:
        return f"{start}, because {nothing}."
    if who:
        return f"{start}, because it is still held by {who}."
    return f"{start}, because it kept no tensors there."


def _listed(held: Sequence[str], most: int = 3) -> str:
    more = f" and {len(held) - most} more" if len(held) > most else ""
    return ", ".join(held[:most]) + more


# Previews ------------------------------------------------------------------------------


def _previews(shell: Any, parts: Sequence[Part]) -> List[Row]:
    """Rows whose ``after`` is what would be left, one part after the other; changes nothing."""
    counters = read()
    left: Dict[str, int] = {d: one.allocated for d, one in counters.items() if one.allocated}
    gone: Set[Place] = set()
    rows = []
    for number, part in enumerate(parts):
        reached = look(part.only(), False) if part.references else {}
        reached = {place: piece for place, piece in reached.items() if place not in gone}
        held = still_there(reached, look(_without(shell, parts[: number + 1]), False))
        if part.without is None:
            held = _with_others(held, part)
        devices = list(dict.fromkeys(device for device, _ in reached)) or [*counters, "cpu"][:1]
        for device in devices:
            if device not in left:  # the host's, as far as the user reaches it
                left[device] = total(look(everything(shell), False), device)
            was = left[device]
            now = was - total({p: one for p, one in reached.items() if p not in held}, device)
            left[device] = now
            reserved = counters[device].reserved if device in counters else None
            who = holders_on(held, device)
            text = _said(device, was, now, who, part.nothing, True)
            rows.append(Row(part.what, device, was, now, reserved, reserved, who, text))
        gone.update(place for place in reached if place not in held)
    return rows


def _without(shell: Any, parts: Sequence[Part]) -> Any:
    """The roots that would be left."""
    rest = everything(shell)
    for part in parts:
        if part.without is not None:
            rest = part.without(rest)
    return rest


def _with_others(pieces: Pieces, part: Part) -> Pieces:
    """Those that somebody has besides the part itself."""
    found: Pieces = {}
    for place, piece in pieces.items():
        others = [name for name in piece.names if not part.is_own(name)]
        if others:
            who = tuple(others)
            found[place] = piece._replace(holders=who, wholes=who, names=who)
    return found


def _preview_rest(wanted: Wanted) -> List[Row]:
    rows: List[Row] = []
    if wanted.garbage:
        text = "What is out of reach is known when it has been collected."
        rows.append(Row(GARBAGE, "cpu", None, None, message=text))
    if wanted.cache:
        rows += caches.preview()
    return rows


def _summary(rows: Sequence[Row], removed: Sequence[str], dry_run: bool) -> str:
    if removed and not rows:
        return f"Interrupted: {_listed(removed)} were removed, and not measured."
    freed: Dict[str, int] = {}
    for row in rows:
        if row.freed and row.what != CACHE:
            freed[row.device] = freed.get(row.device, 0) + row.freed
    cached = {row.device: row.freed for row in rows if row.what == CACHE and row.freed}
    texts = [f"{binary(size)} on {device}" for device, size in freed.items() if size > 0]
    would = "would be" if dry_run else "are"
    said = f"{', '.join(texts)} {would} free again." if texts else ""
    if cached:
        given = ", ".join(f"{binary(size)} of {device}" for device, size in cached.items())
        said += f"{' ' if said else ''}{given} {'would go' if dry_run else 'went'} back."
    if said:
        return said
    return rows[0].message if rows else "Nothing was released."
