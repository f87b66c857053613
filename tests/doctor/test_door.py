"""The door: real servers that are open to all, and what is said of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts, here
from jupyter_dlkit.doctor.report import Finding
from tests.live.announced import listens

from .checked import checked

SECRET = "a-secret-of-this-test"


@contextmanager
def serving(home: Path, *traits: str) -> Iterator[Path]:
    """A Jupyter server, by itself, started as a person would; its runtime folder."""
    runtime = home / "runtime"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
    }
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    command += ["--ServerApp.port=0", f"--ServerApp.root_dir={home}"]
    command += ["--ServerApp.jpserver_extensions={}", *traits]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 60
        while not listens(runtime):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.05)
        yield runtime
    finally:
        process.terminate()
        process.wait(30)


def look(runtime: Path) -> Finding:
    return checked("machine.door", here(environ={"JUPYTER_RUNTIME_DIR": str(runtime)}))


def test_a_server_on_all_addresses_without_a_token_is_a_problem(tmp_path: Path) -> None:
    with serving(tmp_path, "--ip=0.0.0.0", "--IdentityProvider.token=") as runtime:
        seen = look(runtime)
        port = json.loads(next(runtime.glob("jpserver-*.json")).read_text())["port"]
    assert seen.verdict == "problem"
    assert seen.title.startswith("Anybody who reaches this machine can run code on it")
    assert f"all addresses, port {port}, WITHOUT a token" in seen.evidence[0]
    assert str(port) in str(seen.command)
    assert "jupyter server password" in str(seen.next_step)
    assert "ssh -L" in str(seen.next_step)
    # The door is closed: nothing is open any more.
    assert look(runtime).verdict == "not_applicable"


def test_a_server_with_a_token_on_this_machine_only_is_fine(tmp_path: Path) -> None:
    with serving(tmp_path, "--ip=127.0.0.1", f"--IdentityProvider.token={SECRET}") as runtime:
        seen = look(runtime)
    assert seen.verdict == "ok"
    assert SECRET not in str(seen.to_dict())


def test_a_password_of_its_configuration_and_a_star_that_is_announced_as_localhost(
    tmp_path: Path,
) -> None:
    (tmp_path / "config").mkdir()
    settings = {"IdentityProvider": {"hashed_password": "argon2:made-up"}}
    (tmp_path / "config/jupyter_server_config.json").write_text(json.dumps(settings))
    with serving(tmp_path, "--ip=*") as runtime:
        seen = look(runtime)
        said = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
    assert (said["hostname"], said["token"], said["password"]) == ("localhost", "", False)
    assert seen.verdict == "warning" and "without TLS" in seen.title
    assert "all addresses" in seen.evidence[0]
    assert ", with a token or password" in seen.evidence[0]


NO_TOKEN = "--IdentityProvider.token="


def announce(folder: Path, *words: str, number: int = 4711, **fields: Any) -> None:
    """A running server of a made-up machine: its file, as Jupyter writes it, and its process."""
    runtime, process = folder / "runtime", folder / f"root/proc/{number}"
    runtime.mkdir(exist_ok=True)
    process.mkdir(parents=True, exist_ok=True)
    line = ["/opt/jupyter/bin/python", "/opt/jupyter/bin/jupyter-lab", *words]
    (process / "cmdline").write_text("\0".join(line) + "\0")
    given = {"hostname": "localhost", "port": 8888, "secure": False, "token": SECRET}
    given |= {"password": False, "pid": number, "base_url": "/", **fields}
    (runtime / f"jpserver-{number}.json").write_text(json.dumps(given))


def look_in(folder: Path, **environ: str) -> Finding:
    """At the doors of the made-up machine."""
    given = {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), **environ}
    facts = Facts(root=str(folder / "root"), environ=given, home=str(folder), prefix=str(folder))
    return checked("machine.door", facts)


CASES: list[tuple[Mapping[str, Any], str, str]] = [
    ({"token": ""}, "warning", "Every user of this machine"),
    ({}, "ok", "from this machine only"),
    ({"hostname": "127.0.0.1"}, "ok", "from this machine only"),
    ({"hostname": "::1"}, "ok", "from this machine only"),
    ({"hostname": "0.0.0.0", "sock": "/run/jupyter.sock"}, "ok", "from this machine only"),
    ({"hostname": "0.0.0.0"}, "warning", "all addresses, port 8888 without TLS"),
    ({"hostname": "192.168.1.7"}, "warning", "that other machines reach, port 8888 without TLS"),
    ({"hostname": "::"}, "warning", "all addresses, port 8888 without TLS"),
    ({"hostname": "0.0.0.0", "secure": True}, "ok", "a token or password, and TLS"),
    ({"hostname": "0.0.0.0", "secure": True, "token": ""}, "problem", "Anybody"),
    ({"hostname": "0.0.0.0", "token": "", "password": True, "secure": True}, "ok", "TLS"),
]


@pytest.mark.parametrize(("fields", "verdict", "words"), CASES)
def test_each_kind_of_door(
    tmp_path: Path, fields: Mapping[str, Any], verdict: str, words: str
) -> None:
    announce(tmp_path, *([NO_TOKEN] if fields.get("token") == "" else []), **fields)
    seen = look_in(tmp_path)
    assert seen.verdict == verdict, seen
    assert words in seen.title
    assert SECRET not in str(seen.to_dict())
    assert "192.168.1.7" not in str(seen.to_dict())


def test_a_server_that_died_or_a_broken_file_is_no_door(tmp_path: Path) -> None:
    announce(tmp_path, NO_TOKEN, hostname="0.0.0.0", token="")
    assert look_in(tmp_path).verdict == "problem"
    (tmp_path / "root/proc/4711/cmdline").unlink()
    (tmp_path / "root/proc/4711").rmdir()
    assert look_in(tmp_path).verdict == "not_applicable"
    for broken in ("", "[]", "{}", '{"pid": "x"}'):
        (tmp_path / "runtime/jpserver-4711.json").write_text(broken)
        assert look_in(tmp_path).verdict == "not_applicable"


def test_the_worst_of_several_doors_is_told_and_all_are_listed(tmp_path: Path) -> None:
    announce(tmp_path)
    announce(tmp_path, NO_TOKEN, number=4712, hostname="0.0.0.0", token="", port=9999)
    seen = look_in(tmp_path)
    assert seen.verdict == "problem"
    assert len(seen.evidence) == 2


def test_a_server_of_a_hub_is_told_by_its_url(tmp_path: Path) -> None:
    """What is started in a terminal of the hub's server inherits its variables."""
    announce(tmp_path, NO_TOKEN, hostname="0.0.0.0", token="", secure=True)
    assert look_in(tmp_path, JUPYTERHUB_SERVICE_PREFIX="/user/mira/").verdict == "problem"
    announce(tmp_path, hostname="", token="", base_url="/user/mira/")
    assert "JupyterHub" in look_in(tmp_path, JUPYTERHUB_SERVICE_PREFIX="/user/mira").title
    (tmp_path / "root/proc/4711/environ").write_bytes(b"JUPYTERHUB_SERVICE_PREFIX=/user/mira/\0")
    assert "JupyterHub" in look_in(tmp_path).title  # it counts what the server has


@pytest.mark.parametrize(
    ("server", "verdict", "words"),
    [
        ({"ip": "0.0.0.0", "authenticated": False}, "problem", "Anybody"),
        ({"ip": "", "token": False, "password": False}, "problem", "Anybody"),
        ({"ip": "0.0.0.0", "token": False, "authenticated": True}, "warning", "TLS"),
        ({"ip": "0.0.0.0", "hub": True, "token": False}, "ok", "JupyterHub"),
        ({"ip": "localhost", "token": True}, "ok", "this machine only"),
        (
            {"ip": "localhost", "authenticated": False, "allow_origin": "*"},
            "problem",
            "Any web page",
        ),
        ({"ip": "localhost"}, "unknown", "Not known"),
        ({"ip": "0.0.0.0", "socket": True, "token": True}, "ok", "this machine only"),
        ({"ip": "0.0.0.0", "token": True, "certfile": True}, "ok", "TLS"),
    ],
)
def test_what_a_server_says_of_itself(server: dict[str, Any], verdict: str, words: str) -> None:
    facts = Facts(where="server", server={"port": 8888, **server})
    seen = checked("machine.door", facts)
    assert seen.verdict == verdict, seen
    assert words in seen.title


def test_where_jupyter_keeps_its_runtime_files_is_known(tmp_path: Path) -> None:
    announce(tmp_path)
    for environ, folder in (
        ({"JUPYTER_DATA_DIR": str(tmp_path / "data")}, "data/runtime"),
        ({"XDG_DATA_HOME": str(tmp_path / "xdg")}, "xdg/jupyter/runtime"),
        ({}, ".local/share/jupyter/runtime"),
    ):
        place = tmp_path / folder
        place.parent.mkdir(parents=True)
        (tmp_path / "runtime").rename(place)
        facts = Facts(root=str(tmp_path / "root"), environ=environ, home=str(tmp_path))
        assert checked("machine.door", facts).verdict == "ok"
        place.rename(tmp_path / "runtime")
