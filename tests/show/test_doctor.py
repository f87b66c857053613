"""A report reads from the top: the one thing to do first, then the rest; what is fine is folded."""

from __future__ import annotations

from dataclasses import replace

from jupyter_dlkit.api.doctor import Diagnosis, diagnosis
from jupyter_dlkit.doctor.report import Finding, build
from jupyter_dlkit.show import html, text
from tests.show.markup import read

DRIVER = Finding(
    "accelerator.driver", "accelerator", "The driver is too old for this torch", "problem",
    ("driver 450.80 knows CUDA 11.0",), "nvidia-smi", "Update the driver to 580 or later.",
)  # fmt: skip
SHM = Finding(
    "machine.shm", "machine", "/dev/shm has only 64 MiB", "warning", ("64 MiB",), "df -h /dev/shm",
    "Start the container with --shm-size=8g.",
)  # fmt: skip
DISK = Finding("machine.disk", "machine", "Not known: room on the disks", "unknown", ("It hangs.",))
MEMORY = Finding("machine.memory", "machine", "There are 16 GiB", "info", ("MemTotal",), "free -h")
TORCH = Finding("pytorch.build", "pytorch", "torch is built for CUDA 13", "ok", ("2.13.0+cu130",))
CLOUD = Finding("cloud.place", "cloud", "This is no cloud's machine", "not_applicable")


def ill(*findings: Finding) -> Diagnosis:
    report = build(
        findings, executable="/env/bin/python", python="3.12.1", where="kernel", seconds=1.2,
        taken_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return diagnosis(replace(report, text="For a forum:\n  one line"), False)


def test_text_reads_from_the_top() -> None:
    assert text.doctor(ill(TORCH, CLOUD, MEMORY, DISK, SHM, DRIVER), 80).splitlines() == [
        "✕ The driver is too old for this torch (1 more below).",
        "",
        "Do this first",
        "  Update the driver to 580 or later.",
        "  driver 450.80 knows CUDA 11.0",
        "  $ nvidia-smi",
        "",
        "Machine",
        "  ! /dev/shm has only 64 MiB",
        "    Start the container with --shm-size=8g.",
        "    64 MiB",
        "    $ df -h /dev/shm",
        "  ? Not known: room on the disks",
        "    It hangs.",
        "  i There are 16 GiB",
        "",
        "✓ 1 check found nothing wrong.",
        "– 1 check does not apply here.",
        "Examined was this kernel: /env/bin/python (Python 3.12.1), in 1.2 s. Whether",
        "installed files are damaged was not examined (integrity).",
    ]


def test_nothing_wrong_is_said_calmly() -> None:
    lines = text.doctor(ill(TORCH, MEMORY), 80).splitlines()
    assert lines[0].startswith("✓ ") and "Do this first" not in lines


def test_a_command_is_never_broken() -> None:
    long = "ls -l " + "/dev/nvidia0 " * 20
    shown = text.doctor(ill(replace(DRIVER, command=long.strip())), 60)
    assert f"  $ {long.strip()}" in shown.splitlines()


def test_html_opens_what_is_wrong_and_folds_what_is_fine() -> None:
    whole = read(html.doctor(ill(TORCH, CLOUD, MEMORY, DISK, SHM, DRIVER)))
    folds = {one.all("summary")[0].text.strip(): one for one in whole.all("details")}
    opened = {title for title, one in folds.items() if "open" in one.attributes}
    assert opened == {"! /dev/shm has only 64 MiB"}
    fine = folds["1 check found nothing wrong"]
    assert "torch is built for CUDA 13" in fine.text and "2.13.0+cu130" in fine.text
    assert "For a forum:" in folds["As text for a forum"].text
    assert "Do this first" in whole.text and "Do this first" not in "".join(
        one.text for one in folds.values()
    )
    signs = [one.attributes["aria-label"] for one in whole.all("span") if "role" in one.attributes]
    assert signs[0] == "problem"
