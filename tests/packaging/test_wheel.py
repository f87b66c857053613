"""What a user gets: one wheel with the server's half and the panel's."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from .conftest import ROOT, Built, run

EXTENSION = "data/data/share/jupyter/labextensions/jupyter-dlkit/"

#: Building takes Node and the panel's packages.
pytestmark = pytest.mark.timeout(900)


def files(wheel: Path) -> dict[str, bytes]:
    """The contents of a wheel; the data folder without its version."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            re.sub(r"^jupyter_dlkit-[^/]*\.(data|dist-info)/", r"\1/", name): archive.read(name)
            for name in archive.namelist()
        }


def metadata(wheel: Path) -> Message:
    return Parser().parsestr(files(wheel)["dist-info/METADATA"].decode())


def javascript(wheel: Path) -> dict[str, bytes]:
    return {name: body for name, body in files(wheel).items() if name.endswith(".js")}


def test_wheel_has_every_module_and_document_of_the_package(
    built: Built, tracked_files: list[str]
) -> None:
    package = {name for name in tracked_files if name.startswith("jupyter_dlkit/")}
    assert package  # the glob above found something to compare
    assert package - set(files(built.wheel)) == set()


def test_wheel_has_the_panel_its_settings_and_the_switch_that_enables_the_server(
    built: Built,
) -> None:
    names = set(files(built.wheel))
    assert {
        EXTENSION + "package.json",
        EXTENSION + "install.json",
        EXTENSION + "static/style.js",
        "data/data/etc/jupyter/jupyter_server_config.d/jupyter_dlkit.json",
    } <= names
    assert any(re.fullmatch(EXTENSION + r"static/remoteEntry\.\w+\.js", name) for name in names)
    assert any(name.startswith(EXTENSION + "schemas/jupyter-dlkit/") for name in names)


def test_wheel_has_the_command_and_its_dependencies(built: Built) -> None:
    scripts = files(built.wheel)["dist-info/entry_points.txt"].decode()
    assert "[console_scripts]" in scripts
    assert "jupyter-dlkit = jupyter_dlkit.command.main:main" in scripts
    required = metadata(built.wheel).get_all("Requires-Dist") or []
    always = {re.split(r"[<>=!~ ;]", line)[0] for line in required if "extra ==" not in line}
    assert {"jupyter_core", "rich", "tornado"} <= {name.replace("-", "_") for name in always}


def test_wheel_carries_nothing_else(built: Built) -> None:
    names = set(files(built.wheel))
    assert {name.split("/")[0] for name in names} == {"jupyter_dlkit", "data", "dist-info"}
    assert not [name for name in names if name.startswith("jupyter_dlkit/labextension")]
    assert not [name for name in names if name.endswith((".map", ".pyc", ".ts", ".tsx"))]


def test_wheel_from_the_sdist_is_the_wheel_from_the_checkout(built: Built) -> None:
    direct, second = files(built.wheel), files(built.wheel_from_sdist)
    assert set(direct) == set(second)
    assert {n for n in direct if direct[n] != second[n]} <= {"dist-info/RECORD"}


def test_sdist_has_the_sources_of_both_halves_and_no_environment(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"package.json", "yarn.lock", "src/index.ts", "pyproject.toml", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or ".venv" in name]


def test_both_halves_have_one_version(built: Built) -> None:
    contents = files(built.wheel)
    version = metadata(built.wheel)["Version"]
    assert json.loads((ROOT / "package.json").read_text())["version"] == version
    assert json.loads(contents[EXTENSION + "package.json"])["version"] == version
    assert f"'{version}'" in contents["jupyter_dlkit/_version.py"].decode().replace('"', "'")


def test_torch_and_ipykernel_come_only_when_asked_for(built: Built) -> None:
    required = metadata(built.wheel).get_all("Requires-Dist") or []
    always = [line for line in required if "extra ==" not in line]
    assert always
    assert not [line for line in always if re.match(r"(torch|ipykernel|ipython|numpy)\b", line)]
    assert [line for line in required if line.startswith("torch") and "extra == 'torch'" in line]


def test_javascript_is_under_150_kilobytes_compressed(built: Built) -> None:
    sizes = {n: len(gzip.compress(body, 9)) for n, body in javascript(built.wheel).items()}
    assert 0 < sum(sizes.values()) < 150_000, sizes


def test_javascript_is_a_production_build(built: Built) -> None:
    for name, body in javascript(built.wheel).items():
        assert b"\n//# sourceMappingURL=" not in body, name
        assert b"\neval(" not in body, name


def test_jupyter_finds_both_halves_of_the_installed_wheel(built: Built, tmp_path: Path) -> None:
    """Installed beside nothing of ours: neither the checkout nor its settings."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--ignore-installed"]
    run([*pip, "--prefix", str(tmp_path), str(built.wheel)])
    packages = next(tmp_path.glob("**/site-packages"))
    prefix = next(path for path in tmp_path.rglob("labextensions")).parent.parent.parent
    environment = {
        **os.environ,
        "PYTHONPATH": str(packages),
        "JUPYTER_NO_CONFIG": "",
        "JUPYTER_PATH": str(prefix / "share" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "none"),
        "JUPYTER_DATA_DIR": str(tmp_path / "none"),
    }

    def said(*words: str) -> str:
        command = [sys.executable, "-m", *words]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)

    version = metadata(built.wheel)["Version"]
    server = said("jupyter_server.extension.serverextension", "list")
    assert re.search(r"jupyter_dlkit \S* ?.*(OK|✔)", server), server
    assert str(packages) in said("pip", "show", "--files", "jupyter-dlkit")
    (script,) = (path for path in tmp_path.rglob("jupyter-dlkit") if path.is_file())
    command = [str(script), "check", "(3,1)", "(4,)"]
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "(3, 4)" in checked.stdout
    panel = said("jupyterlab.labextensions", "list")
    assert re.search(rf"jupyter-dlkit v{re.escape(version)} enabled OK", panel), panel
