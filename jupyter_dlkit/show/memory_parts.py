"""Whose bytes a device holds: the parts of a memory bar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.devices import Device as TorchDevice
    from ..hardware.values import Device, HostMemory, Process


class Part(NamedTuple):
    """``kind``: tensors, cache, mine, kernels, others, or free."""

    kind: str
    label: str
    bytes: int


class Memory(NamedTuple):
    """Parts that add up to ``total``; ``used`` is all but what is free."""

    total: int
    used: int
    parts: tuple[Part, ...]

    @property
    def spoken(self) -> str:
        """``tensors 3 GiB, free 41 GiB``."""
        return ", ".join(f"{part.label} {sizes.size(part.bytes)}" for part in self.parts)


def of_accelerator(device: Device, own: TorchDevice | None, pid: int | None) -> Memory | None:
    """As the driver counts it; None where it does not.

    ``own``: the same device as torch sees it here, where it does.  ``pid``: of the process that
    torch was asked in.
    """
    total, used = device.memory.total, device.memory.used
    if total is None or used is None:
        return None
    mine = (own.reserved if own else None) or 0
    kernels = 0
    names: list[str] = []
    for process in device.processes:
        if process.pid is not None and process.pid == pid:
            # It holds the driver's context beside what torch reserved.
            mine = max(mine, process.bytes or 0)
        elif process.kernel_id is not None:
            kernels += process.bytes or 0
            names.append(plain.name(process.notebook or process.name or "a kernel", 40))
    tensors = (own.allocated if own else None) or 0
    known = [
        Part("tensors", "tensors", tensors),
        Part("mine", "this kernel", mine)
        if own is None
        else Part("cache", "cache", mine - tensors),
        Part("kernels", ", ".join(dict.fromkeys(names)) or "other kernels", kernels),
    ]
    return filled(total, used, known, "other processes")


def of_torch(device: TorchDevice) -> Memory | None:
    """Of a device that only torch tells of; None where it does not say how much there is."""
    if device.total is None:
        return None
    tensors = device.allocated or 0
    reserved = device.reserved if device.reserved is not None else tensors
    used = reserved if device.free is None else device.total - device.free
    known = [Part("tensors", "tensors", tensors), Part("cache", "cache", reserved - tensors)]
    return filled(device.total, used, known, "other processes")


def of_host(memory: HostMemory, tensors: int | None) -> Memory | None:
    """RAM, of which a container's limit is all; ``tensors``: bytes of this kernel's, if known."""
    total = memory.limit if memory.limit is not None else memory.total
    if total is None or memory.used is None:
        return None
    known = [Part("tensors", "tensors", tensors or 0)]
    return filled(total, memory.used, known, "everything else" if tensors else "in use")


def filled(total: int, used: int, known: Iterable[Part], others: str) -> Memory:
    """The parts that are known, what is used besides, and what is free.

    They come from different clocks (torch's, the driver's), and may exceed for a moment what the
    driver calls used; then there is nothing besides.
    """
    left = total
    parts = []
    for part in known:
        fits = min(max(part.bytes, 0), left)
        left -= fits
        parts.append(part._replace(bytes=fits))
    rest = min(left, max(0, used - (total - left)))
    parts += [Part("others", others, rest), Part("free", "free", left - rest)]
    shown = tuple(part for part in parts if part.bytes > 0)
    return Memory(total, total - (left - rest), shown)


def holders(processes: Iterable[Process], pid: int | None) -> list[tuple[str, str]]:
    """Who holds memory on a device, the largest first: a name, and its bytes.

    Nobody where that is this kernel alone, which has its parts in the bar.
    """
    ordered = sorted(processes, key=lambda one: -(one.bytes or 0))
    if all(one.pid is not None and one.pid == pid for one in ordered):
        return []
    return [(_who(one, pid), sizes.size(one.bytes)) for one in ordered]


def _who(process: Process, pid: int | None) -> str:
    if process.pid is not None and process.pid == pid:
        return "this kernel"
    if process.notebook is not None:
        return plain.name(process.notebook, 60)
    if process.pid is None:
        return "a process of another user or container"
    return f"{plain.name(process.name or 'a process', 60)} (pid {process.pid})"
