"""What a piece of work used: seconds, and memory of each device and of this process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from .result import ByDevice, Result, frame
from .sizes import binary


@dataclass(frozen=True, slots=True)
class DeviceUsage:
    """Bytes before and after, and their difference; None where they are not known.

    ``peak`` is the most there was.  Where ``peak_is_exact`` is False it is an upper bound ("at
    most"): the allocator's own counter did not rise, and it is the user's, not ours to reset.
    """

    before: int | None
    after: int | None
    change: int | None
    peak: int | None
    peak_is_exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class Usage(Result):
    """Seconds on the clock, and bytes: of tensors for each device, resident for ``ram``."""

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

    def _text(self) -> str:
        lines = [f"{self.seconds:.2f} s"]
        for name, one in [*self.devices.items(), ("ram", self.ram)]:
            change = "?" if one.change is None else binary(one.change)
            most = "" if one.peak_is_exact else "at most "
            peak = "" if one.peak is None else f", peak {most}{binary(one.peak)}"
            lines.append(f"{name}  change {change}{peak}")
        return "\n".join(lines)


class Meter:
    """Measures what happens between ``start`` and ``stop``."""

    def __init__(self, reset_peak: bool = False) -> None:
        self._reset = reset_peak

    def start(self) -> Meter:
        """From here; returns itself."""
        import time

        self._began = time.perf_counter()
        return self

    def stop(self) -> Usage:
        """To here."""
        import time

        ram = DeviceUsage(None, None, None, None, False)
        return Usage(time.perf_counter() - self._began, ByDevice(), ram)
