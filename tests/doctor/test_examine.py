"""Another interpreter is examined in a process of its own, which always ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_dlkit.doctor import facts
from jupyter_dlkit.doctor.boot import BOOT
from jupyter_dlkit.doctor.examine import examine, order
from jupyter_dlkit.doctor.report import Finding
from tests.hardware.stub import Gpu
from tests.live.stack import Stack

from . import cuda_stub
from .patient import Patient


def script(folder: Path, text: str) -> str:
    """An interpreter that is none."""
    path = folder / "python"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def ended(pid: int, seconds: float = 20) -> bool:
    """Whether the process ends in that time; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return True
        if text.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def wait_for_a_call(patient: Patient, seconds: float = 20) -> None:
    """Until a process has called cuInit."""
    deadline = time.monotonic() + seconds
    while not cuda_stub.calls(patient.libraries):
        assert time.monotonic() < deadline, "nobody has called cuInit"
        time.sleep(0.02)


def test_it_finds_what_a_run_in_this_process_finds(patient: Patient) -> None:
    patient.nvidia(Gpu(), driver="535.129.03", version=12020)
    patient.torch("2.13.0", cuda="13.0")
    heard: list[tuple[Finding, int, int | None]] = []
    report = examine(
        patient.facts(),
        only=["accelerator", "pytorch"],
        on_finding=lambda *one: heard.append(one),
    )
    here = patient.report()
    assert report.complete and report.first == here.first == "accelerator.driver"
    assert {(one.id, one.verdict, one.title) for one in report.checks} == {
        (one.id, one.verdict, one.title) for one in here.checks
    }
    assert {one.id for one, _, _ in heard} == {one.id for one in report.checks}
    assert [done for _, done, _ in heard] == list(range(1, len(report.checks) + 1))
    assert heard[-1][2] == len(report.checks)
    assert "The NVIDIA driver is too old" in report.text and report.where == "kernel"


def test_an_interpreter_of_each_stack_tells_its_own_facts(stack: Stack) -> None:
    report = examine(None, str(stack.python), only=["pytorch"], others={"where": "server"})
    assert report.complete and report.where == "server", report
    assert Path(report.executable).parent == Path(str(stack.python)).parent
    build = next(one for one in report.checks if one.id == "pytorch.build")
    assert "torch 2." in build.title


def test_a_word_that_names_no_check(patient: Patient) -> None:
    report = examine(patient.facts(), only=["nonsense"])
    assert not report.complete
    assert "there is no check called nonsense" in report.checks[0].evidence[0]


def test_progress_of_the_long_check(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    told: list[tuple[str, float, float]] = []
    report = examine(
        patient.facts(), only=["pytorch.integrity"], on_progress=lambda *one: told.append(one)
    )
    assert [one.verdict for one in report.checks] == ["ok"]
    assert told[-1][1] == told[-1][2] > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "ended early (exit status 3)"),
        ("#!/bin/sh\necho it is broken >&2; exit 1\n", "it is broken"),
        ("#!/bin/sh\necho garbage; echo '[]'; echo '{\"type\": 1}'\n", "exit status 0"),
        ("no interpreter at all", "could not be started"),
        (None, "could not be started"),
    ],
)
def test_an_interpreter_that_cannot_examine(tmp_path: Path, text: str | None, why: str) -> None:
    python = script(tmp_path, text) if text else str(tmp_path / "nowhere")
    report = examine(facts.here(), python)
    (finding,) = report.checks
    assert (report.verdict, report.complete) == ("unknown", False)
    assert why in finding.evidence[0] and report.text


def test_it_ends_by_its_limit_and_takes_along_what_it_started(
    patient: Patient, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    python = script(tmp_path, f"#!/bin/sh\nsleep 300 &\necho $! $$ > {pids}\nwait\n")
    report = examine(facts.here(), python, seconds=3.0)
    assert "took too long" in report.checks[0].evidence[0]
    assert all(ended(int(pid)) for pid in pids.read_text().split())


def test_a_driver_that_hangs_is_killed_with_the_rest(patient: Patient) -> None:
    patient.nvidia(Gpu(), hang=1)
    report = examine(patient.facts(), only=["accelerator"])
    assert report.complete
    (pid,) = cuda_stub.calls(patient.libraries)
    assert ended(pid)
    stuck = next(one for one in report.checks if one.id == "accelerator.cuda")
    assert "did not answer" in stuck.title and stuck.verdict == "warning"


def test_cancelled(patient: Patient) -> None:
    patient.nvidia(Gpu(), hang=1)
    cancel = threading.Event()

    def when_it_hangs(*_: object) -> None:
        wait_for_a_call(patient)
        cancel.set()

    report = examine(patient.facts(), only=["accelerator"], cancel=cancel, on_finding=when_it_hangs)
    assert not report.complete
    cancelled = [one for one in report.checks if "cancelled" in " ".join(one.evidence)]
    assert "accelerator.device" in {one.id for one in cancelled}  # it had asked the driver
    assert all(ended(pid) for pid in cuda_stub.calls(patient.libraries))


def test_it_ends_when_whoever_asked_is_gone(patient: Patient) -> None:
    patient.nvidia(Gpu(), hang=1)
    what = order(patient.facts(), ["accelerator.cuda"], seconds=100)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", BOOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(what).encode() + b"\n")
    process.stdin.flush()
    wait_for_a_call(patient)
    process.stdin.close()
    assert process.wait(20) == -signal.SIGKILL
    assert all(ended(pid) for pid in cuda_stub.calls(patient.libraries))


def test_it_writes_nothing_and_imports_no_torch(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")  # importing this one would fail
    before = sorted(str(path) for path in patient.folder.rglob("*"))
    report = examine(patient.facts())
    assert report.complete
    broken = [one for one in report.checks if "torch was imported" in " ".join(one.evidence)]
    assert not broken
    assert sorted(str(path) for path in patient.folder.rglob("*")) == before
    assert os.getpid() not in cuda_stub.calls(patient.libraries)
