"""What the driver says of the health of each NVIDIA card; read once for all checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from ..hardware.nvml import LIBRARY_NOT_FOUND, DeviceLost, DriverGone, Questions, call, error_code
from .facts import Facts
from .nvml_library import Library, NVMLError


@dataclass(frozen=True)
class CardHealth:
    """One card; None where it does not tell.

    ``slowed`` are the bits of nvmlClocksThrottleReasons, ``utilization`` percent,
    ``temperature`` degrees Celsius, ``power`` watts.  Of memory errors ``corrected`` and
    ``uncorrected`` are since the driver's start, ``ever`` uncorrected ones since the card was
    made; ``remap_pending`` and ``remap_failed`` of rows that are to be replaced.
    """

    index: int
    name: str
    utilization: Optional[int] = None
    temperature: Optional[int] = None
    power: Optional[float] = None
    slowed: Optional[int] = None
    ecc: Optional[bool] = None
    corrected: Optional[int] = None
    uncorrected: Optional[int] = None
    ever: Optional[int] = None
    remap_pending: Optional[bool] = None
    remap_failed: Optional[bool] = None
    persistent: Optional[bool] = None

    @property
    def title(self) -> str:
        """Index and name, as ``nvidia-smi`` has them."""
        return f"GPU {self.index} ({self.name})"


@dataclass(frozen=True)
class Cards:
    """The cards.  ``error`` is nvmlInit's, or the one that ended the questions."""

    cards: Tuple[CardHealth, ...] = ()
    error: Optional[int] = None

    @property
    def why_none(self) -> str:
        """Why there is nothing to say, in a line."""
        if self.error == LIBRARY_NOT_FOUND:
            return "There is no NVIDIA driver here (no libnvidia-ml.so.1)."
        if self.error is not None:
            return f"The NVIDIA driver answers with error {self.error}."
        return "The NVIDIA driver says nothing of it here."


def cards(facts: Facts) -> Cards:
    """The cards of this machine; asks the driver once in an examination."""
    return facts.once("card health", _read)


def _read() -> Cards:
    try:
        library = Library()
        call(library, "nvmlInit")
    except (NVMLError, DriverGone, DeviceLost) as error:
        return Cards(error=_code(error))
    found: List[CardHealth] = []
    try:
        for index in range(call(library, "nvmlDeviceGetCount")):
            try:
                handle = call(library, "nvmlDeviceGetHandleByIndex", index)
                found.append(_card(library, index, handle))
            except (NVMLError, DeviceLost):
                continue  # that it is gone is another check's to say
        return Cards(tuple(found))
    except (NVMLError, DriverGone) as error:
        return Cards(tuple(found), _code(error))
    finally:
        try:
            call(library, "nvmlShutdown")
        except (NVMLError, DriverGone, DeviceLost):
            pass


def _code(error: Exception) -> int:
    return error.code if isinstance(error, DriverGone) else error_code(error)


def _card(library: Any, index: int, handle: Any) -> CardHealth:
    q = Questions(library)
    milliwatts = q.ask(None, "nvmlDeviceGetPowerUsage", handle)
    rows = q.ask(None, "nvmlDeviceGetRemappedRows", handle)
    return CardHealth(
        index=index,
        name=q.ask(None, "nvmlDeviceGetName", handle) or "unnamed",
        utilization=q.ask(None, "nvmlDeviceGetUtilizationRates", handle),
        temperature=q.ask(None, "nvmlDeviceGetTemperature", handle, 0),
        power=None if milliwatts is None else milliwatts / 1000,
        slowed=q.ask(None, "nvmlDeviceGetCurrentClocksThrottleReasons", handle),
        ecc=_flag(q.ask(None, "nvmlDeviceGetEccMode", handle)),
        corrected=q.ask(None, "nvmlDeviceGetTotalEccErrors", handle, 0, 0),
        uncorrected=q.ask(None, "nvmlDeviceGetTotalEccErrors", handle, 1, 0),
        ever=q.ask(None, "nvmlDeviceGetTotalEccErrors", handle, 1, 1),
        remap_pending=None if rows is None else bool(rows[2]),
        remap_failed=None if rows is None else bool(rows[3]),
        persistent=_flag(q.ask(None, "nvmlDeviceGetPersistenceMode", handle)),
    )


def _flag(value: Optional[int]) -> Optional[bool]:
    return None if value is None else bool(value)
