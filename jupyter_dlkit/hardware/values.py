"""What a sample of the machine consists of.

Bytes are integers, percentages go from 0 to 100, and whatever could not be
read is ``None``: never 0, and never an exception.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Optional, Tuple


@dataclass(frozen=True)
class Space:
    """Room on a file system, in bytes; ``free`` is what this user may still write."""

    path: str
    total: Optional[int]
    used: Optional[int]
    free: Optional[int]


@dataclass(frozen=True)
class Swap:
    """Swap space in bytes; a machine without swap has a total of 0."""

    total: int
    used: int


@dataclass(frozen=True)
class HostMemory:
    """Main memory in bytes, as far as this process may use it.

    ``total`` is the machine's. ``limit`` is what this container may use of it,
    None without one that is smaller. ``used`` is the container's where there is
    a limit, else the machine's, and leaves out the file cache that the kernel
    gives back when memory is needed. ``available`` is what can still be had.
    ``source``, where limit and use were read, is ``cgroup v2``, ``cgroup v1``
    or ``host``.
    """

    total: Optional[int]
    used: Optional[int]
    available: Optional[int]
    limit: Optional[int]
    source: str


@dataclass(frozen=True)
class Host:
    """The machine itself. ``cpu_percent`` is of the ``cpu_count`` cores."""

    name: Optional[str]
    cpu_percent: Optional[float]
    cpu_count: Optional[float]
    memory: HostMemory
    swap: Optional[Swap]
    shm: Optional[Space]
    disks: Tuple[Space, ...]


@dataclass(frozen=True)
class DeviceMemory:
    """A device's own memory in bytes.

    ``used`` and ``free`` are the driver's; what it keeps for itself is in
    neither where it can say so, so they need not add up to ``total``.
    """

    total: Optional[int] = None
    used: Optional[int] = None
    free: Optional[int] = None


@dataclass(frozen=True)
class Power:
    """Watts."""

    draw: Optional[float] = None
    limit: Optional[float] = None


@dataclass(frozen=True)
class Clocks:
    """Megahertz."""

    sm: Optional[int] = None
    memory: Optional[int] = None


@dataclass(frozen=True)
class Pcie:
    """The link now, and the best that device and slot can do together."""

    generation: Optional[int] = None
    width: Optional[int] = None
    max_generation: Optional[int] = None
    max_width: Optional[int] = None


@dataclass(frozen=True)
class Mig:
    """Multi-instance GPU.

    For a card: ``enabled``, with no parent. For an instance: ``parent`` is the
    card's UUID and ``instance`` the profile, such as ``1g.10gb``.
    """

    enabled: bool
    parent: Optional[str] = None
    instance: Optional[str] = None


@dataclass(frozen=True)
class Process:
    """Memory that one process holds on one device.

    ``pid`` and ``name`` are None for a process that is another user's, or that
    cannot be told for certain. The server fills in ``kernel_id`` and ``notebook``.
    """

    pid: Optional[int]
    bytes: Optional[int]
    name: Optional[str]
    kernel_id: Optional[str] = None
    notebook: Optional[str] = None


@dataclass(frozen=True)
class Device:
    """One accelerator, or one instance of it. ``note`` says what is missing."""

    uuid: str
    index: int
    name: Optional[str]
    vendor: str
    memory: DeviceMemory = DeviceMemory()
    utilization: Optional[float] = None
    temperature: Optional[float] = None
    power: Power = Power()
    clocks: Clocks = Clocks()
    pcie: Pcie = Pcie()
    mig: Optional[Mig] = None
    processes: Tuple[Process, ...] = ()
    note: Optional[str] = None


@dataclass(frozen=True)
class Devices:
    """Every accelerator of one vendor. ``note`` says why there are none."""

    devices: Tuple[Device, ...] = ()
    driver: Optional[str] = None
    note: Optional[str] = None


@dataclass(frozen=True)
class Sample:
    """One look at the machine; ``cost_ms`` is how long the look took."""

    host: Host
    devices: Tuple[Device, ...]
    driver: Optional[str]
    note: Optional[str]
    cost_ms: float

    def to_dict(self) -> Dict[str, Any]:
        """The fields of ``Status`` in the OpenAPI document that hardware knows."""
        fields = asdict(self)
        fields["devices"] = list(fields["devices"])
        for device in fields["devices"]:
            device["processes"] = list(device["processes"])
        fields["host"]["disks"] = list(fields["host"]["disks"])
        return fields
