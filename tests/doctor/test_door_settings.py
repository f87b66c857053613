"""What a server's command line, configuration and sockets say about its door."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from jupyter_dlkit.doctor import listening
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.server_settings import Told, told

from .patient import link

PID = 4711
LATER = 4e9  # seconds: all files are older
HASH = "argon2:made-up"
LOCKED, OPEN, UNKNOWN = Told(True, True), Told(False, True), Told(None, True)


def facts(folder: Path, *words: str, **environ: str) -> Facts:
    """A machine with a server that was started by this command line."""
    process = folder / f"root/proc/{PID}"
    process.mkdir(parents=True, exist_ok=True)
    (process / "cmdline").write_text("\0".join(["/opt/bin/jupyter-lab", *words]) + "\0")
    (process / "environ").write_text("\0".join(f"{k}={v}" for k, v in environ.items()))
    return Facts(root=str(folder / "root"), home=str(folder), prefix=str(folder / "none"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], Told(False, False)),
        (["--ServerApp.token="], OPEN),
        (["--IdentityProvider.token=''"], OPEN),
        (["--IdentityProvider.token", "''"], OPEN),
        (["--IdentityProvider.token", "--debug"], Told(False, False)),
        (["--token="], Told(False, False)),
        ([f"--IdentityProvider.token={HASH}"], Told(False, False)),
        (["--NotebookApp.token=", f"--PasswordIdentityProvider.hashed_password={HASH}"], LOCKED),
        (["--ServerApp.token=", "--ServerApp.password", HASH], LOCKED),
        (["--ServerApp.token=", "--ServerApp.password="], OPEN),
        (["--ServerApp.token=", "--ServerApp.password"], UNKNOWN),
        (["--ServerApp.token=", "--ServerApp.identity_provider_class=my.Login"], UNKNOWN),
        (["--ServerApp.token=", "--config=gone.py"], UNKNOWN),
        (["--ServerApp.token=", "--JupyterApp.config_dir=/srv/jupyter"], UNKNOWN),
    ],
)
def test_the_command_line(tmp_path: Path, words: list[str], expected: Told) -> None:
    assert told(facts(tmp_path, *words), PID, LATER) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", OPEN),
        (f"c = get_config()\nc.IdentityProvider.hashed_password = '{HASH}'", LOCKED),
        (f"# c.IdentityProvider.hashed_password = '{HASH}'", OPEN),
        ("c.PasswordIdentityProvider.hashed_password = u''", OPEN),
        ("import os\nc.ServerApp.password = os.environ['HASH']", UNKNOWN),
        (f"if True:\n    c.ServerApp.password = '{HASH}'", UNKNOWN),
        (f"c['ServerApp']['password'] = '{HASH}'", UNKNOWN),
        ("c.ServerApp.identity_provider_class = 'my.Login'", UNKNOWN),
        ("load_subconfig('other.py')", UNKNOWN),
        ("c.ServerApp.update({'pass' + 'word': 'x'})", UNKNOWN),
        ("this is no Python", UNKNOWN),
        (f"c.DatabaseClient.password = '{HASH}'", UNKNOWN),
        ("raise SystemExit('it was run')", OPEN),
    ],
)
def test_a_configuration_that_is_a_program_is_read_and_not_run(
    tmp_path: Path, text: str, expected: Told
) -> None:
    (tmp_path / ".jupyter").mkdir()
    (tmp_path / ".jupyter/jupyter_server_config.py").write_text(text)
    assert told(facts(tmp_path, "--ServerApp.token="), PID, LATER) == expected


@pytest.mark.parametrize(
    ("path", "environ", "expected"),
    [
        (".jupyter/jupyter_server_config.json", {}, LOCKED),
        (".jupyter/jupyter_config.json", {}, LOCKED),
        (".jupyter/jupyter_lab_config.json", {}, LOCKED),
        (".jupyter/lab.json", {}, OPEN),
        (".config/jupyter/jupyter_server_config.json", {}, LOCKED),
        ("own/jupyter_server_config.json", {"JUPYTER_CONFIG_DIR": "{}/own"}, LOCKED),
        ("more/jupyter_server_config.json", {"JUPYTER_CONFIG_PATH": "{}/more"}, LOCKED),
        ("root/etc/jupyter/jupyter_server_config.json", {}, LOCKED),
        # Only extensions are taken from there, but who can be sure.
        (".jupyter/jupyter_server_config.d/lock.json", {}, UNKNOWN),
    ],
)
def test_where_configuration_lies(
    tmp_path: Path, path: str, environ: dict[str, str], expected: Told
) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(json.dumps({"IdentityProvider": {"hashed_password": HASH}}))
    given = {name: value.format(tmp_path) for name, value in environ.items()}
    assert told(facts(tmp_path, "--ServerApp.token=", **given), PID, LATER) == expected


def test_a_file_of_the_command_line_lies_below_the_servers_own_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"c.IdentityProvider.hashed_password = '{HASH}'")
    machine = facts(tmp_path, "--config=mine.py", "--ServerApp.token=")
    assert told(machine, PID, LATER) == UNKNOWN
    link(tmp_path / f"root/proc/{PID}/cwd", str(tmp_path))
    assert told(machine, PID, LATER) == LOCKED


def test_a_setting_that_came_after_the_server_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / ".jupyter").mkdir()
    settings = tmp_path / ".jupyter/jupyter_server_config.json"
    settings.write_text(json.dumps({"IdentityProvider": {"hashed_password": HASH}}))
    os.utime(settings, (2000, 2000))
    machine = facts(tmp_path, "--ServerApp.token=")
    assert told(machine, PID, 3000) == LOCKED
    assert told(machine, PID, 1000) == UNKNOWN
    settings.write_text("{}")  # there may have been a password
    os.utime(settings, (2000, 2000))
    assert told(machine, PID, 3000) == OPEN
    assert told(machine, PID, 1000) == UNKNOWN


def test_without_its_command_line_a_server_is_never_said_to_be_open(tmp_path: Path) -> None:
    machine = facts(tmp_path)
    (tmp_path / f"root/proc/{PID}/cmdline").unlink()
    assert told(machine, PID, LATER) == Told(None, False)


#: As in /proc/net/tcp and tcp6 of a machine that has the lowest byte first, with port 8888.
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid inode\n"
ROW = "   0: {}:22B8 00000000:0000 {} 00000000:00000000 00:00000000 00000000 0 0 {} 1 0\n"


@pytest.mark.parametrize(
    ("table", "address", "expected"),
    [
        ("tcp", bytes(4), "all"),
        ("tcp", bytes([127, 0, 0, 1]), "machine"),
        ("tcp", bytes([192, 168, 1, 7]), "network"),
        ("tcp6", bytes(16), "all"),
        ("tcp6", bytes(15) + b"\1", "machine"),
        ("tcp6", bytes(10) + b"\xff\xff\x7f\0\0\1", "machine"),
        ("tcp6", b"\xfe\x80" + bytes(13) + b"\1", "network"),
    ],
)
def test_where_a_process_listens(tmp_path: Path, table: str, address: bytes, expected: str) -> None:
    machine = facts(tmp_path)
    place = tmp_path / "root/proc/net" / table
    place.parent.mkdir()
    order = address
    if sys.byteorder == "little":
        order = b"".join(address[at : at + 4][::-1] for at in range(0, len(address), 4))
    row = ROW.format(order.hex().upper(), "0A", 77)
    place.write_text(HEAD + row)
    assert listening.reach(machine, PID, 8888) == expected
    assert listening.reach(machine, PID, 8889) is None
    link(tmp_path / f"root/proc/{PID}/fd/5", "socket:[78]")
    assert listening.reach(machine, PID, 8888) is None  # another process's
    link(tmp_path / f"root/proc/{PID}/fd/6", "socket:[77]")
    assert listening.reach(machine, PID, 8888) == expected
    place.write_text(HEAD + row.replace(" 0A ", " 01 "))
    assert listening.reach(machine, PID, 8888) is None  # a connection
