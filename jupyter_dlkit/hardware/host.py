"""The machine itself: processors, memory, swap, shared memory, disks.

Read from /proc and /sys, which cost microseconds and need nothing installed;
where there is no /proc (macOS, Windows) from ``psutil``, if that is there.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from .cgroup import Cgroup, read
from .values import Host, HostMemory, Space, Swap

# Processor time is counted in hundredths of a second: below this it says nothing.
_SHORTEST_WINDOW = 0.1


def psutil_or_none() -> Any:
    """The module ``psutil``, or None where it is not installed."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil


class HostReader:
    """Reads the host. Keeps the last processor counters, to tell the load since.

    `proc_root`, `sys_root` and `dev_root` stand for /proc, /sys and /dev; `disks`
    are the paths (`~` is the home) whose file systems are of interest; `clock` counts seconds.
    """

    def __init__(
        self,
        proc_root: str = "/proc",
        sys_root: str = "/sys",
        dev_root: str = "/dev",
        disks: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proc = proc_root
        self._dev = dev_root
        self._disks = tuple(map(os.path.expanduser, disks))
        self._clock = clock
        self._cgroup = Cgroup(proc_root, sys_root)
        self._cpu_percent: Optional[float] = None
        self._counters = self._read_counters()

    def read(self) -> Host:
        """The host now. `cpu_percent` is the load since the last call; None at first."""
        return Host(
            name=socket.gethostname() or None,
            cpu_percent=self._load(),
            cpu_count=self._cpu_count(),
            memory=self._memory(),
            swap=self._swap(),
            shm=space(os.path.join(self._dev, "shm")),
            disks=self._spaces(),
        )

    # Processors

    def _cores(self) -> Optional[int]:
        """Cores that this process may run on."""
        status = read(os.path.join(self._proc, "self/status")) or ""
        for line in status.splitlines():
            if line.startswith("Cpus_allowed_list:"):
                return _count_ranges(line.partition(":")[2]) or os.cpu_count()
        return os.cpu_count()

    def _cpu_count(self) -> Optional[float]:
        cores, quota = self._cores(), self._cgroup.cpu_quota()
        if cores is None or quota is None:
            return quota if cores is None else float(cores)
        return min(float(cores), quota)

    def _read_counters(self) -> Optional[Tuple[str, float, float]]:
        """(what is counted, seconds that could have been used, seconds used)."""
        if self._cgroup.cpu_quota() is not None:
            # The machine's load says nothing about a share of it.
            used, count = self._cgroup.cpu_seconds(), self._cpu_count()
            if used is not None and count is not None:
                return ("cgroup", self._clock() * count, used)
        first = (read(os.path.join(self._proc, "stat")) or "").split("\n", 1)[0].split()
        if len(first) > 5 and first[0] == "cpu":
            # user nice system idle iowait irq softirq steal; guests are in user already
            ticks = [int(word) for word in first[1:9] if word.isdigit()]
            hertz, total = _ticks_per_second(), sum(ticks)
            return ("host", total / hertz, (total - ticks[3] - ticks[4]) / hertz)
        psutil = psutil_or_none() if not os.path.isdir(self._proc) else None
        if psutil is None:
            return None
        times = psutil.cpu_times()
        return ("host", float(sum(times)), float(sum(times) - times.idle))

    def _load(self) -> Optional[float]:
        now, before = self._read_counters(), self._counters
        if now is None or before is None or now[0] != before[0]:
            self._counters, self._cpu_percent = now, None
            return None
        possible, used = now[1] - before[1], now[2] - before[2]
        if possible < _SHORTEST_WINDOW:
            return self._cpu_percent
        self._counters = now
        self._cpu_percent = round(min(100.0, max(0.0, 100.0 * used / possible)), 1)
        return self._cpu_percent

    # Memory

    def _meminfo(self) -> Dict[str, int]:
        """/proc/meminfo in bytes."""
        rows = {}
        for line in (read(os.path.join(self._proc, "meminfo")) or "").splitlines():
            words = line.replace(":", " ").split()
            if len(words) >= 2 and words[1].isdigit():
                rows[words[0]] = int(words[1]) * (1024 if words[2:] == ["kB"] else 1)
        return rows

    def _memory(self) -> HostMemory:
        rows = self._meminfo()
        total, available = rows.get("MemTotal"), rows.get("MemAvailable")
        if total is None and not os.path.isdir(self._proc):
            psutil = psutil_or_none()
            if psutil is not None:
                memory = psutil.virtual_memory()
                total, available = int(memory.total), int(memory.available)
        if total is not None and available is None:  # a sandbox that leaves it out
            parts = [rows.get(key) for key in ("MemFree", "Buffers", "Cached")]
            known = [part for part in parts if part is not None]
            available = min(total, sum(known)) if known else None
        limited = self._cgroup.memory(total)
        if limited is not None:
            room = max(0, limited.limit - limited.used)
            return HostMemory(
                total=total,
                used=limited.used,
                # A limit does not promise that the machine has that much left.
                available=room if available is None else min(room, available),
                limit=limited.limit,
                source=limited.source,
            )
        used = None if total is None or available is None else max(0, total - available)
        return HostMemory(total, used, available, None, "host")

    def _swap(self) -> Optional[Swap]:
        rows = self._meminfo()
        if "SwapTotal" in rows and "SwapFree" in rows:
            return Swap(rows["SwapTotal"], max(0, rows["SwapTotal"] - rows["SwapFree"]))
        psutil = psutil_or_none() if not os.path.isdir(self._proc) else None
        if psutil is None:
            return None
        swap = psutil.swap_memory()
        return Swap(int(swap.total), int(swap.used))

    # File systems

    def _spaces(self) -> Tuple[Space, ...]:
        """One entry a file system, under the first path that names it."""
        spaces, seen = [], set()
        for path in self._disks:
            try:
                device = os.stat(path).st_dev
            except OSError:
                continue
            found = None if device in seen else space(path)
            if found is not None:
                seen.add(device)
                spaces.append(found)
        return tuple(spaces)


def space(path: str) -> Optional[Space]:
    """Room on the file system of `path`; None where there is no such path."""
    try:
        if hasattr(os, "statvfs"):
            stat = os.statvfs(path)
            block = stat.f_frsize
            return Space(
                path=path,
                total=stat.f_blocks * block,
                used=(stat.f_blocks - stat.f_bfree) * block,
                # Some blocks are root's: what is left for everybody else.
                free=stat.f_bavail * block,
            )
        import shutil

        usage = shutil.disk_usage(path)
        return Space(path, usage.total, usage.used, usage.free)
    except OSError:
        return None


def _ticks_per_second() -> float:
    try:
        return float(os.sysconf("SC_CLK_TCK")) or 100.0
    except (AttributeError, OSError, ValueError):
        return 100.0


def _count_ranges(text: str) -> int:
    """How many numbers a list such as `0-3,8` names."""
    count = 0
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first.isdigit():
            count += int(last) - int(first) + 1 if last.isdigit() else 1
    return count
