"""Memory, shared memory, processors: each condition made in a folder, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.report import Finding
from tests.hardware.machine_files import GIB, MIB, V2_MOUNT, MadeUp, v1_mount

from .checked import Outside, checked
from .spaces import Spaces


@pytest.fixture
def made(tmp_path: Path) -> MadeUp:
    """64 GiB with 48 GiB available, eight cores, no container."""
    made = MadeUp(tmp_path / "machine")
    made.meminfo(MemTotal=64 * GIB, MemAvailable=48 * GIB)
    return made


def facts(made: MadeUp, **others: Any) -> Facts:
    return Facts(root=str(made.folder), **others)


# Memory -------------------------------------------------------------------------------


def test_memory_is_judged_by_what_the_book_advises_and_by_what_is_left(made: MadeUp) -> None:
    assert checked("machine.memory", facts(made)).verdict == "ok"
    made.meminfo(MemTotal=16 * GIB, MemAvailable=8 * GIB)
    laptop = checked("machine.memory", facts(made))
    assert (laptop.verdict, laptop.title) == ("info", "This machine has 16 GiB of memory")
    assert "64 GiB" in " ".join(laptop.evidence)
    made.meminfo(MemTotal=16 * GIB, MemAvailable=900 * MIB)
    full = checked("machine.memory", facts(made))
    assert (full.verdict, full.title) == ("warning", "Only 900 MiB of memory is left")
    assert full.next_step is not None
    made.meminfo(MemTotal=2 * GIB, MemAvailable=900 * MIB)  # small, and nearly half of it free
    assert checked("machine.memory", facts(made)).verdict == "info"
    made.meminfo(MemTotal=64 * GIB, MemAvailable=48 * GIB)
    assert checked("machine.memory", facts(made)).verdict == "ok"


@pytest.mark.parametrize("version", [1, 2])
def test_a_containers_limit_counts_and_not_the_hosts_memory(made: MadeUp, version: int) -> None:
    if version == 2:
        made.cgroup("0::/", V2_MOUNT)
        made.group("", memory_max=8 * GIB, memory_current=2 * GIB, memory_stat={})
    else:
        made.cgroup("4:memory:/", v1_mount("memory"))
        made.group(
            "memory", memory_limit_in_bytes=8 * GIB, memory_usage_in_bytes=2 * GIB, memory_stat={}
        )
    seen = checked("machine.memory", facts(made))
    assert (seen.verdict, seen.title) == ("info", "This container may use 8 GiB of memory")
    assert "the machine has 64 GiB" in " ".join(seen.evidence)
    assert seen.command is not None
    assert seen.command.startswith("cat /sys/fs/cgroup/memory")
    used = "memory_current" if version == 2 else "memory_usage_in_bytes"
    made.group("" if version == 2 else "memory", **{used: 8 * GIB - 300 * MIB})
    tight = checked("machine.memory", facts(made))
    assert (tight.verdict, tight.title) == ("warning", "Only 300 MiB of memory is left")


def test_no_meminfo_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    assert checked("machine.memory", Facts(root=str(tmp_path))).verdict == "unknown"


# Shared memory ------------------------------------------------------------------------


def test_dockers_64_mib_of_shared_memory_are_too_little(made: MadeUp, tmp_path: Path) -> None:
    shm = made.folder / "dev" / "shm"
    assert checked("machine.shm", facts(made)).verdict == "warning"  # there is none
    shm.mkdir(parents=True)
    spaces = Spaces(tmp_path / "spaces")
    with Outside(spaces.environment()) as process:

        def look(total: int, free: int, **others: Any) -> Finding:
            spaces.show({str(shm): (total, free)})
            return process.checked("machine.shm", facts(made, **others))

        small = look(64 * MIB, 64 * MIB)
        assert small.verdict == "warning"
        assert "only 64 MiB: workers of a DataLoader die with a bus error" in small.title
        assert "--shm-size" in str(small.next_step)
        pod = look(64 * MIB, 64 * MIB, environ={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
        assert "emptyDir" in str(pod.next_step)
        assert look(8 * GIB, 7 * GIB).verdict == "ok"
        (shm / "torch_1_2").touch()
        full = look(8 * GIB, 10 * MIB)
        assert full.verdict == "warning"
        assert "is full" in full.title
        assert "files torch_*" in " ".join(full.evidence)
        assert look(8 * GIB, 8 * GIB).verdict == "ok"
    assert checked("machine.shm", facts(made, platform="darwin")).verdict == "not_applicable"


# Processors ---------------------------------------------------------------------------


def worker(made: MadeUp, pid: int, parent: int, name: str = "pt_data_worker") -> None:
    made.write(f"proc/{pid}/stat", f"{pid} ({name}) S {parent} 1 1 0 -1 4194560 1 0 0 0 5 3 0 0\n")


def test_more_workers_than_cores_are_told(made: MadeUp) -> None:
    mine = facts(made, pid=4000, where="kernel")
    for pid in range(5000, 5008):
        worker(made, pid, 4000)
    worker(made, 6000, 4001)  # another kernel's
    worker(made, 6001, 4000, "python")
    assert checked("machine.processors", mine).verdict == "ok"
    worker(made, 5008, 4000)
    seen = checked("machine.processors", facts(made, pid=4000))
    assert (seen.verdict, seen.title) == ("warning", "9 DataLoader workers share 8 cores")
    assert "num_workers=8" in str(seen.next_step)


def test_a_quota_that_libraries_do_not_see_is_told(made: MadeUp) -> None:
    assert checked("machine.processors", facts(made)).title == "8 cores may be used"
    made.cgroup("0::/", V2_MOUNT)
    made.group("", cpu_max="150000 100000")
    seen = checked("machine.processors", facts(made))
    assert seen.verdict == "warning"
    assert seen.title == "Libraries start 8 threads, but only 1.5 cores may be used"
    assert "OMP_NUM_THREADS=1" in str(seen.next_step)
    tamed = checked("machine.processors", facts(made, environ={"OMP_NUM_THREADS": "2"}))
    assert (tamed.verdict, tamed.title) == ("info", "Only 1.5 cores may be used")
    made.group("", cpu_max="max 100000")
    assert checked("machine.processors", facts(made)).verdict == "ok"
    made.write("proc/self/status", "Cpus_allowed_list:\t3\n")
    assert checked("machine.processors", facts(made)).title == "Only 1 core may be used"
