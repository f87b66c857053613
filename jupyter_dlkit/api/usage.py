"""What a piece of work used: seconds, and memory of each device and of this process."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from ..kernel import loaded
from ..kernel.cells.counters import AT_LEAST, Counters, peak_between, process_memory, read
from ..kernel.devices import ask
from .result import ByDevice, Result, frame

#: Written there, Linux forgets the most that this process had resident (proc(5)).
_CLEAR, _PEAK_RESIDENT = "/proc/self/clear_refs", "5"


@dataclass(frozen=True, slots=True)
class DeviceUsage:
    """Bytes before and after, and their difference; None where they are not known.

    ``peak`` is the most there was.  Where ``peak_is_exact`` is False it is an upper bound ("at
    most"): there was more before, and the counter is the user's, not ours to reset.
    """

    before: int | None
    after: int | None
    change: int | None
    peak: int | None
    peak_is_exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class Usage(Result):
    """What was used between a meter's start and stop.

    ``seconds`` on the clock; what an accelerator still works at then is not in them.
    ``devices``: bytes of tensors on each accelerator that is in use.  ``ram``: bytes that the
    whole process has resident.
    """

    kind: ClassVar[str] = "usage"

    seconds: float
    devices: ByDevice[DeviceUsage]
    ram: DeviceUsage

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "seconds": self.seconds,
            "devices": {device: asdict(one) for device, one in self.devices.items()},
            "ram": asdict(self.ram),
        }

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each device and one for ``ram``.

        Raises ``DLKitError`` where pandas is not installed.
        """
        rows = [{"device": device, **asdict(one)} for device, one in self.devices.items()]
        return frame([*rows, {"device": "ram", **asdict(self.ram)}], "device")


class Meter:
    """Measures what happens between ``start`` and ``stop``.

    Nothing is brought up, nothing waited for, and no counter is changed, save with
    ``reset_peak``: then the peaks are exact, and what the user's own code reads of them
    (``torch.cuda.max_memory_allocated``) counts from here.

    >>> from jupyter_dlkit.api.usage import Meter
    >>> meter = Meter().start()
    >>> x = torch.ones(256, 1024, device=torch.accelerator.current_accelerator())
    >>> usage = meter.stop()
    >>> usage.devices[str(x.device)].change // 2**20, usage.seconds > 0
    (1, True)
    """

    def __init__(self, reset_peak: bool = False) -> None:
        self._reset = reset_peak
        self._began = 0.0
        self._devices: dict[str, Counters] = {}
        self._ram = Counters(None, None, None)

    def start(self) -> Meter:
        """From here; returns itself."""
        self._devices = read()
        if self._reset:
            _reset_peaks(self._devices)
            self._devices = read()
        self._ram = _ram()
        self._began = time.perf_counter()
        return self

    def stop(self) -> Usage:
        """To here.  A device that was brought up in between counts from 0."""
        seconds = time.perf_counter() - self._began
        after = read()
        devices = {
            device: _usage(self._devices.get(device), counters)
            for device, counters in after.items()
        }
        return Usage(seconds, ByDevice(devices), _usage(self._ram, _ram()))


def _usage(before: Counters | None, after: Counters) -> DeviceUsage:
    held = 0 if before is None else before.allocated
    change = None if held is None or after.allocated is None else after.allocated - held
    peak = peak_between(before, after)
    if peak.meaning == AT_LEAST:  # the user reset the counter: no bound is known
        return DeviceUsage(held, after.allocated, change, None, False)
    return DeviceUsage(held, after.allocated, change, peak.bytes, peak.is_exact)


def _ram() -> Counters:
    """Resident bytes of this process, and the most since it began."""
    found = {}
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name in ("VmRSS", "VmHWM"):
                    found[name] = int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    if len(found) == 2:
        return Counters(found["VmRSS"], None, found["VmHWM"])
    memory = process_memory()
    return Counters(memory.resident, None, memory.peak)


def _reset_peaks(devices: Iterable[str]) -> None:
    torch = loaded.torch()
    for device in devices:
        kind, _, index = device.partition(":")
        ask(getattr(torch, kind, None), "reset_peak_memory_stats", int(index))
    try:
        with open(_CLEAR, "w", encoding="ascii") as file:
            file.write(_PEAK_RESIDENT)
    except OSError:  # not Linux, or not allowed
        pass
