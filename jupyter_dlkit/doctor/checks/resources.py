"""Memory, shared memory and processors that this process may use; a container's limits count."""

from __future__ import annotations

import math
import os
from typing import Dict, List, Optional

from ...hardware.cgroup import Cgroup
from ...hardware.host import HostReader
from ...hardware.place import Place, here
from ...hardware.values import Host
from ..amounts import GIB, MIB, cores, size
from ..facts import Facts
from ..registry import Seen, check

#: What the chapter on building a machine advises for training.
ADVISED = 64 * GIB

#: With less than this left, or than this share of a small container, the next cell is killed.
LITTLE, LITTLE_SHARE = GIB, 0.1

#: Workers of a DataLoader hand batches over through shared memory; Docker's default is 64 MiB.
SMALL_SHM = 512 * MIB


def host(facts: Facts) -> Host:
    """The host of this examination, read once."""
    return facts.once("host", lambda: _host(facts))


def _host(facts: Facts) -> Host:
    return HostReader(facts.under("/proc"), facts.under("/sys"), facts.under("/dev")).read()


def place(facts: Facts) -> Place:
    """Where this is, found once."""
    return facts.once("place", lambda: here(facts.root, facts.environ))


@check("machine.memory", title="There is memory to work with", cause=620)
def memory(facts: Facts) -> Seen:
    """What this process may use, and what is left of it."""
    found = host(facts).memory
    usable = found.limit if found.limit is not None else found.total
    if usable is None:
        return Seen("unknown", "Not known: how much memory there is", ["/proc/meminfo is empty"])
    evidence = [f"{size(found.available)} available of {size(usable)}"]
    command = "free -h"
    if found.limit is not None:
        evidence.append(
            f"This container may use {size(found.limit)} ({found.source}); "
            f"the machine has {size(found.total)}"
        )
        name = "memory.max" if found.source == "cgroup v2" else "memory/memory.limit_in_bytes"
        command = f"cat /sys/fs/cgroup/{name}"
    left = found.available
    if left is not None and left < min(LITTLE, LITTLE_SHARE * usable):
        return Seen(
            "warning",
            f"Only {size(left)} of memory is left",
            evidence,
            command,
            "Shut down kernels that you do not need, or give this machine or container more "
            "memory: when it runs out, a kernel is killed without a message.",
        )
    if usable < ADVISED:
        evidence.append(f"The book advises {size(ADVISED)} for a machine that trains")
        title = f"This {'container may use' if found.limit else 'machine has'} {size(usable)}"
        return Seen("info", f"{title} of memory", evidence, command)
    return Seen("ok", f"There are {size(usable)} of memory", evidence, command)


@check("machine.shm", title="Shared memory is large enough for DataLoader workers", cause=520)
def shm(facts: Facts) -> Seen:
    """``/dev/shm``: too small or full, and workers die with a bus error."""
    if not facts.platform.startswith("linux"):
        return Seen(
            "not_applicable", "This system has no /dev/shm", [f"platform: {facts.platform}"]
        )
    found, command = host(facts).shm, "df -h /dev/shm"
    if found is None:
        return Seen(
            "warning",
            "There is no /dev/shm, so DataLoader workers cannot hand over batches",
            ["/dev/shm: no such folder"],
            command,
            "Mount it (`mount -t tmpfs shm /dev/shm`), or use DataLoader(num_workers=0).",
        )
    evidence = [f"/dev/shm: {size(found.free)} free of {size(found.total)}"]
    if found.total is not None and found.total < SMALL_SHM:
        return Seen(
            "warning",
            f"/dev/shm has only {size(found.total)}: workers of a DataLoader die with a bus error",
            evidence,
            command,
            _larger(facts) + " Until then use DataLoader(num_workers=0).",
        )
    if found.free is not None and found.free < 64 * MIB:
        return Seen(
            "warning",
            f"/dev/shm is full ({size(found.free)} left): workers of a DataLoader die",
            [*evidence, *_left_behind(facts)],
            command,
            "Shut down kernels that you do not need; files `torch_*` and `psm_*` in /dev/shm that "
            "no process uses any more may be deleted.",
        )
    return Seen("ok", None, evidence, command)


def _larger(facts: Facts) -> str:
    if place(facts).container == "kubernetes":
        return (
            "Mount an `emptyDir` with `medium: Memory` at /dev/shm in the pod "
            "(JupyterHub: `singleuser.storage.extraVolumes`)."
        )
    return "Start the container with `--shm-size=8g` (Compose: `shm_size`) or `--ipc=host`."


def _left_behind(facts: Facts) -> List[str]:
    names = [one for one in facts.names("/dev/shm") if one.startswith(("torch_", "psm_"))]
    return [f"files torch_* and psm_* in /dev/shm: {len(names)}"] if names else []


@check("machine.processors", title="Processors and workers fit together", cause=630)
def processors(facts: Facts) -> Seen:
    """Cores that may be used, the workers that run, and what libraries believe there are."""
    allowed = host(facts).cpu_count
    if allowed is None:
        return Seen("unknown", "Not known: how many cores there are", [f"of {facts.platform}"])
    quota = Cgroup(facts.under("/proc"), facts.under("/sys")).cpu_quota()
    seen = _affinity(facts) or allowed
    workers = _workers(facts)
    evidence = [f"{cores(allowed)} may be used"]
    if quota is not None:
        evidence.append(f"The container's quota is {cores(quota)}; programs see {cores(seen)}")
    if workers:
        evidence.append(f"{workers} DataLoader workers run in this kernel")
    command = "nproc; cat /sys/fs/cgroup/cpu.max" if quota is not None else "nproc"
    fit = max(1, math.floor(allowed))
    if workers > math.ceil(allowed):
        return Seen(
            "warning",
            f"{workers} DataLoader workers share {cores(allowed)}",
            evidence,
            command,
            f"Use DataLoader(num_workers={fit}): more workers than cores take time from each "
            "other.",
        )
    threads = _threads(facts.environ.get("OMP_NUM_THREADS"))
    if quota is not None and (threads or seen) > 2 * math.ceil(quota):
        started = f"{threads} (OMP_NUM_THREADS)" if threads else f"{seen:g}"
        return Seen(
            "warning",
            f"Libraries start {started} threads, but only {cores(quota)} may be used",
            evidence,
            command,
            f"Set `OMP_NUM_THREADS={fit}` before the kernel starts, or call "
            f"`torch.set_num_threads({fit})`: a container that uses up its quota is stopped for "
            "the rest of each tenth of a second.",
        )
    if allowed < 2:
        return Seen(
            "info",
            f"Only {cores(allowed)} may be used",
            evidence,
            command,
            "A DataLoader with workers has nothing to run them on: keep num_workers=0.",
        )
    return Seen("ok", f"{cores(allowed)} may be used", evidence, command)


def _affinity(facts: Facts) -> Optional[float]:
    """Cores that the process may be scheduled on, which is what libraries count."""
    found = HostReader(facts.under("/proc"), os.devnull, facts.under("/dev")).read().cpu_count
    return found


def _threads(value: Optional[str]) -> Optional[int]:
    first = (value or "").split(",")[0].strip()
    return int(first) if first.isdigit() and int(first) > 0 else None


def _workers(facts: Facts) -> int:
    """Children of the process that torch has named as its workers."""
    if facts.pid is None:
        return 0
    parents: Dict[str, int] = {}
    for name in facts.names("/proc"):
        if name.isdigit():
            text = facts.read(f"/proc/{name}/stat") or ""
            before, _, after = text.rpartition(")")
            words = after.split()
            if "(pt_data_worker" in before and len(words) > 1 and words[1].isdigit():
                parents[name] = int(words[1])
    return sum(parent == facts.pid for parent in parents.values())
