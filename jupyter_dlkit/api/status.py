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
from .sizes import binary


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

    def _text(self) -> str:
        lines = [f"{self.host.name}"]
        for one in self.devices:
            used = "?" if one.memory.used is None else binary(one.memory.used)
            lines.append(f"{one.index}  {one.name}  {used} used")
        return "\n".join([*lines, *filter(None, (self.note, self.advice))])


_collector: Collector | None = None


def status() -> Status:
    """The machine now.  No accelerator is brought up, and torch is not imported."""
    global _collector
    if _collector is None:
        _collector = Collector()
    sample = _collector.sample()
    return Status(
        sample.host,
        sample.devices,
        sample.driver,
        kernel_devices(),
        here(),
        sample.note,
        None,
        os.getpid(),
        datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        sample.cost_ms,
    )
