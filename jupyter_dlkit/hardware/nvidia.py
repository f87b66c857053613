"""NVIDIA devices, by ``pynvml`` (the distribution nvidia-ml-py).

A session with the driver is opened once and kept, and opened again by itself,
ever less often, after the driver or a device went away.
"""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import nvml as codes
from .nvidia_card import Card, lost, read_card
from .nvml import DeviceLost, DriverGone, call, error_code, text
from .processes import ProcessReader
from .values import Device, Devices

_FIRST_RETRY = 2.0  # seconds
_LONGEST_RETRY = 60.0

_NO_PYNVML = (
    "NVIDIA GPUs cannot be read: the package nvidia-ml-py is not installed in the environment "
    "that jupyter_dlkit runs in. Install it there with `pip install nvidia-ml-py`."
)
_NO_LIBRARY = (
    "No NVIDIA driver was found on this machine (there is no libnvidia-ml.so.1), so there is "
    "no NVIDIA GPU to show."
)
_LIBRARY_HIDDEN = (
    "This machine has an NVIDIA driver, but its library libnvidia-ml.so.1 cannot be found here. "
    "In a container, start it with the NVIDIA Container Toolkit (`docker run --gpus all`)."
)
_NO_DEVICE = (
    "The NVIDIA driver answers but shows no GPU here. In a container, start it with `--gpus all`."
)
_WHY = {
    codes.UNINITIALIZED: "The connection to the NVIDIA driver was lost; trying again.",
    codes.DRIVER_NOT_LOADED: (
        "The NVIDIA driver is not loaded, so its GPUs cannot be read. `nvidia-smi` tells more; "
        "trying again."
    ),
    codes.NO_PERMISSION: (
        "This user may not talk to the NVIDIA driver. Look at who may open /dev/nvidiactl."
    ),
    codes.LIB_RM_VERSION_MISMATCH: (
        "The NVIDIA driver and its library are of different versions, as after an update. "
        "Restart the machine."
    ),
    codes.GPU_IS_LOST: "The NVIDIA driver lost its GPU; trying again.",
}


class Nvidia:
    """Reads the NVIDIA devices. Blocking, and not for two threads at once.

    `processes` says what may be told of a pid; `clock` counts seconds.
    """

    def __init__(
        self,
        processes: ProcessReader,
        proc_root: str = "/proc",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processes = processes
        self._proc = proc_root
        self._clock = clock
        self._nvml: Any = None
        self._cards: List[Card] = []
        self._driver: Optional[str] = None
        self._known: Dict[int, Tuple[str, Optional[str]]] = {}
        self._open = False
        self._why: Optional[str] = None
        self._wait = _FIRST_RETRY
        self._next_try = clock()

    def read(self) -> Devices:
        """All devices now. Never raises for what the driver does."""
        try:
            return self._read()
        except DriverGone as gone:
            self._fail(gone.code)
            if gone.code == codes.UNINITIALIZED:
                # Somebody else in this process shut NVML down, most likely.
                try:
                    self._next_try = self._clock()
                    return self._read()
                except DriverGone as again:
                    self._fail(again.code)
            return Devices(note=self._why)

    def close(self) -> None:
        """Ends the session with the driver; a later read opens another."""
        if self._open:
            self._open = False
            self._cards = []
            try:
                call(self._nvml, "nvmlShutdown")
            except (DriverGone, DeviceLost, self._nvml.NVMLError):
                pass  # it is gone already

    def _read(self) -> Devices:
        due = self._clock() >= self._next_try
        if self._open and due and any(card.handle is None for card in self._cards):
            self.close()
        if not self._open:
            if not due or not self._start():
                return Devices(note=self._why)
        elif self._count() != len(self._cards):
            self._enumerate()
        devices: List[Device] = []
        for card in self._cards:
            devices += self._read_one(card)
        if any(card.handle is None for card in self._cards):
            if due:
                self._delay()
        else:
            self._wait = _FIRST_RETRY
        return Devices(tuple(devices), self._driver, None if devices else _NO_DEVICE)

    def _read_one(self, card: Card) -> List[Device]:
        if card.handle is not None:
            try:
                return read_card(self._nvml, card, self._processes)
            except DeviceLost:
                card.handle = None
        return [lost(card)]

    # The session

    def _start(self) -> bool:
        try:
            import pynvml
        except ImportError:
            self._why = _NO_PYNVML
            self._delay()
            return False
        self._nvml = pynvml
        try:
            call(pynvml, "nvmlInit")
            self._open = True
            self._driver = self._ask_driver()
            self._enumerate()
        except DeviceLost:
            self._fail(codes.GPU_IS_LOST)
        except pynvml.NVMLError as error:
            self._fail(error_code(error), str(error))
        return self._open

    def _ask_driver(self) -> Optional[str]:
        try:
            return text(call(self._nvml, "nvmlSystemGetDriverVersion"))
        except self._nvml.NVMLError:
            return None

    def _count(self) -> int:
        try:
            return int(call(self._nvml, "nvmlDeviceGetCount"))
        except (DeviceLost, self._nvml.NVMLError):
            return len(self._cards)

    def _enumerate(self) -> None:
        """Finds the devices, and keeps the identity of one that is lost."""
        found: Dict[int, Card] = {}
        count = self._count()
        for index in range(count):
            try:
                handle = call(self._nvml, "nvmlDeviceGetHandleByIndex", index)
                found[index] = Card.identify(self._nvml, index, handle)
            except DeviceLost:
                pass
            except self._nvml.NVMLError:
                # No permission for this one, or it is broken: the others are still there.
                found[index] = Card(index, f"nvidia-{index}", None, None, broken=True)
        there = {card.uuid for card in found.values()}
        for index in range(count):
            if index not in found:
                uuid, name = self._known.get(index, (f"nvidia-{index}", None))
                if uuid in there:
                    uuid, name = f"nvidia-{index}", None
                found[index] = Card(index, uuid, name, None)
        self._cards = [found[index] for index in range(count)]
        for card in self._cards:
            if card.handle is not None:
                self._known[card.index] = (card.uuid, card.name)

    def _fail(self, code: int, message: str = "") -> None:
        self.close()
        if code == codes.LIBRARY_NOT_FOUND:
            loaded = os.path.exists(os.path.join(self._proc, "driver/nvidia/version"))
            self._why = _LIBRARY_HIDDEN if loaded else _NO_LIBRARY
        else:
            reason = message or f"error {code}"
            self._why = _WHY.get(code) or f"The NVIDIA driver answers with an error: {reason}."
        self._delay()

    def _delay(self) -> None:
        self._next_try = self._clock() + self._wait
        self._wait = min(_LONGEST_RETRY, 2 * self._wait)
