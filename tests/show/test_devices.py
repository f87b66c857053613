"""Devices and the machine, as HTML and as text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jupyter_dlkit.api.devices import Device as TorchDevice
from jupyter_dlkit.api.devices import Devices
from jupyter_dlkit.hardware.values import Device, DeviceMemory, HostMemory, Space
from jupyter_dlkit.show import html, text
from jupyter_dlkit.show.memory_parts import of_accelerator
from tests.show.markup import bare, read
from tests.show.results import CPU, CUDA, GIB, HOST, laptop, workstation

WORKSTATION = """\
NVIDIA RTX 6000  cuda:0                    20 of 48 GiB  82 % busy  71 °C  244 W
██████████▓▓▓▓▓▚▚▚▚▚▚▚▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
█ tensors 6 GiB  ▓ cache 3 GiB  ▚ sweep.ipynb 4 GiB  ▒ other processes 7 GiB
░ free 28 GiB
  this kernel  9 GiB
  a process of another user or container  5 GiB
  sweep.ipynb  4 GiB

NVIDIA RTX 6000  GPU 1                                             0 B of 48 GiB
░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
░ free 48 GiB

CPU and RAM  vm, 8 cores                                 16 of 64 GiB  12 % busy
▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
▒ in use 16 GiB  ░ free 48 GiB"""


def test_who_holds_which_gpu_is_seen_at_once() -> None:
    assert text.status(workstation(), 80) == WORKSTATION


def test_in_html_bars_have_words_and_figures() -> None:
    whole = read(html.status(workstation()))
    first = whole.all("div", "bar")[0]
    assert first.attributes["role"] == "img"
    assert first.attributes["aria-label"] == (
        "Memory: tensors 6 GiB, cache 3 GiB, sweep.ipynb 4 GiB, other processes 7 GiB,"
        " free 28 GiB, of 48 GiB"
    )
    widths = [
        float(re.findall(r"[\d.]+", part.attributes["style"])[0]) for part in first.all("span")
    ]
    assert widths == pytest.approx([12.5, 6.25, 8.33, 14.58, 58.33], abs=0.01)
    assert [one.text for one in whole.all("details")[0].all("li")] == [
        "this kernel: 9 GiB",
        "a process of another user or container: 5 GiB",
        "sweep.ipynb: 4 GiB",
    ]


def test_where_styles_are_taken_away_bars_are_blocks() -> None:
    lines = bare(html.status(workstation()))
    assert lines[:4] == [
        "NVIDIA RTX 6000 cuda:0 20 of 48 GiB",
        "█████▓▓▚▚▚▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░",
        "█ tensors 6 GiB ▓ cache 3 GiB ▚ sweep.ipynb 4 GiB ▒ other processes 7 GiB ░ free 28 GiB",
        "82 % busy · 71 °C · 244 W",
    ]


def test_no_accelerator_and_no_torch_is_a_calm_sentence() -> None:
    expected = "Install the driver, or work on the CPU."
    assert text.status(laptop(), 80).splitlines()[-2:] == ["No NVIDIA driver was found.", expected]
    assert bare(html.status(laptop()))[-2:] == ["No NVIDIA driver was found.", expected]
    alone = laptop().kernel
    assert text.devices(alone, 80) == "cpu  AMD EPYC\n\nThis kernel has not imported torch."


def test_a_gpu_that_this_torch_cannot_use_is_said() -> None:
    kernel = Devices((CPU,), "cpu", "2.13.0+cpu", "This build has none.", "Install another build.")
    said = text.status(replace(workstation(), kernel=kernel), 80).splitlines()
    assert said[-2:] == ["This build has none.", "Install another build."]


def test_a_kernel_alone_on_its_gpu_is_not_listed_again() -> None:
    machine = workstation()
    alone = replace(machine.devices[0], processes=machine.devices[0].processes[:1])
    said = text.status(replace(machine, devices=(alone,)), 80)
    assert "this kernel" not in said and "cache 3 GiB" in said
    assert not read(html.status(replace(machine, devices=(alone,)))).all("details")


def test_parts_of_a_bar_never_exceed_it() -> None:
    """torch's counter and the driver's are read one after the other."""
    device = Device("GPU-1", 0, "G", "nvidia", DeviceMemory(10, 6, 4))
    own = replace(CUDA, allocated=7, reserved=12)
    memory = of_accelerator(device, own, None)
    assert memory is not None
    assert [(part.kind, part.bytes) for part in memory.parts] == [("tensors", 7), ("cache", 3)]
    assert sum(part.bytes for part in memory.parts) == memory.total
    assert of_accelerator(replace(device, memory=DeviceMemory()), own, None) is None


def test_a_device_that_torch_has_not_brought_up_is_not_asked_and_not_guessed() -> None:
    waiting = TorchDevice("cuda:0", None, "cuda", None, False, None, None, None, None)
    shown = text.devices(Devices((CPU, waiting), None, "2.13", "cuda is not in use yet."), 80)
    assert shown.splitlines()[2].split() == ["cuda:0", "not", "in", "use", "here"]
    assert shown.splitlines()[-1] == "cuda is not in use yet."


def test_other_accelerators_stand_beside_the_drivers() -> None:
    mps = TorchDevice("mps:0", None, "mps", None, True, GIB, 2 * GIB, 16 * GIB, None)
    silent = TorchDevice("xla:0", "TPU", "xla", None, True, GIB, None, None, None)
    said = text.status(laptop(kernel=Devices((CPU, mps, silent), "mps:0", "2.13", None)), 60)
    assert "█ tensors 1 GiB  ▓ cache 1 GiB  ░ free 14 GiB" in said
    assert "xla:0  TPU" in said and "1 GiB of tensors" in said


def test_what_runs_short_on_the_host_is_said() -> None:
    host = replace(
        HOST,
        memory=HostMemory(64 * GIB, 3 * GIB, GIB, 4 * GIB, "cgroup v2"),
        shm=Space("/dev/shm", 64 << 20, 60 << 20, 4 << 20),
        disks=(Space("/", 100 * GIB, 50 * GIB, 50 * GIB),),
    )
    said = " ".join(text.status(laptop(host=host), 80).split())
    assert "3 of 4 GiB" in said
    assert "Little shared memory left: 4 of 64 MiB free on /dev/shm." in said
    assert "disk" not in said


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, text.status(workstation(), width).splitlines())) <= width
