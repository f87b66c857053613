"""``dlkit.memory``: who owns every byte of each device."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from ..kernel.findings import Finding
from ..kernel.memory.values import DeviceAccount, Owner
from .beside import with_others
from .errors import DLKitError
from .nearest import nearest
from .result import ByDevice, Result, frame


@dataclass(frozen=True, slots=True)
class CellChange:
    """What a cell changed on one device, in bytes; None where the device does not say.

    ``peak`` is the most there was while it ran; where ``peak_is_exact`` is False, at most that.
    """

    before: int | None
    after: int | None
    change: int | None
    peak: int | None
    peak_is_exact: bool
    peak_meaning: str | None
    reserved_change: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """An execution, and what it changed.

    ``state``: ``done``, ``failed`` or ``interrupted``.  ``memory_change``: bytes of the whole
    process.  ``appeared``: variables that have tensors, and were not there before or were bound
    to something else; ``appeared_more``: how many there are besides.
    """

    number: int
    execution_count: int | None
    cell_id: str | None
    partial: bool
    started_at: str
    seconds: float
    state: str
    error: str | None
    devices: ByDevice[CellChange]
    memory_before: int | None
    memory_change: int | None
    memory_peak: int | None
    memory_peak_is_exact: bool
    appeared: tuple[str, ...]
    appeared_more: int

    def to_dict(self) -> dict[str, Any]:
        """The fields of the REST answer."""
        answer: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        answer["devices"] = {device: asdict(one) for device, one in self.devices.items()}
        answer["appeared"] = list(self.appeared)
        return answer


@dataclass(frozen=True, slots=True, repr=False)
class Memory(Result):
    """Who owns every byte, each storage counted once: ``for one in m``, ``m["cuda:0"]``.

    ``devices``: of each, what the allocator says, the ``owners`` of it as a tree, the largest
    first, what is ``unaccounted``, and what the driver says of ``others``: the context of this
    process, other processes; of the host's memory only tensors and arrays have owners. ``cells``:
    what each cell changed, where that is kept (``%load_ext jupyter_dlkit``, or the panel).
    ``findings``: memory that need not be taken, or will be more and more, the worst first, each
    with its ``bytes``, an ``action`` and a ``hint``. ``complete`` is False when something was not
    looked at; ``left_out`` says what.
    """

    kind: ClassVar[str] = "memory"

    devices: tuple[DeviceAccount, ...]
    cells: tuple[Cell, ...]
    complete: bool
    left_out: tuple[str, ...]
    cost_ms: float = field(default=0.0, compare=False)
    findings: tuple[Finding, ...] = ()

    def __getitem__(self, device: str) -> DeviceAccount:
        for one in self.devices:
            if one.device == str(device):
                return one
        raise _unknown(str(device), self.devices)

    def __iter__(self) -> Iterator[DeviceAccount]:
        return iter(self.devices)

    def __len__(self) -> int:
        return len(self.devices)

    def to_dict(self) -> dict[str, Any]:
        """The fields of ``KernelMemory`` of the REST API."""
        return {
            "devices": [one.to_dict() for one in self.devices],
            "findings": [one.to_dict() for one in self.findings],
            "cells": [one.to_dict() for one in self.cells],
            "complete": self.complete,
            "left_out": list(self.left_out),
            "cost_ms": self.cost_ms,
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each owner, by device and name.

        Owners inside of owners are not in it: ``bytes`` of a device add up to what is
        attributed.  Raises ``DLKitError`` where pandas is not installed.
        """
        rows = [
            {
                "device": device.device,
                "owner": one.owner,
                "name": one.name,
                "bytes": one.bytes,
                "storages": one.storages,
                "also": list(one.also),
                "hint": one.hint,
            }
            for device in self.devices
            for one in device.owners
        ]
        return frame(rows, "device")


def memory(device: Any = None) -> Memory:
    """Who owns every byte of this process's devices, each storage counted once.

    Looking changes nothing: no device is brought up, no code of yours runs, nothing is kept.

    Parameters
    ----------
    device
        One device (``"cuda:0"``), or all of a kind (``"cuda"``); None for all.

    Returns
    -------
    Memory
        ``devices`` with their ``owners``: ``owner`` (``parameter``, ``gradient``, ``graph``,
        ``output``, ``exception``, …), ``name``, ``bytes``, ``storages``, ``children``.

    Raises
    ------
    DLKitError
        No such device; another thread than the main one, or inside of a backward.

    Examples
    --------
    >>> gpu = torch.accelerator.current_accelerator()  # cuda, say
    >>> model = torch.nn.Linear(256, 1024).to(gpu)
    >>> (on_gpu,) = [one for one in dlkit.memory(gpu.type) if one.allocated]
    >>> [(one.owner, one.name, one.storages) for one in on_gpu.owners]
    [('parameter', 'model', 2)]
    >>> on_gpu.attributed == on_gpu.allocated, on_gpu.unaccounted
    (True, 0)
    >>> [child.name for child in on_gpu.owners[0].children]
    ['model.weight', 'model.bias']
    """
    from ..kernel.memory import Roots, account
    from ..kernel.unseen import runs_backward
    from .namespace import Variables, shell

    if threading.current_thread() is not threading.main_thread():
        raise DLKitError("Memory is looked at on the main thread only.", "Ask for it in a cell.")
    if runs_backward():
        raise DLKitError(
            "Memory is not looked at while a backward runs.", "Ask for it before, or after."
        )
    here = shell()
    found = account(Roots.of_shell(here or Variables()))
    devices = found.devices
    if device is not None:
        asked = str(device)
        devices = tuple(one for one in devices if _is_on(one.device, asked))
        if not devices:
            raise _unknown(asked, found.devices)
    devices = with_others(devices)
    cells = () if here is None else tuple(_cells(here))
    there = {one.device for one in devices}
    findings = tuple(one for one in found.findings if one.device in there)
    return Memory(devices, cells, found.complete, found.left_out, found.cost_ms, findings)


def _is_on(device: str, asked: str) -> bool:
    return asked in (device, device.partition(":")[0])


def _unknown(device: str, there: Iterable[DeviceAccount]) -> DLKitError:
    names = [one.device for one in there]
    near = nearest(device, names)
    hint = f"Did you mean {near}?" if near else f"There is {', '.join(names)}."
    return DLKitError(f"There is no memory in use on {device[:60]!r} here.", hint)


def _cells(shell: Any) -> Iterator[Cell]:
    from ..kernel.cells import hook

    history = hook.of(shell)
    for one in [] if history is None else history.answer()["cells"]:
        devices = {device: CellChange(**change) for device, change in one["devices"].items()}
        fields = {name: one[name] for name in Cell.__slots__}
        fields.update(devices=ByDevice(devices), appeared=tuple(one["appeared"]))
        yield Cell(**fields)


__all__ = ["Cell", "CellChange", "DeviceAccount", "Finding", "Memory", "Owner", "memory"]
