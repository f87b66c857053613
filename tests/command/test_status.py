"""`jupyter dlkit status`, on a machine with and without (stub) GPUs, once and watching."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.hardware.stub import Gpu, Machine, has_driver, two_gpus

from .shell import dlkit, environment

ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "nvidia", record=True)
    made.show(*two_gpus(os.getpid()))
    return made


def on(machine: Machine, **more: str) -> dict[str, str]:
    return {"LD_LIBRARY_PATH": machine.environment()["LD_LIBRARY_PATH"], **more}


def test_a_table_of_the_host_and_each_gpu_and_who_holds_it(machine: Machine) -> None:
    said = dlkit("status", env=on(machine))
    assert (said.code, said.err) == (0, "")
    assert "NVIDIA RTX 6000 Ada Generation" in said.out
    assert "of 48 GiB" in said.out
    assert "82 %" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert "\x1b" not in said.out
    assert "torch" not in said.out  # a shell has none, and needs none


def test_json_is_the_answer_of_the_rest_api_without_history(machine: Machine) -> None:
    status = dlkit("status", "--json", env=on(machine)).json
    assert [device["index"] for device in status["devices"]] == [0, 1]
    assert status["driver"] == "580.65.06"
    assert status["devices"][0]["processes"][0]["pid"] == os.getpid()
    assert status["host"]["memory"]["total"] > 0
    assert 0 <= status["host"]["cpu_percent"] <= 100
    assert "kernel" not in status


@pytest.mark.skipif(has_driver(), reason="this machine has an NVIDIA driver")
def test_without_an_accelerator_it_says_why_and_is_fine() -> None:
    said = dlkit("status")
    assert said.code == 0
    assert "no NVIDIA GPU to show" in " ".join(said.out.split())


def test_colours_are_for_terminals_that_want_them(machine: Machine) -> None:
    assert "\x1b[" in seen(machine, "status")
    assert "\x1b[" not in seen(machine, "status", NO_COLOR="1")
    assert "\x1b[" not in seen(machine, "status", TERM="dumb")
    assert "\x1b[" in dlkit("status", env=on(machine, FORCE_COLOR="1")).out


def test_lines_are_as_wide_as_the_terminal(machine: Machine) -> None:
    narrow = seen(machine, "status", columns=60, NO_COLOR="1").splitlines()
    wide = seen(machine, "status", columns=120, NO_COLOR="1").splitlines()
    assert 40 < max(map(len, narrow)) <= 60
    assert 80 < max(map(len, wide)) <= 120


def test_a_terminal_that_cannot_write_a_bar_gets_no_traceback(machine: Machine) -> None:
    said = dlkit("status", env=on(machine, PYTHONIOENCODING="ascii"))
    assert said.code == 0
    assert "NVIDIA RTX 6000 Ada Generation" in said.out


# Watching ---------------------------------------------------------------------


def shell(machine: Machine, *words: str, columns: int = 80, **more: str) -> pexpect.spawn:
    """In a terminal; `logfile_read` has all that the terminal was sent."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "jupyter_dlkit", *words],
        env=environment(**on(machine, **{"TERM": "xterm-256color", **more})),
        dimensions=(40, columns),
        encoding="utf-8",
        timeout=60,
        logfile=io.StringIO(),
    )


def seen(machine: Machine, *words: str, columns: int = 80, **more: str) -> str:
    """What a terminal is sent, to the end."""
    running = shell(machine, *words, columns=columns, **more)
    running.expect(pexpect.EOF)
    running.close()
    assert running.exitstatus == 0
    return str(running.before)


@pytest.fixture
def watching(machine: Machine) -> Iterator[pexpect.spawn]:
    running = shell(machine, "status", "--watch", "0.1")
    yield running
    running.close(force=True)


def test_watching_shows_what_changes_until_ctrl_c(
    watching: pexpect.spawn, machine: Machine
) -> None:
    watching.expect_exact(ENTER_SCREEN)
    watching.expect("82 %")
    watching.expect("Ctrl-C ends it")
    machine.show(Gpu("GPU-a", "NVIDIA Other", utilization=13))
    watching.expect("NVIDIA Other")
    watching.sendintr()
    watching.expect_exact(LEAVE_SCREEN)
    watching.expect(pexpect.EOF)
    after = str(watching.before)
    watching.close()
    assert watching.exitstatus == 130
    assert "NVIDIA Other" in after  # the last look stays
    assert "Traceback" not in after
    assert cursor_is_shown(watching)


def test_a_watch_that_is_ended_leaves_the_terminal_as_it_was(watching: pexpect.spawn) -> None:
    watching.expect_exact(ENTER_SCREEN)
    watching.expect("Ctrl-C ends it")
    watching.kill(signal.SIGTERM)
    watching.expect_exact(LEAVE_SCREEN)
    watching.expect(pexpect.EOF)
    assert cursor_is_shown(watching)
    watching.close()
    assert watching.exitstatus == 128 + signal.SIGTERM


def test_watching_keeps_one_session_with_the_driver(
    watching: pexpect.spawn, machine: Machine
) -> None:
    for _ in range(3):
        watching.expect("Ctrl-C ends it")
    assert machine.calls().count("nvmlInitWithFlags") == 1


def cursor_is_shown(running: pexpect.spawn) -> bool:
    text = str(running.logfile.getvalue())
    return text.rindex(SHOW_CURSOR) > text.rindex(HIDE_CURSOR)


def test_watching_in_a_pipe_ends_when_nobody_reads(machine: Machine) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "jupyter_dlkit", "status", "--watch", "0.1"],
        env=environment(**on(machine)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None and running.stderr is not None
    looks = 0
    while looks < 2:
        looks += running.stdout.readline() == "\n"
    running.stdout.close()
    assert running.wait(30) == 0
    assert running.stderr.read() == ""
    running.stderr.close()


def test_watching_as_json_is_a_line_for_each_look(machine: Machine) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "jupyter_dlkit", "status", "--watch", "0.1", "--json"],
        env=environment(**on(machine)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    lines = [json.loads(running.stdout.readline()) for _ in range(2)]
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, "")
    assert lines[0]["taken_at"] < lines[1]["taken_at"]


def test_output_that_cannot_be_written_is_a_sentence(machine: Machine) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no /dev/full")
    with full.open("w") as device:
        done = subprocess.run(
            [sys.executable, "-m", "jupyter_dlkit", "status"],
            env=environment(**on(machine)),
            stdout=device,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert re.fullmatch(rf".*{os.strerror(errno.ENOSPC)}.*\.\n", done.stderr)
