"""Out of memory: the figures, the largest owners, and what can be released now."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..devices import devices
from ..memory import Roots, account
from ..release import release
from ..transfer.sizes import binary
from .message import said

#: Owners that are told.
_LARGEST = 5

#: What can be released without any name of the user's, and what it is in words.
_RELEASABLE = (
    ("last_exception", "this exception"),
    ("output_history", "outputs"),
    ("allocator_cache", "the cache"),
)


class Holder(NamedTuple):
    """A part of the device's memory."""

    owner: str
    name: str
    bytes: int


class Releasable(NamedTuple):
    """What a release would free; ``is_exact`` False: at most."""

    what: str
    bytes: int
    is_exact: bool


class Report(NamedTuple):
    """What happened, and what there is; bytes, None where they are not known."""

    execution_count: Optional[int]
    device: str
    asked: Optional[int]
    free: Optional[int]
    total: Optional[int]
    allocated: Optional[int]
    reserved: Optional[int]
    owners: Tuple[Holder, ...]
    releasable: Tuple[Releasable, ...]
    magic: Optional[str] = None  #: that releases here: ``%release``, or ``%dlkit release``

    def to_dict(self) -> Dict[str, Any]:
        """As JSON."""
        return {
            **self._asdict(),
            "owners": [owner._asdict() for owner in self.owners],
            "releasable": [one._asdict() for one in self.releasable],
            "text": self.text(),
        }

    def text(self) -> str:
        """A few lines, to be read below the traceback."""
        lines = [f"dlkit: {self._first()}"]
        if self.owners:
            lines.append(f"  The most on {self.device} now:")
            lines += _table([(one.name, binary(one.bytes), one.owner) for one in self.owners])
        if self.releasable:
            lines.append("  Can be released now, without any variable of yours:")
            words = dict(_RELEASABLE)
            lines += _table(
                [
                    (
                        words[one.what],
                        ("" if one.is_exact else "at most ") + binary(one.bytes),
                        f"{self.magic} {one.what}" if self.magic else "",
                    )
                    for one in self.releasable
                ]
            )
        return "\n".join(lines)

    def _first(self) -> str:
        text = f"{self.device} was out of memory"
        if self.asked is not None:
            text += f": {binary(self.asked)} were asked for"
        if self.free is not None:
            text += f"{' and' if self.asked is not None else ':'} {binary(self.free)} are free now"
            if self.total is not None:
                text += f", of {binary(self.total)}"
        return text + "."


def report(
    shell: Any, error: BaseException, execution_count: Optional[int] = None
) -> Optional[Report]:
    """What to tell of an error; None when it is not about memory.

    On the thread of the cell, after it: what the exception keeps is still there.
    """
    found = said(error)
    if found is None:
        return None
    accounts = account(Roots.of_shell(shell), findings=False)
    owners: Tuple[Holder, ...] = ()
    total = free = allocated = reserved = None
    for one in accounts.devices:
        if one.device == found.device:
            total, free, allocated, reserved = one.total, one.free, one.allocated, one.reserved
            largest = sorted(one.owners, key=lambda owner: -owner.bytes)[:_LARGEST]
            owners = tuple(Holder(o.owner, o.name, o.bytes) for o in largest if o.bytes)
    if free is None and found.device != "cpu":
        rows = [row for row in devices()["devices"] if row["id"] == found.device]
        free, total = (rows[0]["free"], rows[0]["total"]) if rows else (None, None)
    return Report(
        execution_count,
        found.device,
        found.asked,
        free,
        total,
        allocated,
        reserved,
        owners,
        tuple(_releasable(shell, found.device)),
        _magic(shell),
    )


def _magic(shell: Any) -> Optional[str]:
    """How a cell releases in this shell; None where our magics are not loaded."""
    magics = getattr(getattr(shell, "magics_manager", None), "magics", None)
    known = magics.get("line", {}) if type(magics) is dict else {}
    ours = {name for name, one in known.items() if "jupyter_dlkit" in _module_of(one)}
    if "release" in ours:
        return "%release"
    return "%dlkit release" if "dlkit" in ours else None


def _module_of(magic: Any) -> str:
    return str(getattr(magic, "__module__", None) or "")


def _releasable(shell: Any, device: str) -> List[Releasable]:
    """Each as if it alone were released, the largest first."""
    found = [
        Releasable(what, row.freed, what != "allocator_cache")
        for what, _ in _RELEASABLE
        for row in release(shell, [what], dry_run=True).released
        if row.device == device and row.freed
    ]
    return sorted(found, key=lambda one: -one.bytes)


def _table(rows: List[Tuple[str, str, str]]) -> List[str]:
    names = [name if len(name) <= 40 else f"{name[:37]}..." for name, _, _ in rows]
    width, sizes = max(map(len, names)), max(len(size) for _, size, _ in rows)
    return [
        f"    {name:<{width}}  {size:>{sizes}}  {last}".rstrip()
        for name, (_, size, last) in zip(names, rows)
    ]
