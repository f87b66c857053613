"""One NVIDIA card, and the instances that MIG makes of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

from .nvml import Questions, number, text
from .processes import ProcessReader
from .values import Clocks, Device, DeviceMemory, Mig, Pcie, Power, Process

VENDOR = "nvidia"

_LOST = (
    "The driver lost this GPU: it does not answer any more. `nvidia-smi` and the system's log "
    "(`dmesg`) tell more; it is shown again as soon as it answers."
)
_BROKEN = "The driver does not let this GPU be read."
_SHARED_MEMORY = (
    "The driver reports no memory for this GPU, as on machines whose GPU and processor share "
    "RAM: look at the host's memory."
)
_MIG_CARD = "MIG is on: programs run on its instances, and the card as a whole reports no load."
_MIG_NO_INSTANCE = "MIG is on, but this card has no instance that a program could use."
_MIG_INSTANCE = "An instance reports no load, temperature or power of its own."


@dataclass
class Card:
    """A device of NVML. `handle` is None once it is lost, or if it is `broken`."""

    index: int
    uuid: str
    name: Optional[str]
    handle: Any
    max_generation: Optional[int] = None
    max_width: Optional[int] = None
    broken: bool = False

    @classmethod
    def identify(cls, nvml: Any, index: int, handle: Any) -> Card:
        """Asks once for what does not change. Raises DriverGone, DeviceLost."""
        q = Questions(nvml)
        return cls(
            index,
            text(q.ask(None, "nvmlDeviceGetUUID", handle)) or f"{VENDOR}-{index}",
            text(q.ask(None, "nvmlDeviceGetName", handle)),
            handle,
            q.ask(None, "nvmlDeviceGetMaxPcieLinkGeneration", handle),
            q.ask(None, "nvmlDeviceGetMaxPcieLinkWidth", handle),
        )


def lost(card: Card) -> Device:
    """The row of a card that does not answer."""
    note = _BROKEN if card.broken else _LOST
    return Device(card.uuid, card.index, card.name, VENDOR, note=note)


def read_card(nvml: Any, card: Card, processes: ProcessReader) -> List[Device]:
    """The card, followed by its MIG instances. Raises DriverGone, DeviceLost."""
    q = Questions(nvml)
    handle = card.handle
    mode = q.ask(None, "nvmlDeviceGetMigMode", handle)
    mig = Mig(enabled=bool(mode[0])) if mode else None
    split = mig is not None and mig.enabled
    instances = _instances(nvml, card, processes) if split else []
    whole = Device(
        uuid=card.uuid,
        index=card.index,
        name=card.name,
        vendor=VENDOR,
        memory=_memory(q, handle),
        # MIG answers "not supported" to both; the instances have the processes.
        utilization=None if split else _utilization(q, handle),
        temperature=_temperature(q, handle),
        power=_power(q, handle),
        clocks=_clocks(q, handle),
        pcie=_pcie(q, card),
        mig=mig,
        processes=() if split else _processes(q, handle, processes),
    )
    notes = _notes(q, whole)
    if split:
        notes.insert(0, _MIG_CARD if instances else _MIG_NO_INSTANCE)
    return [replace(whole, note=" ".join(notes) or None), *instances]


def _instances(nvml: Any, card: Card, processes: ProcessReader) -> List[Device]:
    """MIG's instances: found anew each time, for they come and go while the driver runs."""
    found = []
    slots = Questions(nvml).ask(None, "nvmlDeviceGetMaxMigDeviceCount", card.handle) or 0
    for slot in range(slots):
        q = Questions(nvml)
        handle = q.ask(None, "nvmlDeviceGetMigDeviceHandleByIndex", card.handle, slot)
        uuid = None if handle is None else text(q.ask(None, "nvmlDeviceGetUUID", handle))
        if uuid is None:
            continue  # an empty slot
        name = text(q.ask(None, "nvmlDeviceGetName", handle))
        instance = Device(
            uuid=uuid,
            index=card.index,
            name=name or card.name,
            vendor=VENDOR,
            memory=_memory(q, handle),
            mig=Mig(True, card.uuid, _profile(q, handle, name)),
            processes=_processes(q, handle, processes),
        )
        found.append(replace(instance, note=" ".join([_MIG_INSTANCE, *_notes(q, instance)])))
    return found


def _profile(q: Questions, handle: Any, name: Optional[str]) -> Optional[str]:
    """Such as `1g.10gb`, from the instance's name or else from its size."""
    match = re.search(r"\bMIG (\S+)$", name or "")
    if match:
        return match.group(1)
    size = q.ask(None, "nvmlDeviceGetAttributes_v2", handle)
    if size is None:
        return None
    slices, compute = size.gpuInstanceSliceCount, size.computeInstanceSliceCount
    profile = f"{slices}g.{math.ceil(size.memorySizeMB / 1024)}gb"
    # A compute instance may have only a part of its GPU instance's slices.
    return profile if compute in (0, slices) else f"{compute}c.{profile}"


def _memory(q: Questions, handle: Any) -> DeviceMemory:
    # Version 2 leaves out of "used" what the driver keeps for itself, as nvidia-smi does.
    info = q.first(
        "memory",
        ("nvmlDeviceGetMemoryInfo", handle, 0x02000028),
        ("nvmlDeviceGetMemoryInfo", handle),
    )
    if info is None:
        return DeviceMemory()
    total = number(info.total)
    if not total:  # an integrated GPU
        q.missing.add("memory")
        return DeviceMemory()
    return DeviceMemory(total, number(info.used), number(info.free))


def _utilization(q: Questions, handle: Any) -> Optional[float]:
    rates = q.ask("utilization", "nvmlDeviceGetUtilizationRates", handle)
    percent = None if rates is None else number(rates.gpu)
    if percent is None:
        q.missing.add("utilization")
    return None if percent is None else float(percent)


def _temperature(q: Questions, handle: Any) -> Optional[float]:
    # The second is the newer one; sensor 0 is the GPU itself.
    degrees = q.first(
        "temperature",
        ("nvmlDeviceGetTemperature", handle, 0),
        ("nvmlDeviceGetTemperatureV", handle, 0),
    )
    return None if degrees is None else float(degrees)


def _power(q: Questions, handle: Any) -> Power:
    draw = q.ask("power draw", "nvmlDeviceGetPowerUsage", handle)
    limit = q.first(
        "power limit",
        ("nvmlDeviceGetEnforcedPowerLimit", handle),
        ("nvmlDeviceGetPowerManagementLimit", handle),
    )
    return Power(
        draw=None if draw is None else draw / 1000,
        limit=limit / 1000 if limit else None,
    )


def _clocks(q: Questions, handle: Any) -> Clocks:
    return Clocks(
        sm=q.ask("clocks", "nvmlDeviceGetClockInfo", handle, 1),
        memory=q.ask("clocks", "nvmlDeviceGetClockInfo", handle, 2),
    )


def _pcie(q: Questions, card: Card) -> Pcie:
    return Pcie(
        generation=q.ask("PCIe link", "nvmlDeviceGetCurrPcieLinkGeneration", card.handle),
        width=q.ask("PCIe link", "nvmlDeviceGetCurrPcieLinkWidth", card.handle),
        max_generation=card.max_generation,
        max_width=card.max_width,
    )


def _processes(q: Questions, handle: Any, reader: ProcessReader) -> Tuple[Process, ...]:
    """Each process once, though it may compute, draw and be a client of MPS."""
    compute = q.first(
        "processes",
        ("nvmlDeviceGetComputeRunningProcesses_v3", handle),
        ("nvmlDeviceGetComputeRunningProcesses_v2", handle),
    )
    others = [
        q.ask(None, f"nvmlDeviceGet{kind}RunningProcesses_v3", handle)
        for kind in ("Graphics", "MPSCompute")
    ]
    held: Dict[int, Optional[int]] = {}
    for rows in (compute, *others):
        for row in rows or ():
            used, before = row.usedGpuMemory, held.get(row.pid)
            known = [size for size in (used, before) if size is not None]
            held[row.pid] = max(known) if known else None
    return tuple(reader.describe(pid, used) for pid, used in held.items())


def _notes(q: Questions, device: Device) -> List[str]:
    """Sentences on what this device did not report."""
    notes = []
    missing = q.missing - q.refused
    if "memory" in missing and device.memory.total is None:
        missing.discard("memory")
        notes.append(_SHARED_MEMORY)
    if missing:
        notes.append(f"The driver does not report {_listed(missing)} for this GPU.")
    if q.refused:
        notes.append(f"This user may not read {_listed(q.refused)} of this GPU.")
    return notes


def _listed(words: Any) -> str:
    *rest, last = sorted(words)
    return f"{', '.join(rest)} and {last}" if rest else last
