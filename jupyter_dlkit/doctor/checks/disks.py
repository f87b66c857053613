"""Disks: what is left of them, and whether the data lies on a slow one."""

from __future__ import annotations

import os
import shlex
from typing import Dict, List, Optional, Tuple

from ...hardware.host import space
from ...hardware.values import Space
from ..amounts import GIB, MIB, size
from ..facts import Facts
from ..mounts import MEMORY, NETWORK, Disk, Mount, disk_of, mount_of
from ..registry import Seen, check

#: A checkpoint or a data set no longer fits.
LITTLE = 5 * GIB

#: Not even a notebook can be saved for certain.
NONE_LEFT = 200 * MIB

#: Folders that libraries fill, by the variable that names them.
_FILLED = ("TMPDIR", "HF_HOME", "TORCH_HOME", "XDG_CACHE_HOME")


def _paths(facts: Facts) -> Dict[str, str]:
    """Path to what it is, the user's own first."""
    given = [(path, "data") for path in facts.data]
    given += [(facts.cwd, "working folder"), (facts.home, "home folder")]
    given += [(facts.environ.get(name, ""), name) for name in _FILLED]
    given.append(("/tmp", "temporary files"))
    found: Dict[str, str] = {}
    for path, what in given:
        if path:
            found.setdefault(path, what)
    return found


@check("machine.disk", title="There is room on the disks", seconds=2.0, cause=550)
def disk(facts: Facts) -> Seen:
    """Room for checkpoints, data sets and temporary files."""
    rooms: List[Tuple[Space, str]] = []
    seen = set()
    for path, what in _paths(facts).items():
        try:
            number = os.stat(path).st_dev
        except OSError:
            continue
        found = None if number in seen else space(path)
        if found is not None and found.total:
            seen.add(number)
            rooms.append((found, what))
    if not rooms:
        return Seen("unknown", "Not known: how much room is on the disks", ["no folder to ask"])
    evidence = [
        f"{one.path} ({what}): {size(one.free)} free of {size(one.total)}" for one, what in rooms
    ]
    least, what = min(rooms, key=lambda one: one[0].free or 0)
    command = f"df -h {shlex.quote(least.path)}"
    free = least.free or 0
    if free < LITTLE:
        return Seen(
            "problem" if free < NONE_LEFT else "warning",
            f"Only {size(free)} is left on the disk of the {what}",
            evidence,
            command,
            "Delete old checkpoints and caches (`du -xsh ~/.cache/* | sort -h` shows the large "
            "ones), or put data on another disk.",
        )
    return Seen("ok", None, evidence, command)


@check("machine.storage", title="The data lies on a fast disk", cause=680)
def storage(facts: Facts) -> Seen:
    """Whether a disk rotates, is NVMe, or is on another machine."""
    if not facts.platform.startswith("linux"):
        return Seen("not_applicable", "Only Linux tells of its disks", [facts.platform])
    paths = {p: w for p, w in _paths(facts).items() if w in ("data", "working folder")}
    judged: List[Tuple[str, str, str, Optional[str]]] = []  # verdict, title, evidence, next step
    for path, what in paths.items():
        mount = mount_of(facts, os.path.realpath(path) if facts.root == "/" else path)
        if mount is not None:
            judged.append(_judge(facts, path, what, mount))
    command = "lsblk -d -o NAME,ROTA,MODEL; findmnt -T ."
    if not judged:
        return Seen("unknown", "Not known: on which disk the data lies", ["no mounts are told"])
    order = ("warning", "info", "unknown", "ok")
    worst = min(judged, key=lambda one: order.index(one[0]))
    verdict = "not_applicable" if worst[0] == "unknown" else worst[0]
    return Seen(verdict, worst[1], [one[2] for one in judged], command, worst[3])


def _judge(facts: Facts, path: str, what: str, mount: Mount) -> Tuple[str, str, str, Optional[str]]:
    on = f"{path} ({what}): {mount.kind}"
    if mount.kind.startswith(NETWORK):
        return (
            "info",
            f"The {what} is on another machine ({mount.kind})",
            on,  # not from where: that names a machine, and often a person
            "Small files are slow over a network: copy the data set to a local disk before "
            "training, or read it from few large files.",
        )
    if mount.kind in ("9p", "drvfs"):
        return (
            "warning",
            f"The {what} is on Windows' disk, which is slow under WSL",
            on,
            "Copy it into the Linux file system (below /home).",
        )
    if mount.kind in MEMORY:
        return "ok", f"The {what} lies in memory", on, None
    found = disk_of(facts, mount)
    if found is None:
        return "unknown", f"The disk of the {what} is not told here", on, None
    return _of_disk(what, f"{on} on {found.name}", found)


def _of_disk(what: str, on: str, found: Disk) -> Tuple[str, str, str, Optional[str]]:
    if found.model:
        on += f" ({found.model})"
    if found.virtual or found.rotates is None:
        return "unknown", f"The {what} is on a virtual disk, whose kind is not told", on, None
    if found.rotates:
        return (
            "warning",
            f"The {what} is on a rotating disk",
            f"{on}, queue/rotational is 1",
            "Copy the data set to an SSD: a rotating disk reads a hundred files a second, and a "
            "GPU waits.",
        )
    kind = "an NVMe disk" if found.is_nvme else "an SSD"
    return "ok", f"The {what} is on {kind}", f"{on}, queue/rotational is 0", None
