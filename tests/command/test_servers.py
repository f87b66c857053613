"""Servers that are found, and servers that do not let a program in."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jupyter_dlkit.command.servers import named, running
from tests.live.announced import listens

from .conftest import Lab, runtime
from .shell import dlkit, environment, one_sentence

#: `secret`, as `jupyter server password` writes it.
PASSWORD = "sha1:a95d35b5fdd3:5254f6a02a2ca1a9d2f1d0b7d1f4e1b1f5d2a8c4"


@contextmanager
def started(home: Path, *options: str, extension: bool = True) -> Iterator[dict[str, str]]:
    """A server with a home of its own; the environment in which it is found."""
    for name in ("config", "data", "runtime", "notebooks"):
        (home / name).mkdir(parents=True)
    env = {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data")}
    env["JUPYTER_RUNTIME_DIR"] = str(home / "runtime")
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", *options]
    command += [f"--ServerApp.root_dir={home / 'notebooks'}"]
    others = ("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupyter_resource_usage")
    loaded = {**dict.fromkeys(others, False), "jupyter_dlkit": extension}
    command += [f"--ServerApp.jpserver_extensions={loaded!r}"]
    log = (home / "log").open("wb")
    process = subprocess.Popen(
        command, env=environment(**env), stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    try:
        deadline = time.monotonic() + 60
        while not listens(home / "runtime"):
            assert process.poll() is None and time.monotonic() < deadline, (
                home / "log"
            ).read_text()
            time.sleep(0.05)
        yield env
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for ``name`` that it has signed itself, and its key."""
    cert, key = folder / "own.pem", folder / "own.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return cert, key


def test_those_that_run_are_found_as_jupyter_finds_them(lab: Lab) -> None:
    from jupyter_server.serverapp import list_running_servers

    folder = runtime(lab.server)
    stale = folder / "jpserver-1.json"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale.write_text(json.dumps({"url": "http://127.0.0.1:1/", "pid": ended.pid}))
    (folder / "jpserver-2.json").write_text("{")
    (folder / "jpserver-3.json").write_text("[]")
    ours = running(str(folder))
    (folder / "jpserver-3.json").unlink()  # Jupyter fails at it
    theirs = list(list_running_servers(str(folder)))
    (folder / "jpserver-2.json").unlink()
    assert [(one.url, one.token, one.root) for one in ours] == [
        (one["url"], one["token"], one["root_dir"]) for one in theirs
    ]
    assert len(ours) == 1


def test_no_server_is_a_sentence(tmp_path: Path) -> None:
    said = dlkit("tensors", env={"JUPYTER_RUNTIME_DIR": str(tmp_path / "none")})
    assert said.code == 1
    assert "No Jupyter server of yours is running on this machine." in one_sentence(said)


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("localhost:8888", "http://localhost:8888/"),
        ("http://localhost:8888/lab/tree/a/lab.ipynb?token=t", "http://localhost:8888/"),
        ("https://hub.org/user/ann/lab", "https://hub.org/user/ann/"),
        ("https://hub.org/user/ann", "https://hub.org/user/ann/"),
        ("http://[::1]:8888/tree", "http://[::1]:8888/"),
        ("http+unix://%2Ftmp%2Fa.sock/?token=t", "http+unix://%2Ftmp%2Fa.sock/"),
    ],
)
def test_an_address_as_it_stands_in_a_browser(address: str, base: str) -> None:
    server = named(address, None)
    assert server.url == base
    assert server.token == ("t" if "token" in address else "")


@pytest.mark.parametrize("address", ["ftp://host/", "http://", "http://host:port/", "http://[::1"])
def test_what_is_no_address_is_wrong_usage(address: str) -> None:
    said = dlkit("tensors", "--server", address)
    assert said.code == 2
    assert "is not the address of a server" in one_sentence(said)


def test_what_does_not_listen_or_does_not_speak_http_is_a_sentence() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        said = dlkit("tensors", "--server", url)
    assert said.code == 1
    assert "cannot be reached (Connection refused)" in one_sentence(said)


def test_a_server_on_a_socket_is_reached_and_says_that_the_extension_is_not_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s"
    with started(tmp_path / "home", f"--ServerApp.sock={path}", extension=False) as env:
        said = dlkit("tensors", env=env)
    assert said.code == 1
    sentence = one_sentence(said)
    assert "The extension jupyter_dlkit is not enabled in the server at http+unix://" in sentence


def test_tls_and_a_password(tmp_path: Path) -> None:
    """One server: its own certificate, no token, and a password."""
    cert, key = certificate(tmp_path, "localhost")
    with started(
        tmp_path / "home",
        *(f"--ServerApp.certfile={cert}", f"--ServerApp.keyfile={key}"),
        *("--ServerApp.ip=localhost", "--ServerApp.port=0", "--IdentityProvider.token="),
        f"--PasswordIdentityProvider.hashed_password={PASSWORD}",
    ) as env:
        said = dlkit("tensors", env=env)
        assert said.code == 1
        assert "is not one that this machine trusts (self-signed certificate" in said.err
        assert "--certificate FILE" in one_sentence(said)

        said = dlkit("tensors", "--certificate", str(cert), env=env)
        assert said.code == 1
        assert "has no token: people log in there, with a password" in one_sentence(said)

        (found,) = running(str(tmp_path / "home" / "runtime"))
        other = found.url.replace("localhost", "127.0.0.1")
        said = dlkit("tensors", "--server", other, "--certificate", str(cert))
        assert "is for another name" in one_sentence(said)

        said = dlkit("tensors", "--server", found.url.replace("https", "http"))
        assert said.code == 1
        assert "Try https:// if it uses TLS." in one_sentence(said)

        said = dlkit("tensors", "--certificate", str(tmp_path / "none"), env=env)
        assert said.code == 2
        assert "No such file" in one_sentence(said)
