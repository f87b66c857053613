"""The machine in one call: host and devices.

Portable, blocking, and safe to call from any thread, one call at a time.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, Sequence

from .host import HostReader
from .nvidia import Nvidia
from .processes import ProcessReader
from .values import Sample


class Collector:
    """Samples the machine. Sessions with drivers are kept until `close`.

    Parameters
    ----------
    proc_root, sys_root, dev_root
        Stand for /proc, /sys and /dev (which has ``shm``).
    process_names
        Whether processes of this user are named.
    disks
        Paths whose file systems are reported, each file system once; `~` is the home.
    clock
        Counts seconds; decides when a lost driver is tried again.
    """

    def __init__(
        self,
        proc_root: str = "/proc",
        sys_root: str = "/sys",
        dev_root: str = "/dev",
        process_names: bool = True,
        disks: Sequence[str] = ("/", "~"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._host = HostReader(proc_root, sys_root, dev_root, disks, clock)
        self._nvidia = Nvidia(ProcessReader(proc_root, process_names), proc_root, clock)

    def sample(self) -> Sample:
        """The machine now. May block for tens of milliseconds: not for an event loop.

        The first sample has no `cpu_percent` if it comes right after the
        collector was made. What cannot be read is None, with a sentence in a
        `note`; nothing that a driver does raises.
        """
        with self._lock:
            started = time.perf_counter()
            host = self._host.read()
            found = self._nvidia.read()
            cost = 1000 * (time.perf_counter() - started)
        return Sample(host, found.devices, found.driver, found.note, round(cost, 3))

    def close(self) -> None:
        """Ends the sessions with the drivers. A later sample opens them again."""
        with self._lock:
            self._nvidia.close()
