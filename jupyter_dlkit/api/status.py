"""``dlkit.status``: the machine, its accelerators, and what this process has of them."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any, ClassVar

from ..hardware.collect import Collector
from ..hardware.place import Place, here
from ..hardware.values import Device, Host, Sample
from .devices import Devices
from .devices import devices as kernel_devices
from .result import Result


@dataclass(frozen=True, slots=True, repr=False)
class Status(Result):
    """The machine now.

    ``host``: processors, memory, disks.  ``devices``: the accelerators as their driver sees
    them, with who holds memory there.  ``kernel``: the devices as torch sees them here.
    ``place``: where this runs.  ``note`` says why there is no accelerator, ``advice`` what to
    do, a sentence each, or None.  ``pid`` is this process.
    """

    kind: ClassVar[str] = "status"

    host: Host
    devices: tuple[Device, ...]
    driver: str | None
    kernel: Devices
    place: Place
    note: str | None
    advice: str | None
    pid: int
    taken_at: str = field(default="", compare=False)
    cost_ms: float = field(default=0.0, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The fields of ``Status`` of the REST API, ``kernel``, ``place`` and ``advice``."""
        sample = Sample(self.host, self.devices, self.driver, self.note, self.cost_ms)
        return {
            **sample.to_dict(),
            "kernel": self.kernel.to_dict(),
            "place": asdict(self.place),
            "advice": self.advice,
            "pid": self.pid,
            "taken_at": self.taken_at,
        }


_collector: Collector | None = None
_collector_of: int | None = None


def status() -> Status:
    """The machine: processors, memory, disks, accelerators, and what this process has of them.

    Accelerators are asked by their driver (NVML, where ``nvidia-ml-py`` is installed), the rest
    is read from the operating system.  No accelerator is brought up, and torch is not imported.
    Of other users' processes only the bytes are said.  May take tens of milliseconds; the load
    of the processors is that since the last call, so the first one has none.

    Returns
    -------
    Status
        ``host`` (memory in bytes, ``cpu_percent`` of all its cores), ``devices`` (bytes, percent,
        degrees Celsius, watts; None where a device does not say), ``kernel`` (``devices()``).

    Examples
    --------
    >>> s = dlkit.status()
    >>> s.host.memory.total > 2**28
    True
    >>> s.kernel.devices[0].id
    'cpu'
    >>> sorted(s.to_dict())[:4]
    ['advice', 'cost_ms', 'devices', 'driver']
    """
    collector = the_collector()
    sample = collector.sample()
    kernel = kernel_devices()
    return Status(
        sample.host,
        sample.devices,
        sample.driver,
        kernel,
        here(),
        sample.note,
        None if sample.devices else kernel.advice,
        os.getpid(),
        datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        sample.cost_ms,
    )


def the_collector() -> Collector:
    """One for the process: it knows the last counters.  A driver's session is not a child's."""
    global _collector, _collector_of
    if _collector is None or _collector_of != os.getpid():
        _collector, _collector_of = Collector(), os.getpid()
    return _collector
