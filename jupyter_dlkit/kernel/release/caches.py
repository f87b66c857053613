"""What torch's caching allocators have taken and not given out, given back to the devices."""

from __future__ import annotations

from typing import Any, List, Optional

from .. import loaded
from ..cells.counters import Counters, read
from ..devices import accelerator, ask
from ..transfer.sizes import binary
from .values import Row

WHAT = "allocator_cache"


def emptied() -> List[Row]:
    """Empty the caches of the backend that is in use; no other is brought up.

    After a collection: what is garbage would keep its part of the cache.
    """
    before = read()
    if before:
        torch = loaded.torch()
        kind = accelerator(torch)
        ask(torch.__dict__.get(kind), "empty_cache")
    after = read()
    rows = [_row(device, one, after.get(device), False) for device, one in before.items()]
    return _worth_telling(rows)


def preview() -> List[Row]:
    """What would be given back at most: of a segment that is used in part nothing is."""
    rows = [
        _row(device, one, one._replace(reserved=one.allocated), True)
        for device, one in read().items()
    ]
    return _worth_telling(rows)


def _worth_telling(rows: List[Row]) -> List[Row]:
    changed = [row for row in rows if row.freed]
    if changed or rows:
        return changed or rows[:1]
    text = "There is no cache: this kernel has no accelerator in use."
    return [Row(WHAT, "cpu", None, None, message=text)]


def _row(device: str, before: Counters, after: Optional[Counters], dry_run: bool) -> Row:
    now: Any = None if after is None else after.reserved
    was = before.reserved
    freed = 0 if was is None or now is None else was - now
    if freed > 0:
        verb = "At most " if dry_run else ""
        would = "would go" if dry_run else "went"
        text = f"{verb}{binary(freed)} of the cache of {device} {would} back to the device."
    elif was is not None and before.allocated is not None and was > before.allocated:
        text = (
            f"Nothing of the cache of {device} could go back: what is free of it lies between"
            " tensors that are in use."
        )
    else:
        text = f"The cache of {device} is empty already."
    return Row(WHAT, device, was, now, was, now, (), text)
