"""`jupyter dlkit doctor`: on a shell, before there is any notebook; exit codes by the verdict."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from jupyter_dlkit.command.errors import INTERRUPTED
from jupyter_dlkit.doctor.report import EXIT_CODES
from tests.live.stack import ROOT
from tests.server.answers import fits

from .shell import Said, dlkit, environment, one_sentence


@pytest.fixture(name="env")
def _env(tmp_path: Path) -> dict[str, str]:
    """A user whose servers write that they run into a folder of their own."""
    (tmp_path / "runtime").mkdir()
    return {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}


def examined(*words: str, env: dict[str, str]) -> tuple[Said, dict[str, Any]]:
    """The command, and the report that it printed."""
    said = dlkit("doctor", "--json", *words, env=env)
    report = dict(fits(said.json, "Doctor"))
    assert said.code == EXIT_CODES[report["verdict"]]
    return said, report


def check(report: dict[str, Any], id: str) -> dict[str, Any]:
    return next(dict(one) for one in report["checks"] if one["id"] == id)


@contextmanager
def open_server(env: dict[str, str]) -> Iterator[None]:
    """A server of this user that listens on all addresses, and was told to have no token."""
    command = [sys.executable, "-c", "input()", "--IdentityProvider.token="]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        said = {"pid": process.pid, "hostname": "0.0.0.0", "port": 8888, "token": ""}
        said |= {"secure": False, "password": False, "url": "http://x:8888/", "base_url": "/"}
        path = Path(env["JUPYTER_RUNTIME_DIR"]) / "jpserver-1.json"
        path.write_text(json.dumps(said))
        yield
        path.unlink()


def test_this_interpreter_is_examined(env: dict[str, str]) -> None:
    _, report = examined(env=env)
    assert (report["executable"], report["where"]) == (sys.executable, "shell")
    assert report["integrity"] is False


def test_a_problem_is_exit_code_2_and_stands_on_top(env: dict[str, str]) -> None:
    _, before = examined(env=env)
    assert check(before, "machine.door")["verdict"] != "problem"
    with open_server(env):
        said, report = examined(env=env)
        text = dlkit("doctor", env=env)
    assert said.code == 2
    door = check(report, "machine.door")
    assert door["verdict"] == "problem"
    assert text.code == 2
    assert text.err == ""  # a bar is for terminals
    top = " ".join(text.out.split("\n\n")[0].split())
    assert top.startswith("✕ ")
    if report["first"] == "machine.door":
        assert door["title"] in top
    assert " ".join(door["next_step"].split())[:40] in " ".join(text.out.split())
    _, after = examined(env=env)
    assert check(after, "machine.door")["verdict"] != "problem"


def installed(site: Path, source: str) -> None:
    """A distribution `torch` whose `RECORD` says what its one file was published as."""
    info = site / "torch-2.13.0.dist-info"
    info.mkdir(parents=True)
    (site / "torch").mkdir()
    published = b"__version__ = '2.13.0'\ncuda = None\nhip = None\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(published).digest()).rstrip(b"=").decode()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n")
    (info / "RECORD").write_text(
        f"torch/version.py,sha256={digest},{len(published)}\n"
        "torch-2.13.0.dist-info/METADATA,,\ntorch-2.13.0.dist-info/RECORD,,\n"
    )
    (site / "torch" / "version.py").write_bytes(source.encode() or published)


def test_another_environment_and_its_damaged_files(tmp_path: Path, env: dict[str, str]) -> None:
    folder = tmp_path / "other"
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    installed(site, "a download that was cut off")

    _, quick = examined("--python", str(folder), env=env)
    assert quick["executable"] == str(folder / "bin" / "python")
    assert "pytorch.integrity" not in [one["id"] for one in quick["checks"]]
    said, report = examined("--python", str(folder / "bin" / "python"), "--integrity", env=env)
    assert said.code == 2
    found = check(report, "pytorch.integrity")
    assert found["verdict"] == "problem"
    assert "torch/version.py" in "\n".join([found["title"], *found["evidence"]])

    (site / "torch" / "version.py").write_bytes(
        b"__version__ = '2.13.0'\ncuda = None\nhip = None\n"
    )
    _, mended = examined("--python", str(folder), "--integrity", env=env)
    assert mended["integrity"] is True
    assert check(mended, "pytorch.integrity")["verdict"] == "ok"


def reader_of(pipe: Path) -> int:
    """The other end of a named pipe, once somebody has begun to read it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as nobody:
            if nobody.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


@pytest.mark.parametrize("words", [(), ("--python", sys.executable)], ids=["here", "another"])
def test_ctrl_c_ends_the_reading_of_files(
    tmp_path: Path, env: dict[str, str], words: tuple[str, ...]
) -> None:
    site = tmp_path / "site-packages"
    installed(site, "")
    (site / "torch/__init__.py").touch()
    os.mkfifo(site / "torch/endless")
    with (site / "torch-2.13.0.dist-info/RECORD").open("a") as record:
        record.write(f"torch/endless,sha256={'A' * 43},\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_dlkit", "doctor", "--integrity", *words],
        env=environment(**{**env, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        pipe = reader_of(site / "torch/endless")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    # By the signal itself where it came while a module was being imported: CPython then ends so
    # although it was caught (in `exec` of a text, of which dataclasses are made).
    assert process.returncode in (INTERRUPTED, -signal.SIGINT)
    assert said == b""
    with pytest.raises(BrokenPipeError):  # nobody reads any more
        os.write(pipe, b"x")
    os.close(pipe)


def test_another_environment_is_examined_from_the_users_folder(
    tmp_path: Path, env: dict[str, str]
) -> None:
    words = ("doctor", "--json", "--python", sys.executable)
    report = dlkit(*words, env=env, cwd=tmp_path).json
    seen = [*check(report, "machine.disk")["evidence"]]
    seen += check(report, "machine.storage")["evidence"]
    assert any(f"{tmp_path} (working folder)" in line for line in seen), seen


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nowhere/python", "'/nowhere/python' is no Python interpreter."),
        ("/proc", "'/proc' is a folder without a Python interpreter."),
    ],
)
def test_what_is_no_interpreter_is_a_sentence(path: str, sentence: str) -> None:
    said = dlkit("doctor", "--python", path)
    assert said.code == 2
    assert one_sentence(said).startswith(sentence)


def test_what_only_looks_like_an_interpreter_is_not_known(env: dict[str, str]) -> None:
    said, report = examined("--python", "/bin/false", env=env)
    assert (said.code, report["verdict"], report["complete"]) == (1, "unknown", False)


def test_as_text_for_a_forum(tmp_path: Path, env: dict[str, str]) -> None:
    home = tmp_path / "home" / "ann"
    home.mkdir(parents=True)
    said = dlkit("doctor", "--text", env={**env, "HOME": str(home), "USER": "ann"}, cwd=home)
    assert said.out.strip()
    assert str(home) not in said.out
    assert "ann" not in said.out.split()


def test_a_terminal_gets_colours_and_no_bar_stays(env: dict[str, str]) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "jupyter_dlkit", "doctor"],
        env=environment(TERM="xterm-256color", **env),
        encoding="utf-8",
        dimensions=(40, 90),
        timeout=60,
    )
    terminal.expect("Examined was this shell")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus in (0, 1, 2)
    assert "\x1b[2m" in terminal.before or "\x1b[" in str(terminal.before)
