"""Devices as they are shown: a name, a bar of who uses the memory, and a few facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import memory_parts, plain, sizes
from .memory_parts import Memory

if TYPE_CHECKING:
    from ..api.devices import Device as TorchDevice
    from ..api.devices import Devices
    from ..api.status import Status
    from ..hardware.values import Device, Host, Space


class DeviceLine(NamedTuple):
    """``aside``: such as ``cuda:0``.  ``used``: such as ``7 of 48 GiB``.  ``facts``: load,
    temperature, power.  ``holders``: who holds memory there, and how much."""

    name: str
    aside: str
    used: str
    memory: Memory | None
    facts: tuple[str, ...] = ()
    holders: tuple[tuple[str, str], ...] = ()
    note: str | None = None


def of_status(status: Status) -> list[DeviceLine]:
    """Accelerators first, those that only torch knows after them, and the machine at the end."""
    by_uuid = {one.uuid: one for one in status.kernel.devices if one.uuid is not None}
    seen = {one.uuid for one in status.devices}
    lines = [_accelerator(one, by_uuid.get(one.uuid), status) for one in status.devices]
    # With a driver's own list, a device of the same kind that torch has not brought up is in it.
    lines += [
        _torch(one, status.kernel.current)
        for one in status.kernel.devices
        if one.type != "cpu"
        and (one.uuid is None or one.uuid not in seen)
        and not (one.type == "cuda" and not one.initialized and status.devices)
    ]
    cpu = next((one for one in status.kernel.devices if one.type == "cpu"), None)
    return [*lines, _host(status.host, None if cpu is None else cpu.allocated)]


def of_devices(devices: Devices) -> list[DeviceLine]:
    """As torch calls them here, the host first."""
    return [_torch(one, devices.current) for one in devices.devices]


def _accelerator(device: Device, own: TorchDevice | None, status: Status) -> DeviceLine:
    memory = memory_parts.of_accelerator(device, own, status.pid)
    facts = []
    if device.utilization is not None:
        facts.append(f"{device.utilization:.0f} % busy")
    if device.temperature is not None:
        facts.append(f"{device.temperature:.0f} °C")
    if device.power.draw is not None:
        facts.append(f"{device.power.draw:.0f} W")
    aside = f"GPU {device.index}" if own is None else plain.name(own.id)
    if device.mig is not None and device.mig.instance is not None:
        aside += f", MIG {plain.name(device.mig.instance)}"
    return DeviceLine(
        plain.name(device.name or f"{device.vendor} accelerator"),
        aside,
        _used(memory),
        memory,
        tuple(facts),
        tuple(memory_parts.holders(device.processes, status.pid)),
        None if device.note is None else plain.sentence(device.note),
    )


def _torch(device: TorchDevice, current: str | None) -> DeviceLine:
    memory = memory_parts.of_torch(device)
    facts = ["current device"] if device.id == current else []
    if device.type == "cpu":
        held = [] if device.allocated is None else [f"{sizes.size(device.allocated)} of tensors"]
        used = " · ".join(held + facts)
        return DeviceLine("cpu", plain.name(device.name or ""), used, None)
    used = _used(memory)
    if device.initialized is False:
        used = "not in use here"
    elif memory is None and device.allocated is not None:
        used = f"{sizes.size(device.allocated)} of tensors"
    return DeviceLine(
        plain.name(device.id), plain.name(device.name or ""), used, memory, tuple(facts)
    )


def _host(host: Host, tensors: int | None) -> DeviceLine:
    memory = memory_parts.of_host(host.memory, tensors)
    about = [] if host.name is None else [plain.name(host.name, 40)]
    if host.cpu_count is not None:
        about.append(sizes.count(int(host.cpu_count), "core") if host.cpu_count >= 1 else "1 core")
    facts = [] if host.cpu_percent is None else [f"{host.cpu_percent:.0f} % busy"]
    limited = host.memory.limit is not None
    note = " ".join(
        ["This container's limit counts as all of the memory."] * limited + _scarce(host)
    )
    return DeviceLine(
        "CPU and RAM", ", ".join(about), _used(memory), memory, tuple(facts), (), note or None
    )


#: Less than this much of a file system, or of the space for shared memory, is worth a word.
_SCARCE = 0.1


def _scarce(host: Host) -> list[str]:
    spaces: list[tuple[str, Space]] = [("disk", one) for one in host.disks]
    if host.shm is not None:
        spaces.append(("shared memory", host.shm))
    return [
        f"Little {what} left: {sizes.of_total(one.free, one.total)} free on {plain.name(one.path)}."
        for what, one in spaces
        if one.free is not None and one.total and one.free < _SCARCE * one.total
    ]


def _used(memory: Memory | None) -> str:
    return "memory not reported" if memory is None else sizes.of_total(memory.used, memory.total)


def notes(status: Status) -> tuple[str | None, str | None]:
    """Why there is no accelerator, or why torch does not use it, and what to do."""
    kernel = status.kernel
    if not status.devices and all(one.type == "cpu" for one in kernel.devices):
        return status.note or kernel.note, status.advice or kernel.advice
    if kernel.torch is None:  # there is nothing that could use it
        return None, status.advice
    return kernel.note, status.advice or kernel.advice
