"""On which disk a path lies, from /proc/self/mountinfo and /sys/dev/block."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import List, Optional

from .facts import Facts

#: File systems that another machine serves.
NETWORK = ("nfs", "cifs", "smb", "ceph", "lustre", "gpfs", "beegfs", "glusterfs", "afs", "fuse.")

#: File systems that lie in memory.
MEMORY = ("tmpfs", "ramfs")

#: Disks of virtual machines: they report the rotation that their host made up.
_VIRTUAL = re.compile(r"^(vd|xvd)[a-z]")


@dataclass(frozen=True)
class Mount:
    """A file system: its ``point``, its ``kind`` (ext4, nfs4, ...), its ``source``."""

    point: str
    kind: str
    source: str
    number: str


@dataclass(frozen=True)
class Disk:
    """A disk, by its name in the kernel (``nvme0n1``); ``rotates`` is None when not told."""

    name: str
    rotates: Optional[bool]
    virtual: bool
    model: Optional[str]

    @property
    def is_nvme(self) -> bool:
        """Whether it is attached by NVMe."""
        return self.name.startswith("nvme")


def mount_of(facts: Facts, path: str) -> Optional[Mount]:
    """The file system that a path is on; None when the mounts are not told."""
    found = [one for one in facts.once("mounts", lambda: _mounts(facts)) if _holds(one, path)]
    # Of two at one place the later covers the earlier.
    return max(enumerate(found), key=lambda one: (len(one[1].point), one[0]))[1] if found else None


def _mounts(facts: Facts) -> List[Mount]:
    found = []
    for line in (facts.read("/proc/self/mountinfo") or "").splitlines():
        left, _, right = line.partition(" - ")
        before, after = left.split(" "), right.split(" ")
        if len(before) > 4 and len(after) > 1:
            found.append(Mount(_plain(before[4]), after[0], _plain(after[1]), before[2]))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def _holds(mount: Mount, path: str) -> bool:
    point = mount.point.rstrip("/")
    return path == point or path.startswith(point + "/")


def disk_of(facts: Facts, mount: Mount) -> Optional[Disk]:
    """The disk below a file system; None where there is none, or it is not told."""
    for entry in (f"/sys/dev/block/{mount.number}", _by_source(mount)):
        if entry is None:
            continue
        folder = os.path.realpath(facts.under(entry))
        for place in (folder, os.path.dirname(folder)):  # a partition lies in its disk's folder
            rotates = _text(os.path.join(place, "queue", "rotational"))
            if rotates is not None:
                name = os.path.basename(place)
                vendor = _text(os.path.join(place, "device", "vendor"))
                model = _text(os.path.join(place, "device", "model"))
                return Disk(
                    name,
                    {"0": False, "1": True}.get(rotates),
                    bool(_VIRTUAL.match(name)) or _made_up(vendor, model),
                    model,
                )
    return None


def _by_source(mount: Mount) -> Optional[str]:
    """Btrfs and others have numbers of their own; their source names the disk."""
    if not mount.source.startswith("/dev/"):
        return None
    return f"/sys/class/block/{os.path.basename(mount.source)}"


def _made_up(vendor: Optional[str], model: Optional[str]) -> bool:
    said = f"{vendor or ''} {model or ''}".lower()
    return any(word in said for word in ("qemu", "vmware", "virtual", "vbox", "google", "msft"))


def _text(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip() or None
    except OSError:
        return None
