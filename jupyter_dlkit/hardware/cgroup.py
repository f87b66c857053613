"""What the control group of this process allows, version 1 and 2.

A limit may be set on the process's own group or on any group above it, so
every level that can be seen is read, from the innermost to the mount's root.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple


@dataclass(frozen=True)
class MemoryLimit:
    """The level that leaves the least room. All in bytes."""

    limit: int
    used: int
    source: str


def read(path: str) -> Optional[str]:
    """The text of a small file, or None where there is none to read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _number(path: str) -> Optional[int]:
    text = read(path)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:  # "max", which means that there is no limit
        return None


def _table(path: str) -> Dict[str, int]:
    """A file of lines `key value`, such as memory.stat."""
    rows = {}
    for line in (read(path) or "").splitlines():
        key, _, value = line.partition(" ")
        if value.strip().isdigit():
            rows[key] = int(value)
    return rows


def _unescape(path: str) -> str:
    """mountinfo writes blanks and backslashes in octal."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\134", "\\")):
        path = path.replace(code, char)
    return path


class Cgroup:
    """The control groups of this process, found once; their numbers read at each call.

    `proc_root` and `sys_root` stand for /proc and /sys.
    """

    def __init__(self, proc_root: str = "/proc", sys_root: str = "/sys") -> None:
        self._proc = proc_root
        self._sys = sys_root
        self._groups = self._memberships()
        self._mounts = self._find_mounts()

    def _memberships(self) -> Dict[str, str]:
        """Controller to path of the group; the key of version 2 is ''."""
        groups = {}
        for line in (read(os.path.join(self._proc, "self/cgroup")) or "").splitlines():
            number, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if number.isdigit() and path:
                for controller in controllers.split(","):
                    groups[controller] = path
        return groups

    def _find_mounts(self) -> Dict[str, Tuple[str, str]]:
        """Controller to (root of the mount, mount point); version 2's key is ''."""
        mounts: Dict[str, Tuple[str, str]] = {}
        for line in (read(os.path.join(self._proc, "self/mountinfo")) or "").splitlines():
            before, _, after = line.partition(" - ")
            left, right = before.split(" "), after.split(" ")
            if len(left) < 5 or len(right) < 3:
                continue
            place = (_unescape(left[3]), self._under_sys(_unescape(left[4])))
            if right[0] == "cgroup2":
                mounts.setdefault("", place)
            elif right[0] == "cgroup":
                for controller in right[2].split(","):
                    mounts.setdefault(controller, place)
        if not mounts:  # mountinfo is hidden: the usual places
            base = os.path.join(self._sys, "fs/cgroup")
            mounts[""] = ("/", base)
            for controller in ("memory", "cpu", "cpuacct"):
                mounts[controller] = ("/", os.path.join(base, controller))
        return mounts

    def _under_sys(self, point: str) -> str:
        if point == "/sys" or point.startswith("/sys/"):
            return self._sys + point[len("/sys") :]
        return point

    def _levels(self, controller: str) -> Iterator[str]:
        """Folders of the process's group and of those above it, innermost first."""
        if controller not in self._mounts:
            return
        root, point = self._mounts[controller]
        path = self._groups.get(controller, "/")
        if root != "/" and (path == root or path.startswith(root.rstrip("/") + "/")):
            path = path[len(root) :]
        elif root != "/":
            path = "/"  # the group is outside what is mounted here
        parts = [part for part in path.split("/") if part]
        if ".." in parts:  # a group of another namespace
            parts = []
        while parts:
            yield os.path.join(point, *parts)
            parts.pop()
        yield point

    def memory(self, total: Optional[int]) -> Optional[MemoryLimit]:
        """The memory limit in force, or None.

        `total` is the machine's memory in bytes: a limit at or above it limits
        nothing, which is also how version 1 writes "no limit" (2^63 less a page).
        """
        found: List[MemoryLimit] = []
        # With both versions mounted, version 1 has the memory controller if
        # this process is in a group of it.
        if "memory" in self._groups or "" not in self._groups:
            for level in self._levels("memory"):
                found += self._memory_v1(level)
        if not found:
            for level in self._levels(""):
                found += self._memory_v2(level)
        found = [one for one in found if total is None or one.limit < total]
        return min(found, key=lambda one: one.limit - one.used, default=None)

    @staticmethod
    def _memory_v2(level: str) -> List[MemoryLimit]:
        limit = _number(os.path.join(level, "memory.max"))
        used = _number(os.path.join(level, "memory.current"))
        if limit is None or used is None:
            return []
        # Inactive file pages are reclaimed first; docker and the kubelet leave
        # them out of what is "used" too.
        inactive = _table(os.path.join(level, "memory.stat")).get("inactive_file", 0)
        return [MemoryLimit(limit, max(0, used - inactive), "cgroup v2")]

    @staticmethod
    def _memory_v1(level: str) -> List[MemoryLimit]:
        limit = _number(os.path.join(level, "memory.limit_in_bytes"))
        used = _number(os.path.join(level, "memory.usage_in_bytes"))
        if limit is None or used is None:
            return []
        stat = _table(os.path.join(level, "memory.stat"))
        # Groups above the one that a container is shown limit it as well.
        limit = min(limit, stat.get("hierarchical_memory_limit", limit))
        inactive = stat.get("total_inactive_file", 0)
        return [MemoryLimit(limit, max(0, used - inactive), "cgroup v1")]

    def cpu_quota(self) -> Optional[float]:
        """Cores that the tightest quota allows, such as 1.5; None without a quota."""
        quotas: List[float] = []
        for level in self._levels(""):
            words = (read(os.path.join(level, "cpu.max")) or "").split()
            if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
                quotas.append(int(words[0]) / int(words[1]))
        for level in self._levels("cpu"):
            quota = _number(os.path.join(level, "cpu.cfs_quota_us"))
            period = _number(os.path.join(level, "cpu.cfs_period_us"))
            if quota and period and quota > 0:
                quotas.append(quota / period)
        return min(quotas, default=None)

    def cpu_seconds(self) -> Optional[float]:
        """Processor time that this process's group has used, in seconds."""
        for level in self._levels(""):
            used = _table(os.path.join(level, "cpu.stat")).get("usage_usec")
            if used is not None:
                return used / 1e6
            break
        for level in self._levels("cpuacct"):
            nanoseconds = _number(os.path.join(level, "cpuacct.usage"))
            return None if nanoseconds is None else nanoseconds / 1e9
        return None
