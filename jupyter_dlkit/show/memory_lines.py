"""Who owns a device's memory, in lines: a bar by kind, owners as a tree, and what cells changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import memory_parts, plain, sizes
from .memory_parts import Memory, Part

if TYPE_CHECKING:
    from ..api.memory import Cell, DeviceAccount, Owner
    from ..api.memory import Memory as Account

#: What each kind of owner is called in a line, and which part of the bar it is.
_OWNERS = {
    "parameter": ("parameters", "parameters"),
    "buffer": ("buffers", "parameters"),
    "gradient": ("gradients", "gradients"),
    "optimizer": ("optimizer state", "optimizer"),
    "variable": ("variable", "variables"),
    "container": ("container", "variables"),
    "frame": ("running function", "variables"),
    "graph": ("activations", "activations"),
    "output": ("output", "outputs"),
    "exception": ("exception", "exception"),
    "unreachable": ("unreachable", "unreachable"),
    "workspace": ("library's workspace", "workspaces"),
}

#: Parts of the bar, in their order.
_PARTS = {
    "parameters": "parameters",
    "gradients": "gradients",
    "optimizer": "optimizer state",
    "activations": "activations",
    "variables": "variables",
    "outputs": "outputs",
    "exception": "exception",
    "unreachable": "unreachable",
    "workspaces": "workspaces",
}

#: Owners of a device that are listed, what is listed inside of one, and how deep.
MOST_OWNERS, MOST_INSIDE, _DEEPEST = 20, 20, 4

#: Other holders that are named, processes beside this one, and cells that are told.
_MOST_HOLDERS, _MOST_OTHERS, _MOST_CELLS = 4, 5, 8

#: Findings that are told.
_MOST_FINDINGS = 10

#: A process's memory changes by less than this without anybody's doing.
_NOISE = 1 << 20


class OwnerLine(NamedTuple):
    """``what``: such as ``activations``.  ``share``: of all that has an owner there.  ``notes``:
    why it is there, who else holds it.  ``more``: how many inside are not listed."""

    name: str
    what: str
    bytes: str
    share: str
    notes: tuple[str, ...]
    inside: tuple[OwnerLine, ...]
    more: int


class DeviceLines(NamedTuple):
    """``used``: such as ``7 of 48 GiB``.  ``facts``: the allocator's figures.  ``more``: owners
    that are not listed."""

    name: str
    used: str
    memory: Memory | None
    facts: tuple[str, ...]
    owners: tuple[OwnerLine, ...]
    more: int


class FindingLine(NamedTuple):
    """What need not be taken, and what to do."""

    message: str
    hint: str


class CellLine(NamedTuple):
    """What a cell changed on one device."""

    cell: str
    device: str
    change: str
    peak: str
    took: str


def devices(result: Account) -> list[DeviceLines]:
    """Those with something on them, the host last."""
    shown = [one for one in result.devices if one.owners or one.allocated or one.reserved]
    return [_device(one) for one in sorted(shown, key=lambda one: one.device == "cpu")]


def findings(result: Account) -> list[FindingLine]:
    """The worst first."""
    return [
        FindingLine(plain.sentence(one.message), plain.sentence(one.hint))
        for one in result.findings[:_MOST_FINDINGS]
    ]


def notes(result: Account) -> list[str]:
    """What has to be known besides."""
    said = []
    if not any(one.owners for one in result.devices):
        said.append("No tensor of this notebook takes memory.")
    return said + [plain.sentence(one) for one in result.left_out]


def _device(device: DeviceAccount) -> DeviceLines:
    memory = _memory(device)
    facts = []
    if device.allocated is not None:
        facts.append(f"{sizes.size(device.allocated)} allocated")
    if device.unaccounted:
        facts.append(f"{sizes.size(device.unaccounted)} unaccounted")
    if device.fragmentation:
        facts.append(f"{sizes.size(device.fragmentation)} of the cache is between tensors")
    if device.process is not None:
        facts.append(f"the process holds {sizes.size(device.process)}")
    facts += [
        f"{plain.name(other.name, 60)} holds {sizes.size(other.bytes)}"
        for other in device.others[:_MOST_OTHERS]
        if other.bytes and other.kind != "rest"
    ]
    used = "" if memory is None else sizes.of_total(memory.used, memory.total)
    owners = device.owners[:MOST_OWNERS]
    return DeviceLines(
        "RAM" if device.device == "cpu" else plain.name(device.device, 40),
        used,
        memory,
        tuple(facts),
        tuple(_owner(one, device.attributed, None, 1) for one in owners),
        len(device.owners) - len(owners),
    )


def _memory(device: DeviceAccount) -> Memory | None:
    by_part = dict.fromkeys(_PARTS, 0)
    for owner in device.owners:
        by_part[_OWNERS.get(owner.owner, ("", "variables"))[1]] += owner.bytes
    known = [Part(kind, _PARTS[kind], count) for kind, count in by_part.items()]
    known.append(Part("unaccounted", "unaccounted", device.unaccounted or 0))
    known.append(Part("cache", "cache", device.cache or 0))
    held = sum(max(part.bytes, 0) for part in known)
    total = device.total or held
    if total == 0:
        return None
    used = held if device.free is None else total - device.free
    others = "everything else" if device.device == "cpu" else "other processes"
    return memory_parts.filled(total, used, known, others)


def _owner(owner: Owner, whole: int, above: str | None, depth: int) -> OwnerLine:
    what = _OWNERS.get(owner.owner, (plain.name(owner.owner, 40), ""))[0]
    inside = owner.children[:MOST_INSIDE] if depth < _DEEPEST else ()
    said = [plain.sentence(owner.hint)] if owner.hint else []
    if owner.also:
        holders = [plain.name(one, 60) for one in owner.also[:_MOST_HOLDERS]]
        more = len(owner.also) - len(holders)
        said.append(f"also held by {', '.join(holders)}{f' and {more:,} more' if more else ''}")
    return OwnerLine(
        plain.name(owner.name),
        "" if owner.owner == above else what,
        sizes.size(owner.bytes),
        _percent(owner.bytes, whole),
        tuple(said),
        tuple(_owner(one, whole, owner.owner, depth + 1) for one in inside),
        len(owner.children) - len(inside) if inside else 0,
    )


def _percent(part: int, whole: int) -> str:
    share = 100 * part / max(whole, 1)
    return "under 1 %" if 0 < share < 1 else f"{share:.0f} %"


def cells(result: Account) -> list[CellLine]:
    """Which cells changed most, the largest change first."""
    changes = [
        (change.change, cell, device, _peak(change.peak, change.peak_is_exact))
        for cell in result.cells
        for device, change in cell.devices.items()
        if change.change
    ] + [
        (cell.memory_change, cell, "RAM", _peak(cell.memory_peak, cell.memory_peak_is_exact))
        for cell in result.cells
        if cell.memory_change is not None and abs(cell.memory_change) >= _NOISE
    ]
    changes.sort(key=lambda one: -abs(one[0]))
    return [
        CellLine(
            _called(cell),
            plain.name(device, 40),
            sizes.change(change),
            peak,
            sizes.seconds(cell.seconds),
        )
        for change, cell, device, peak in changes[:_MOST_CELLS]
    ]


def _peak(peak: int | None, is_exact: bool) -> str:
    if peak is None:
        return sizes.UNKNOWN
    return sizes.size(peak) if is_exact else f"at most {sizes.size(peak)}"


def _called(cell: Cell) -> str:
    return "a silent cell" if cell.execution_count is None else f"In [{cell.execution_count}]"


CELL_TITLES: Sequence[str] = ("cell", "device", "change", "peak", "took")
