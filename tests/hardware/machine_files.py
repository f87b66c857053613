"""Writes the files of a made-up machine: its /proc, /sys and /dev."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

GIB = 2**30
MIB = 2**20

V2_MOUNT = "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
INITIAL_NAMESPACE = "pid:[4026531836]"


def v1_mount(controllers: str, root: str = "/") -> str:
    """A line of mountinfo for a version 1 hierarchy at its usual place."""
    return f"32 31 0:29 {root} /sys/fs/cgroup/{controllers} rw - cgroup cgroup rw,{controllers}"


class MadeUp:
    """A machine of 64 GiB with 48 GiB available and eight cores, under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("proc/self/status", "Name:\tpython\nCpus_allowed_list:\t0-7\n")
        self.meminfo(MemTotal=64 * GIB, MemAvailable=48 * GIB, SwapTotal=GIB, SwapFree=GIB // 4)
        self.busy(0, 0)
        self.namespace(INITIAL_NAMESPACE)

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def meminfo(self, **sizes: int) -> None:
        self.write("proc/meminfo", "".join(f"{k}: {v // 1024} kB\n" for k, v in sizes.items()))

    def busy(self, busy_seconds: float, idle_seconds: float) -> None:
        """Counters of all cores together."""
        ticks = [int(100 * busy_seconds), 0, 0, int(100 * idle_seconds), 0, 0, 0, 0, 0, 0]
        self.write("proc/stat", f"cpu  {' '.join(map(str, ticks))}\ncpu0 1 2 3 4\n")

    def cgroup(self, membership: str, *mounts: str) -> None:
        self.write("proc/self/cgroup", membership + "\n")
        self.write("proc/self/mountinfo", "\n".join(["22 1 8:1 / / rw - ext4 x rw", *mounts]))

    def group(self, path: str, **files: Any) -> None:
        """Files of a control group, by name with `_` for `.`, under /sys/fs/cgroup."""
        for name, value in files.items():
            text = (
                "".join(f"{k} {v}\n" for k, v in value.items())
                if isinstance(value, Mapping)
                else f"{value}\n"
            )
            self.write(f"sys/fs/cgroup/{path}/{name.replace('_', '.', 1)}", text)

    def namespace(self, link: str) -> None:
        place = self.folder / "proc/self/ns/pid"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(link)

    def process(self, pid: int, uid: int, name: str, *arguments: str, leader: int = 0) -> None:
        status = f"Name:\t{name}\nTgid:\t{leader or pid}\nPid:\t{pid}\nUid:\t{uid}\t{uid}\t0\t0\n"
        self.write(f"proc/{pid}/status", status)
        self.write(f"proc/{pid}/cmdline", "\0".join(arguments) + "\0")

    @property
    def roots(self) -> dict[str, str]:
        """The arguments of Collector and HostReader."""
        return {f"{name}_root": str(self.folder / name) for name in ("proc", "sys", "dev")}
