"""NVML's library by ctypes, under the names of ``pynvml``.

A kernel's environment need not have ``pynvml``; the library itself comes with the driver.
``hardware.nvml.Questions`` asks this as it asks pynvml.  Nothing here starts CUDA.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Tuple

from ..hardware.nvml import FUNCTION_NOT_FOUND, LIBRARY_NOT_FOUND


class NVMLError(Exception):
    """``value`` is of nvmlReturn_t."""

    def __init__(self, value: int) -> None:
        super().__init__(f"NVML error {value}")
        self.value = value


class Library:
    """Functions of NVML; each raises NVMLError.

    Raises NVMLError (12) when there is no library.
    """

    NVMLError = NVMLError

    def __init__(self) -> None:
        name = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
        try:
            self._library = ctypes.CDLL(name)
        except OSError:
            raise NVMLError(LIBRARY_NOT_FOUND) from None

    def _call(self, function: str, *arguments: Any) -> None:
        found = getattr(self._library, function, None)
        if found is None:
            raise NVMLError(FUNCTION_NOT_FOUND)
        code = found(*arguments)
        if code:
            raise NVMLError(code)

    def _unsigned(self, function: str, *arguments: Any, kind: Any = ctypes.c_uint) -> int:
        answer = kind()
        self._call(function, *arguments, ctypes.byref(answer))
        return int(answer.value)

    def _text(self, function: str, *arguments: Any) -> str:
        answer = ctypes.create_string_buffer(96)
        self._call(function, *arguments, answer, ctypes.c_uint(96))
        return answer.value.decode("utf-8", "replace")

    def nvmlInit(self) -> None:
        """Opens the session."""
        self._call("nvmlInit_v2")

    def nvmlShutdown(self) -> None:
        """Ends the session."""
        self._call("nvmlShutdown")

    def nvmlDeviceGetCount(self) -> int:
        """How many cards there are."""
        return self._unsigned("nvmlDeviceGetCount_v2")

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        """The card's handle."""
        handle = ctypes.c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(handle))
        return handle

    def nvmlDeviceGetName(self, handle: Any) -> str:
        """Such as ``NVIDIA H100``."""
        return self._text("nvmlDeviceGetName", handle)

    def nvmlDeviceGetTemperature(self, handle: Any, sensor: int) -> int:
        """Degrees Celsius."""
        return self._unsigned("nvmlDeviceGetTemperature", handle, ctypes.c_uint(sensor))

    def nvmlDeviceGetPowerUsage(self, handle: Any) -> int:
        """Milliwatts."""
        return self._unsigned("nvmlDeviceGetPowerUsage", handle)

    def nvmlDeviceGetUtilizationRates(self, handle: Any) -> int:
        """Percent of the last moment in which something ran; of the GPU alone."""
        rates = (ctypes.c_uint * 2)()
        self._call("nvmlDeviceGetUtilizationRates", handle, ctypes.byref(rates))
        return int(rates[0])

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: Any) -> int:
        """Bits of nvmlClocksThrottleReasons."""
        name = "nvmlDeviceGetCurrentClocksThrottleReasons"
        return self._unsigned(name, handle, kind=ctypes.c_ulonglong)

    def nvmlDeviceGetEccMode(self, handle: Any) -> int:
        """1 when it is on."""
        now, pending = ctypes.c_uint(), ctypes.c_uint()
        self._call("nvmlDeviceGetEccMode", handle, ctypes.byref(now), ctypes.byref(pending))
        return int(now.value)

    def nvmlDeviceGetTotalEccErrors(self, handle: Any, uncorrected: int, aggregate: int) -> int:
        """Errors that were corrected (0) or not (1), since the driver's start (0) or ever (1)."""
        kind, since = ctypes.c_uint(uncorrected), ctypes.c_uint(aggregate)
        name = "nvmlDeviceGetTotalEccErrors"
        return self._unsigned(name, handle, kind, since, kind=ctypes.c_ulonglong)

    def nvmlDeviceGetRemappedRows(self, handle: Any) -> Tuple[int, int, int, int]:
        """Rows remapped for corrected and uncorrected errors; whether one waits, and failed."""
        rows = [ctypes.c_uint() for _ in range(4)]
        self._call("nvmlDeviceGetRemappedRows", handle, *map(ctypes.byref, rows))
        corrected, uncorrected, pending, failed = (int(one.value) for one in rows)
        return corrected, uncorrected, pending, failed

    def nvmlDeviceGetPersistenceMode(self, handle: Any) -> int:
        """1 when it is on."""
        return self._unsigned("nvmlDeviceGetPersistenceMode", handle)
