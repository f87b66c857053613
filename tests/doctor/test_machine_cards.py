"""The health of NVIDIA cards, as a stub of their library tells it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.report import Finding
from tests.hardware.stub import DRIVER_NOT_LOADED, Gpu, Machine, has_driver
from tests.server.until import until

from .checked import Outside, checked

Look = Callable[..., Finding]

HEALTHY = {"slowed": "0x1", "ecc": 1, "ecc_0_0": 0, "ecc_1_0": 0, "ecc_1_1": 0}
HEALTHY |= {"remapped": "0 0 0 0", "persistence": 1}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("nvidia"))


@pytest.fixture(scope="module")
def outside(machine: Machine) -> Iterator[Outside]:
    """A process that finds the stub's library."""
    with Outside(machine.environment()) as process:
        yield process


@pytest.fixture
def look(machine: Machine, outside: Outside) -> Look:
    """What a check says of two cards, of which the second has this health."""

    def look(check: str, facts: Facts | None = None, **health: object) -> Finding:
        first = Gpu("GPU-a", "NVIDIA H100", health=HEALTHY)
        second = Gpu("GPU-b", "NVIDIA L4", temperature=88, health={**HEALTHY, **health})
        machine.show(first, second)
        return outside.checked(check, facts or Facts())

    return look


@pytest.mark.parametrize(
    ("bits", "verdict", "words"),
    [
        ("0x20", "warning", "GPU 1 (NVIDIA L4) is slowed down by heat"),
        ("0x48", "warning", "is slowed down by heat"),
        ("0x80", "warning", "is slowed down by its hardware"),
        ("0x8", "warning", "is slowed down by its hardware"),
        ("0x4", "info", "GPU 1 (NVIDIA L4) runs at its power limit"),
        ("0x0", "ok", "No GPU is slowed down"),
        ("0x1", "ok", "No GPU is slowed down"),
        ("0x102", "ok", "No GPU is slowed down"),
    ],
)
def test_a_card_that_is_slowed_down_is_named(
    look: Look, bits: str, verdict: str, words: str
) -> None:
    seen = look("machine.throttling", slowed=bits)
    assert seen.verdict == verdict
    assert words in seen.title
    assert "GPU 1 (NVIDIA L4)" in seen.evidence[1]
    assert "88 °C, 123 W" in seen.evidence[1]


@pytest.mark.parametrize(
    ("errors", "verdict", "words"),
    [
        ({"ecc_1_0": 2, "ecc_1_1": 2}, "problem", "errors that could not be corrected"),
        ({"remapped": "1 1 0 1"}, "problem", "errors that could not be corrected"),
        ({"remapped": "0 1 1 0"}, "warning", "waits for a restart"),
        ({"ecc_1_1": 5}, "info", "had memory errors in the past"),
        ({"ecc_0_0": 7}, "ok", "No GPU reports memory errors"),
        ({}, "ok", "No GPU reports memory errors"),
    ],
)
def test_errors_of_a_cards_memory_are_told(
    look: Look, errors: dict[str, object], verdict: str, words: str
) -> None:
    seen = look("machine.ecc", **errors)
    assert seen.verdict == verdict
    assert words in seen.title
    assert len(seen.evidence) == 2


def test_cards_without_ecc_are_not_judged(machine: Machine, outside: Outside) -> None:
    machine.show(Gpu("GPU-a", "NVIDIA RTX 4090", health={"persistence": 1}))
    seen = outside.checked("machine.ecc", Facts())
    assert seen.verdict == "not_applicable"
    assert "do not count" in seen.title


def test_persistence_mode_that_is_off_is_told(look: Look) -> None:
    seen = look("machine.persistence", persistence=0)
    assert seen.verdict == "info"
    assert "GPU 1 (NVIDIA L4): persistence mode is off" in seen.evidence
    assert "nvidia-persistenced" in str(seen.next_step)
    assert look("machine.persistence", persistence=1).verdict == "ok"


@pytest.mark.parametrize("check", ["throttling", "ecc", "persistence", "starving"])
def test_without_a_driver_or_a_card_nothing_is_judged(
    machine: Machine, outside: Outside, check: str
) -> None:
    facts = Facts(where="kernel", pid=os.getpid())
    for shown in ({"init": DRIVER_NOT_LOADED}, {"gone": DRIVER_NOT_LOADED}, {}):
        machine.show(**shown)  # type: ignore[arg-type]
        seen = outside.checked(f"machine.{check}", facts)
        assert seen.verdict == "not_applicable"
    if not has_driver():
        assert checked(f"machine.{check}", facts).verdict == "not_applicable"


# What it gets to do ------------------------------------------------------------------


class Process:
    """Number 77 of a fake /proc; `works` lets it use many cores, so that no pace matters."""

    def __init__(self, root: Path) -> None:
        self._file = root / "proc" / "77" / "stat"
        self._file.parent.mkdir(parents=True)
        self._working = threading.Event()
        self._write(0)

    def _write(self, ticks: int) -> None:
        half = self._file.with_name("stat.new")
        half.write_text(f"77 (python) R 1 1 1 0 -1 4194560 1 0 0 0 {ticks} 0 0 0 20 0\n")
        half.replace(self._file)

    def _work(self) -> None:
        began = time.monotonic()
        while self._working.is_set():
            self._write(int(4000 * (time.monotonic() - began)))

    @contextmanager
    def works(self) -> Iterator[None]:
        self._working.set()
        thread = threading.Thread(target=self._work)
        thread.start()
        try:
            yield
        finally:
            self._working.clear()
            thread.join()


def usage(load: float | None, pid: int = 77) -> dict[str, Any]:
    device = {"name": "NVIDIA H100", "utilization": load, "processes": [{"kernel_id": "k"}]}
    return {"devices": [device], "kernels": [{"id": "k", "pid": pid, "notebook": "a.ipynb"}]}


def test_an_accelerator_that_waits_for_the_processor_is_told(tmp_path: Path) -> None:
    process = Process(tmp_path)

    def look(load: float | None, where: str = "server", **others: Any) -> Finding:
        given = {"usage": usage(load), **others}
        return checked("machine.starving", Facts(root=str(tmp_path), where=where, **given))

    assert look(12).verdict == "ok"
    with process.works():
        starves = until(lambda: [one for one in [look(12)] if one.verdict == "warning"])[0]
        assert "NVIDIA H100 waits for the processor: it is used 12 % while a.ipynb" in starves.title
        assert "num_workers" in str(starves.next_step)
        assert look(85).verdict == "ok"
        assert look(None).verdict == "not_applicable"
        assert look(12, "kernel", pid=78).verdict == "not_applicable"  # another kernel's device
        assert until(lambda: look(12, "kernel", pid=77).verdict == "warning")
    assert look(12).verdict == "ok"
    assert look(12, usage=usage(12, pid=78)).verdict == "unknown"  # it is gone


def test_in_a_container_a_kernels_own_open_files_tell(
    machine: Machine, outside: Outside, tmp_path: Path
) -> None:
    process = Process(tmp_path)
    facts = Facts(root=str(tmp_path), where="kernel", pid=77)
    machine.show(Gpu("GPU-a", "NVIDIA H100", utilization=3))

    def verdict() -> str:
        return outside.checked("machine.starving", facts).verdict

    assert verdict() == "not_applicable"
    opened = tmp_path / "proc" / "77" / "fd"
    opened.mkdir()
    (opened / "7").symlink_to("/dev/nvidiactl")
    assert verdict() == "not_applicable"  # NVML alone opens that
    (opened / "8").symlink_to("/dev/nvidia-uvm")
    assert verdict() == "ok"  # it holds the device, and rests
    with process.works():
        assert until(lambda: verdict() == "warning")


def link(folder: Path, address: str, **files: str) -> None:
    place = folder / "sys" / "bus" / "pci" / "devices" / address
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text + "\n")


def test_a_card_with_fewer_lanes_than_its_own_is_told(tmp_path: Path) -> None:
    def look(now: str, most: str = "16", kind: str = "0x030000") -> Finding:
        link(
            tmp_path,
            "0000:01:00.0",
            vendor="0x10de",
            current_link_width=now,
            max_link_width=most,
            current_link_speed="8.0 GT/s PCIe",
            **{"class": kind},
        )
        return checked("machine.pcie", Facts(root=str(tmp_path)))

    assert look("16").verdict == "ok"
    few = look("4")
    assert few.verdict == "warning"
    assert few.title == "The NVIDIA GPU at 0000:01:00.0 has 4 of its 16 PCIe lanes"
    assert "x4 of x16, 8.0 GT/s PCIe now" in few.evidence[0]
    assert look("8").verdict == "info"  # as when two cards share the lanes
    for hidden in ("0", "63", "255", ""):
        assert look(hidden).verdict == "not_applicable"
    assert look("4", kind="0x020000").verdict == "not_applicable"  # a network card
    # One that is wide does not hide one that is narrow.
    link(
        tmp_path,
        "0000:02:00.0",
        vendor="0x1002",
        current_link_width="1",
        max_link_width="16",
        **{"class": "0x120000"},
    )
    assert "AMD" in look("16").title
