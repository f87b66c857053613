"""Whose a process is, and what may be said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dlkit.hardware.processes import ProcessReader
from jupyter_dlkit.hardware.values import Process

from .machine_files import MadeUp

ME, SOMEBODY = 1000, 1001
MINE, THEIRS = 41, 42


@pytest.fixture
def host(tmp_path: Path) -> MadeUp:
    host = MadeUp(tmp_path)
    host.process(MINE, ME, "python3", "/opt/env/bin/python3", "/home/me/secret/train.py", "--key=k")
    host.process(THEIRS, SOMEBODY, "python3", "python3", "theirs.py")
    return host


def reader(host: MadeUp, **arguments: bool) -> ProcessReader:
    return ProcessReader(host.roots["proc_root"], uid=ME, **arguments)


def test_mine_has_a_pid_and_a_name_without_folders_or_arguments(host: MadeUp) -> None:
    assert reader(host).describe(MINE, 7) == Process(MINE, 7, "python3 train.py")


def test_another_users_is_bytes_only(host: MadeUp) -> None:
    assert reader(host).describe(THEIRS, 7) == Process(None, 7, None)


def test_one_that_cannot_be_seen_is_bytes_only(host: MadeUp) -> None:
    assert reader(host).describe(999, 7) == Process(None, 7, None)


@pytest.mark.parametrize("link", ["pid:[4026532456]", "something else"])
def test_in_another_pid_namespace_nothing_is_certain(host: MadeUp, link: str) -> None:
    # In a container pid 41 of the driver is a stranger on the host, whatever
    # process has that number here.
    host.namespace(link)
    assert reader(host).describe(MINE, 7) == Process(None, 7, None)


def test_where_the_namespace_cannot_be_read_nothing_is_certain(host: MadeUp) -> None:
    (host.folder / "proc/self/ns/pid").unlink()
    assert reader(host).describe(MINE, 7) == Process(None, 7, None)


def test_a_number_that_is_a_thread_is_no_process(host: MadeUp) -> None:
    host.process(43, ME, "python3", "python3", leader=MINE)
    assert reader(host).describe(43, 7) == Process(None, 7, None)


def test_a_pid_that_another_user_got_meanwhile(host: MadeUp) -> None:
    one = reader(host)
    assert one.describe(MINE, 7).pid == MINE
    host.process(MINE, SOMEBODY, "bash", "bash")
    assert one.describe(MINE, 7) == Process(None, 7, None)


def test_names_switched_off(host: MadeUp) -> None:
    assert reader(host, names=False).describe(MINE, 7) == Process(MINE, 7, None)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["python3", "-m", "ipykernel_launcher", "-f", "c.json"], "python3 -m ipykernel_launcher"),
        (["python3", "-u", "-X", "dev", "run.py"], "python3 run.py"),
        (["python3", "-c", "password = 1"], "python3"),
        (["python3"], "python3"),
        (["nvidia-smi", "secret"], "python3"),
        ([], "python3"),
    ],
)
def test_names(host: MadeUp, arguments: list[str], name: str) -> None:
    host.process(MINE, ME, "python3", *arguments)
    assert reader(host).describe(MINE, None).name == name
