"""The host: this real one, and made-up ones with limits of every kind."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from jupyter_dlkit.hardware.host import HostReader, space

from .machine_files import GIB, MIB, V2_MOUNT, MadeUp, v1_mount

NO_LIMIT_V1 = 9223372036854771712
POD = "kubepods.slice/pod7.slice/cri-containerd-9.scope"


@pytest.fixture
def host(tmp_path: Path) -> MadeUp:
    return MadeUp(tmp_path)


class TestThisMachine:
    def test_agrees_with_psutil(self) -> None:
        read = HostReader().read()
        theirs = psutil.virtual_memory()
        assert read.name == socket.gethostname()
        if read.memory.limit is None:
            assert read.memory.total == theirs.total
            assert read.memory.available == pytest.approx(theirs.available, rel=0.1)
        assert read.swap is not None
        assert read.swap.total == psutil.swap_memory().total
        assert read.cpu_count is not None
        assert 0 < read.cpu_count <= len(os.sched_getaffinity(0))

    def test_a_spinning_process_is_load(self) -> None:
        reader = HostReader()
        assert reader.read().cpu_percent is None
        stop = time.monotonic() + 1
        while time.monotonic() < stop:
            pass
        load = reader.read().cpu_percent
        assert load is not None
        assert load >= 0.7 * 100 / len(os.sched_getaffinity(0))

    def test_disks_once_a_file_system(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        paths = (str(tmp_path), str(tmp_path / "a"), str(tmp_path / "not there"))
        (disk,) = HostReader(disks=paths).read().disks
        theirs = psutil.disk_usage(str(tmp_path))
        assert disk.path == str(tmp_path)
        assert (disk.total, disk.free) == (theirs.total, pytest.approx(theirs.free, rel=0.05))

    def test_shared_memory_grows_with_a_file(self) -> None:
        before = space("/dev/shm")
        if before is None:
            pytest.skip("this machine has no /dev/shm")
        place = Path(f"/dev/shm/dlkit-test-{os.getpid()}")
        try:
            place.write_bytes(bytes(8 * MIB))
            after = HostReader().read().shm
        finally:
            place.unlink()
        assert after is not None
        assert after.used is not None
        assert before.used is not None
        assert after.used - before.used >= 4 * MIB


class TestLoad:
    def test_of_all_cores_since_the_last_look(self, host: MadeUp) -> None:
        reader = HostReader(**host.roots)
        assert reader.read().cpu_percent is None
        host.busy(6, 2)
        assert reader.read().cpu_percent == 75.0
        host.busy(6, 10)
        assert reader.read().cpu_percent == 0.0

    def test_too_soon_repeats_the_last(self, host: MadeUp) -> None:
        reader = HostReader(**host.roots)
        host.busy(6, 2)
        assert reader.read().cpu_percent == 75.0
        host.busy(6.05, 2)
        assert reader.read().cpu_percent == 75.0

    def test_waiting_for_disks_is_idle(self, host: MadeUp) -> None:
        reader = HostReader(**host.roots)
        host.write("proc/stat", "cpu 100 0 0 100 200 0 0 0 0 0\n")
        assert reader.read().cpu_percent == 25.0

    def test_in_a_container_with_a_quota_it_is_of_that_quota(self, host: MadeUp) -> None:
        host.cgroup("0::/", V2_MOUNT)
        host.group("", cpu_max="150000 100000", cpu_stat={"usage_usec": 0})
        now = 0.0
        reader = HostReader(**host.roots, clock=lambda: now)
        now = 2.0
        host.group("", cpu_stat={"usage_usec": 1_500_000})
        host.busy(0, 16)  # the machine around it is idle
        read = reader.read()
        assert read.cpu_count == 1.5
        assert read.cpu_percent == 50.0

    def test_of_a_version_1_quota(self, host: MadeUp) -> None:
        mounts = (v1_mount("cpu"), v1_mount("cpuacct"))
        host.cgroup("3:cpu:/docker/7\n4:cpuacct:/docker/7", *mounts)
        host.group("cpu/docker/7", **{"cpu_cfs_quota_us": 200_000, "cpu_cfs_period_us": 100_000})
        host.group("cpuacct/docker/7", cpuacct_usage=0)
        now = 0.0
        reader = HostReader(**host.roots, clock=lambda: now)
        now = 1.0
        host.group("cpuacct/docker/7", cpuacct_usage=500_000_000)
        read = reader.read()
        assert read.cpu_count == 2.0
        assert read.cpu_percent == 25.0

    @pytest.mark.parametrize(
        ("allowed", "quota", "count"),
        [
            ("0-7", "max 100000", 8.0),
            ("0,2-3", "max 100000", 3.0),
            ("0-3", "800000 100000", 4.0),
            ("0-3", "50000 100000", 0.5),
        ],
    )
    def test_cores_are_the_fewest_of_mask_and_quota(
        self, host: MadeUp, allowed: str, quota: str, count: float
    ) -> None:
        host.write("proc/self/status", f"Cpus_allowed_list:\t{allowed}\n")
        host.cgroup("0::/", V2_MOUNT)
        host.group("", cpu_max=quota)
        assert HostReader(**host.roots).read().cpu_count == count

    def test_a_quota_above_the_own_group(self, host: MadeUp) -> None:
        host.cgroup("0::/a/b", V2_MOUNT)
        host.group("a", cpu_max="200000 100000")
        host.group("a/b", cpu_max="max 100000")
        assert HostReader(**host.roots).read().cpu_count == 2.0


class TestMemory:
    def test_of_a_machine_without_limits(self, host: MadeUp) -> None:
        read = HostReader(**host.roots).read()
        memory = read.memory
        assert (memory.source, memory.limit) == ("host", None)
        assert (memory.total, memory.used, memory.available) == (64 * GIB, 16 * GIB, 48 * GIB)
        assert read.swap is not None
        assert (read.swap.total, read.swap.used) == (GIB, GIB - GIB // 4)

    def test_version_2_in_a_container_of_its_own_namespace(self, host: MadeUp) -> None:
        host.cgroup("0::/", V2_MOUNT)
        host.group(
            "",
            memory_max=8 * GIB,
            memory_current=5 * GIB,
            memory_stat={"anon": 3 * GIB, "inactive_file": 2 * GIB},
        )
        memory = HostReader(**host.roots).read().memory
        assert (memory.source, memory.limit) == ("cgroup v2", 8 * GIB)
        # The cache that can be dropped is not used.
        assert (memory.used, memory.available) == (3 * GIB, 5 * GIB)
        assert memory.total == 64 * GIB

    def test_version_2_max_is_no_limit(self, host: MadeUp) -> None:
        host.cgroup("0::/", V2_MOUNT)
        host.group("", memory_max="max", memory_current=5 * GIB)
        assert HostReader(**host.roots).read().memory.source == "host"

    def test_version_2_a_limit_on_the_pod_above(self, host: MadeUp) -> None:
        host.cgroup(f"0::/{POD}", V2_MOUNT)
        host.group(POD, memory_max="max", memory_current=GIB)
        host.group(str(Path(POD).parent), memory_max=4 * GIB, memory_current=3 * GIB)
        memory = HostReader(**host.roots).read().memory
        assert (memory.limit, memory.used, memory.available) == (4 * GIB, 3 * GIB, GIB)

    def test_the_level_with_the_least_room_counts(self, host: MadeUp) -> None:
        host.cgroup("0::/a/b", V2_MOUNT)
        host.group("a/b", memory_max=8 * GIB, memory_current=GIB)
        host.group("a", memory_max=10 * GIB, memory_current=9 * GIB)
        memory = HostReader(**host.roots).read().memory
        assert (memory.limit, memory.available) == (10 * GIB, GIB)

    def test_a_limit_does_not_promise_what_the_machine_lacks(self, host: MadeUp) -> None:
        host.meminfo(MemTotal=64 * GIB, MemAvailable=GIB)
        host.cgroup("0::/", V2_MOUNT)
        host.group("", memory_max=8 * GIB, memory_current=2 * GIB)
        memory = HostReader(**host.roots).read().memory
        assert (memory.used, memory.available) == (2 * GIB, GIB)

    def test_more_cache_than_use_is_not_negative(self, host: MadeUp) -> None:
        host.cgroup("0::/", V2_MOUNT)
        stat = {"inactive_file": 3 * GIB}
        host.group("", memory_max=8 * GIB, memory_current=2 * GIB, memory_stat=stat)
        assert HostReader(**host.roots).read().memory.used == 0

    def test_version_1_of_docker_without_a_namespace(self, host: MadeUp) -> None:
        # The container sees its own group as the root of the mount, but its
        # membership is written as the host sees it.
        host.cgroup("4:memory:/docker/7\n0::/", v1_mount("memory", "/docker/7"))
        host.group(
            "memory",
            **{
                "memory_limit_in_bytes": 6 * GIB,
                "memory_usage_in_bytes": 4 * GIB,
                "memory_stat": {"cache": 2 * GIB, "total_inactive_file": GIB},
            },
        )
        memory = HostReader(**host.roots).read().memory
        assert (memory.source, memory.limit) == ("cgroup v1", 6 * GIB)
        assert (memory.used, memory.available) == (3 * GIB, 3 * GIB)

    def test_version_1_of_a_group_inside_a_container(self, host: MadeUp) -> None:
        host.cgroup("4:memory:/docker/7/inner", v1_mount("memory", "/docker/7"))
        for group, limit in (("memory", 6 * GIB), ("memory/inner", 2 * GIB)):
            files = {"memory_limit_in_bytes": limit, "memory_usage_in_bytes": GIB}
            host.group(group, **files)
        assert HostReader(**host.roots).read().memory.limit == 2 * GIB

    def test_version_1_nested_below_the_mount(self, host: MadeUp) -> None:
        host.cgroup("4:cpu,memory:/user/me", v1_mount("cpu,memory"))
        files = {"memory_limit_in_bytes": 2 * GIB, "memory_usage_in_bytes": GIB}
        host.group("cpu,memory/user/me", **files)
        assert HostReader(**host.roots).read().memory.limit == 2 * GIB

    def test_version_1_no_limit_is_a_huge_number(self, host: MadeUp) -> None:
        host.cgroup("4:memory:/", v1_mount("memory"))
        files = {"memory_limit_in_bytes": NO_LIMIT_V1, "memory_usage_in_bytes": GIB}
        host.group("memory", **files)
        assert HostReader(**host.roots).read().memory.limit is None

    def test_version_1_a_limit_above_what_is_shown(self, host: MadeUp) -> None:
        host.cgroup("4:memory:/", v1_mount("memory"))
        host.group(
            "memory",
            **{
                "memory_limit_in_bytes": NO_LIMIT_V1,
                "memory_usage_in_bytes": GIB,
                "memory_stat": {"hierarchical_memory_limit": 3 * GIB},
            },
        )
        assert HostReader(**host.roots).read().memory.limit == 3 * GIB

    def test_both_versions_mounted(self, host: MadeUp) -> None:
        unified = "33 31 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
        host.cgroup("4:memory:/box\n0::/box", v1_mount("memory"), unified)
        files = {"memory_limit_in_bytes": 2 * GIB, "memory_usage_in_bytes": GIB}
        host.group("memory/box", **files)
        assert HostReader(**host.roots).read().memory.source == "cgroup v1"

    def test_a_group_of_another_namespace(self, host: MadeUp) -> None:
        host.cgroup("0::/../elsewhere", V2_MOUNT)
        host.group("", memory_max=2 * GIB, memory_current=GIB)
        host.group("../elsewhere", memory_max=GIB, memory_current=GIB)  # not a group
        assert HostReader(**host.roots).read().memory.limit == 2 * GIB

    def test_mounts_that_are_hidden(self, host: MadeUp) -> None:
        host.write("proc/self/cgroup", "0::/\n")
        host.group("", memory_max=2 * GIB, memory_current=GIB)
        assert HostReader(**host.roots).read().memory.limit == 2 * GIB

    def test_a_sandbox_without_memavailable(self, host: MadeUp) -> None:
        host.meminfo(MemTotal=4 * GIB, MemFree=GIB, Cached=GIB)
        memory = HostReader(**host.roots).read().memory
        assert (memory.available, memory.used) == (2 * GIB, 2 * GIB)

    def test_a_machine_that_tells_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "proc").mkdir()
        roots = {f"{name}_root": str(tmp_path / name) for name in ("proc", "sys", "dev")}
        read = HostReader(**roots).read()
        assert (read.memory.total, read.memory.used, read.memory.available) == (None, None, None)
        assert (read.cpu_percent, read.swap, read.shm) == (None, None, None)


def test_where_there_is_no_proc_psutil_answers(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    read = HostReader(nowhere, nowhere, nowhere).read()
    assert read.memory.total == psutil.virtual_memory().total
    assert read.swap is not None
    assert read.swap.total == psutil.swap_memory().total
