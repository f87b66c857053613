"""NVIDIA devices, through the real pynvml and a library compiled for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .conftest import Watch
from .sampler import Sampler
from .stub import (
    DRIVER_NOT_LOADED,
    GIB,
    MIB,
    NO_PERMISSION,
    NOT_SUPPORTED,
    UNKNOWN,
    VERSION_MISMATCH,
    Gpu,
    Machine,
    Running,
    has_driver,
    two_gpus,
)


def test_a_gpu_reports_everything_in_the_units_people_use(machine: Machine, watch: Watch) -> None:
    machine.show(Gpu(uuid="GPU-a", name="NVIDIA Stub 9000", mig=False))
    sample = watch(machine).sample()
    assert sample["driver"] == "580.65.06"
    assert sample["note"] is None
    assert sample["devices"] == [
        {
            "uuid": "GPU-a",
            "index": 0,
            "name": "NVIDIA Stub 9000",
            "vendor": "nvidia",
            # What the driver keeps for itself is neither used nor free.
            "memory": {"total": 24 * GIB, "used": 3 * GIB, "free": 21 * GIB - 512 * MIB},
            "utilization": 37.0,
            "temperature": 54.0,
            "power": {"draw": 123.456, "limit": 350.0},
            "clocks": {"sm": 1710, "memory": 9501},
            "pcie": {"generation": 3, "width": 8, "max_generation": 4, "max_width": 16},
            "mig": {"enabled": False, "parent": None, "instance": None},
            "processes": [],
            "note": None,
        }
    ]


def test_load_changes_from_sample_to_sample_in_one_session(machine: Machine, watch: Watch) -> None:
    sampler = watch(machine)
    seen = []
    for load in (0, 100, 50):
        machine.show(Gpu(utilization=load))
        seen.append(sampler.devices()[0]["utilization"])
    assert seen == [0.0, 100.0, 50.0]
    calls = Counter(machine.calls())
    assert calls["nvmlInitWithFlags"] == 1
    assert calls["nvmlDeviceGetHandleByIndex_v2"] == 1
    assert calls["nvmlDeviceGetName"] == 1
    assert calls["nvmlShutdown"] == 0
    sampler.close()
    assert Counter(machine.calls())["nvmlShutdown"] == 1


WHERE = {
    "nvmlDeviceGetUtilizationRates": ("utilization",),
    "nvmlDeviceGetPowerUsage": ("power", "draw"),
    "nvmlDeviceGetClockInfo": ("clocks", "sm"),
    "nvmlDeviceGetCurrPcieLinkGeneration": ("pcie", "generation"),
    "nvmlDeviceGetCurrPcieLinkWidth": ("pcie", "width"),
    "nvmlDeviceGetMaxPcieLinkGeneration": ("pcie", "max_generation"),
    "nvmlDeviceGetMaxPcieLinkWidth": ("pcie", "max_width"),
    "nvmlDeviceGetMigMode": ("mig",),
    "nvmlDeviceGetName": ("name",),
}


@pytest.mark.parametrize("code", [NOT_SUPPORTED, NO_PERMISSION, UNKNOWN])
def test_what_a_device_does_not_report_is_null_and_the_rest_is_there(
    machine: Machine, watch: Watch, code: int
) -> None:
    sampler = watch(machine)
    for function, (*path, last) in WHERE.items():
        machine.show(Gpu(mig=False, errors={function: code}), driver=None)
        sampler.close()  # names and limits are asked once a session
        device = sampler.devices()[0]
        place: Any = device
        for key in path:
            place = place[key]
        assert place[last] is None, function
        assert device["memory"]["total"] == 24 * GIB
        assert device["temperature"] == 54.0


def test_a_note_says_what_is_missing_and_why(machine: Machine, watch: Watch) -> None:
    machine.show(
        Gpu(
            utilization=None,
            power=None,
            power_limit=None,
            errors={"nvmlDeviceGetClockInfo": NO_PERMISSION},
        )
    )
    note = watch(machine).devices()[0]["note"]
    assert "does not report power draw, power limit and utilization" in note
    assert "may not read clocks" in note


def test_a_device_that_supports_nothing_is_still_a_row(machine: Machine, watch: Watch) -> None:
    nothing = dict.fromkeys(
        ("uuid", "name", "total", "utilization", "temperature", "power", "power_limit")
        + ("clock_sm", "clock_memory", "pcie")
    )
    machine.show(Gpu(**nothing))
    (device,) = watch(machine).devices()
    assert device["uuid"] == "nvidia-0"
    assert device["name"] is None
    assert device["memory"] == {"total": None, "used": None, "free": None}
    assert device["power"] == {"draw": None, "limit": None}
    assert device["processes"] == []


def test_values_marked_not_available_are_null(machine: Machine, watch: Watch) -> None:
    machine.show(Gpu(utilization="na", power="na", power_limit="na", clock_sm="na"))
    device = watch(machine).devices()[0]
    assert device["utilization"] is None
    assert device["power"] == {"draw": None, "limit": None}
    assert device["clocks"] == {"sm": None, "memory": 9501}
    assert "does not report clocks, power draw, power limit and utilization" in device["note"]


def test_a_gpu_that_shares_ram_has_no_memory_of_its_own(machine: Machine, watch: Watch) -> None:
    machine.show(Gpu(total=None))
    device = watch(machine).devices()[0]
    assert device["memory"] == {"total": None, "used": None, "free": None}
    assert "share RAM" in device["note"]
    machine.show(Gpu(total=0, reserved=0, used=0))
    device = watch(machine).devices()[0]
    assert device["memory"]["total"] is None


class TestOldDrivers:
    def test_memory_without_its_second_version(self, tmp_path: Path, watch: Watch) -> None:
        machine = Machine(tmp_path, without=["nvmlDeviceGetMemoryInfo_v2"])
        machine.show(Gpu())
        device = watch(machine).devices()[0]
        assert device["memory"] == {
            "total": 24 * GIB,
            "used": 3 * GIB + 512 * MIB,  # this form counts the reserve as used
            "free": 21 * GIB - 512 * MIB,
        }
        assert device["note"] is None

    def test_processes_of_the_second_version(self, tmp_path: Path, watch: Watch) -> None:
        machine = Machine(tmp_path, without=["nvmlDeviceGetComputeRunningProcesses_v3"])
        machine.show(Gpu(processes=[Running(os.getpid(), GIB)]))
        (process,) = watch(machine).devices()[0]["processes"]
        assert (process["pid"], process["bytes"]) == (os.getpid(), GIB)

    def test_temperature_by_the_newer_function(self, tmp_path: Path, watch: Watch) -> None:
        machine = Machine(tmp_path, without=["nvmlDeviceGetTemperature"])
        machine.show(Gpu(temperature=61))
        assert watch(machine).devices()[0]["temperature"] == 61.0

    def test_no_function_for_processes_at_all(self, tmp_path: Path, watch: Watch) -> None:
        names = [f"nvmlDeviceGetComputeRunningProcesses_v{version}" for version in (2, 3)]
        machine = Machine(tmp_path, without=[*names, "nvmlDeviceGetUUID"])
        machine.show(Gpu(processes=[Running(1, GIB)]))
        device = watch(machine).devices()[0]
        assert device["processes"] == []
        assert device["uuid"] == "nvidia-0"
        assert "does not report processes" in device["note"]


class TestProcesses:
    def test_ours_are_named_and_counted_once(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(
            Gpu(
                processes=[
                    Running(sampler.pid, GIB, "C"),
                    Running(sampler.pid, 2 * GIB, "G"),
                    Running(sampler.pid, GIB, "M"),
                ]
            )
        )
        (process,) = sampler.devices()[0]["processes"]
        assert process["pid"] == sampler.pid
        assert process["bytes"] == 2 * GIB
        assert process["name"].startswith("python")
        assert process["name"].endswith(" -m tests.hardware.sampler")
        assert process["kernel_id"] is None

    def test_bytes_that_the_driver_does_not_know(self, machine: Machine, watch: Watch) -> None:
        machine.show(Gpu(processes=[Running(os.getpid(), None)]))
        (process,) = watch(machine).devices()[0]["processes"]
        assert process["pid"] == os.getpid()
        assert process["bytes"] is None

    def test_a_process_that_is_gone_is_only_bytes(self, machine: Machine, watch: Watch) -> None:
        with subprocess.Popen([sys.executable, "-c", ""]) as ended:
            ended.wait(30)
        machine.show(Gpu(processes=[Running(ended.pid, GIB)]))
        (process,) = watch(machine).devices()[0]["processes"]
        assert (process["pid"], process["name"], process["bytes"]) == (None, None, GIB)

    def test_many_processes(self, machine: Machine, watch: Watch) -> None:
        machine.show(Gpu(processes=[Running(4_000_000 + n, MIB) for n in range(100)]))
        processes = watch(machine).devices()[0]["processes"]
        assert [process["bytes"] for process in processes] == [MIB] * 100

    def test_that_come_while_they_are_listed(self, machine: Machine, watch: Watch) -> None:
        machine.show(Gpu(processes=[Running(4_000_000, MIB)], grows=True))
        device = watch(machine).devices()[0]
        assert [process["bytes"] for process in device["processes"]] == [MIB]
        assert device["note"] is None

    def test_names_can_be_switched_off(self, machine: Machine, watch: Watch) -> None:
        machine.show(Gpu(processes=[Running(os.getpid(), GIB)]))
        (process,) = watch(machine, process_names=False).devices()[0]["processes"]
        assert (process["pid"], process["name"]) == (os.getpid(), None)


class TestMig:
    CARD = "GPU-card"

    def card(self, **changes: Any) -> Gpu:
        small = Gpu(
            uuid="MIG-small",
            name="NVIDIA H100 80GB HBM3 MIG 1g.10gb",
            total=9856 * MIB,
            reserved=0,
            used=GIB,
            utilization=None,
            processes=[Running(os.getpid(), GIB)],
        )
        half = Gpu(uuid="MIG-half", name=None, total=40192 * MIB, slices=(3, 2, 40192))
        return Gpu(
            uuid=self.CARD,
            name="NVIDIA H100 80GB HBM3",
            mig=True,
            utilization=None,
            instances={0: small, 5: half},
            **changes,
        )

    def test_instances_are_devices_after_their_card(self, machine: Machine, watch: Watch) -> None:
        machine.show(self.card(), Gpu(uuid="GPU-whole", mig=False))
        card, small, half, whole = watch(machine).devices()
        assert [d["uuid"] for d in (card, small, half, whole)] == [
            self.CARD,
            "MIG-small",
            "MIG-half",
            "GPU-whole",
        ]
        assert card["mig"] == {"enabled": True, "parent": None, "instance": None}
        assert small["mig"] == {"enabled": True, "parent": self.CARD, "instance": "1g.10gb"}
        assert half["mig"] == {"enabled": True, "parent": self.CARD, "instance": "2c.3g.40gb"}
        assert small["memory"]["total"] == 9856 * MIB
        assert half["name"] == "NVIDIA H100 80GB HBM3"
        assert [process["pid"] for process in small["processes"]] == [os.getpid()]
        assert half["processes"] == []

    def test_an_instance_has_no_load_and_the_card_has_power(
        self, machine: Machine, watch: Watch
    ) -> None:
        machine.show(self.card())
        card, small, _ = watch(machine).devices()
        for device in (card, small):
            assert device["utilization"] is None
        assert card["power"]["draw"] == 123.456
        assert card["temperature"] == 54.0
        assert "MIG is on" in card["note"]
        assert small["power"] == {"draw": None, "limit": None}
        assert "instance" in small["note"]

    def test_instances_come_and_go(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(self.card())
        assert len(sampler.devices()) == 3
        machine.show(Gpu(uuid=self.CARD, mig=True))
        (card,) = sampler.devices()
        assert "no instance" in card["note"]
        machine.show(Gpu(uuid=self.CARD, mig=False))
        (card,) = sampler.devices()
        assert card["note"] is None
        assert card["utilization"] == 37.0


class TestNoDriver:
    def test_no_library(self) -> None:
        if has_driver():
            pytest.skip("this machine has an NVIDIA driver")
        with Sampler(os.environ) as sampler:
            sample = sampler.sample()
        assert sample["devices"] == []
        assert sample["driver"] is None
        assert "No NVIDIA driver was found" in sample["note"]

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            (DRIVER_NOT_LOADED, "not loaded"),
            (VERSION_MISMATCH, "Restart the machine"),
            (NO_PERMISSION, "may not talk"),
            (UNKNOWN, "Unknown Error"),
            (20, "Insufficient Memory"),
        ],
    )
    def test_a_driver_that_does_not_start(
        self, machine: Machine, watch: Watch, code: int, words: str
    ) -> None:
        machine.show(Gpu(), init=code)
        sample = watch(machine).sample()
        assert sample["devices"] == []
        assert words in sample["note"]

    def test_a_driver_without_a_gpu(self, machine: Machine, watch: Watch) -> None:
        sample = watch(machine).sample()
        assert sample["devices"] == []
        assert sample["driver"] == "580.65.06"
        assert "shows no GPU" in sample["note"]

    def test_a_gpu_that_may_not_be_read_leaves_the_other(
        self, machine: Machine, watch: Watch
    ) -> None:
        errors = {"nvmlDeviceGetHandleByIndex_v2": NO_PERMISSION}
        machine.show(Gpu(uuid="GPU-a", errors=errors), Gpu(uuid="GPU-b"))
        first, second = watch(machine).devices()
        assert first["uuid"] == "nvidia-0"
        assert "does not let" in first["note"]
        assert second["uuid"] == "GPU-b"
        assert second["utilization"] == 37.0

    def test_every_question_failing_is_no_exception(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu(), errors={"nvmlDeviceGetCount_v2": UNKNOWN})
        sample = sampler.sample()
        assert sample["devices"] == []
        machine.show(Gpu())
        sampler.advance(60)
        assert len(sampler.devices()) == 1


class TestGoneInTheMiddle:
    def test_a_driver_that_is_unloaded_and_comes_back(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu())
        assert len(sampler.devices()) == 1
        machine.show(Gpu(), gone=DRIVER_NOT_LOADED)
        sample = sampler.sample()
        assert sample["devices"] == []
        assert "not loaded" in sample["note"]
        sampler.advance(60)
        assert sampler.devices() == []
        machine.show(Gpu(utilization=5))
        sampler.advance(60)
        sample = sampler.sample()
        assert sample["devices"][0]["utilization"] == 5.0
        assert sample["note"] is None

    def test_it_is_not_asked_at_every_sample(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu(), gone=DRIVER_NOT_LOADED)
        tries = []
        for second in range(200):
            before = Counter(machine.calls())["nvmlInitWithFlags"]
            assert "not loaded" in sampler.sample()["note"]
            if Counter(machine.calls())["nvmlInitWithFlags"] > before:
                tries.append(second)
            sampler.advance(1)
        assert tries == [0, 2, 6, 14, 30, 62, 122, 182]

    def test_one_gpu_of_two_is_lost_and_comes_back(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        busy, idle = two_gpus()
        machine.show(busy, idle)
        assert len(sampler.devices()) == 2
        lost = Gpu(**{**vars(busy), "lost": True})
        machine.show(lost, idle)
        for _ in range(3):  # the loss itself, waiting, and after trying again
            first, second = sampler.devices()
            assert first["uuid"] == busy.uuid
            assert first["name"] == busy.name
            assert first["memory"] == {"total": None, "used": None, "free": None}
            assert "lost this GPU" in first["note"]
            assert second["uuid"] == idle.uuid
            assert second["temperature"] == 38.0
            sampler.advance(1.5)
        machine.show(busy, idle)
        sampler.advance(60)
        first, _ = sampler.devices()
        assert first["uuid"] == busy.uuid
        assert first["utilization"] == 82.0
        assert first["note"] is None

    def test_somebody_else_shuts_nvml_down(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu())
        assert len(sampler.devices()) == 1
        sampler.shut_nvml_down()
        sample = sampler.sample()
        assert len(sample["devices"]) == 1
        assert sample["note"] is None

    def test_a_gpu_is_added(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu(uuid="GPU-a"))
        assert len(sampler.devices()) == 1
        machine.show(Gpu(uuid="GPU-a"), Gpu(uuid="GPU-b"))
        assert [device["uuid"] for device in sampler.devices()] == ["GPU-a", "GPU-b"]

    def test_samples_go_on_after_close(self, machine: Machine, watch: Watch) -> None:
        sampler = watch(machine)
        machine.show(Gpu())
        sampler.sample()
        sampler.close()
        assert len(sampler.devices()) == 1
