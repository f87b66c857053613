"""The two halves of the extension, JupyterLab and ipykernel; each condition made with files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts, here

from .checked import checked

SWITCHED_ON = {"ServerApp": {"jpserver_extensions": {"jupyter_dlkit": True}}}


class Environment:
    """A prefix with a Jupyter server, JupyterLab, the extension and a kernel in it."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "env"
        self.site = self.prefix / "lib" / "site-packages"
        self.home = folder / "home"
        for name, version in (
            ("jupyter_server", "2.21.1"),
            ("jupyterlab", "4.6.6"),
            ("jupyter_dlkit", "0.3.0"),
            ("ipykernel", "7.4.0"),
            ("ipython", "9.18.1"),
        ):
            self.install(name, version)
        self.panel("0.3.0")
        self.write("etc/jupyter/jupyter_server_config.d/jupyter_dlkit.json", SWITCHED_ON)

    def install(self, name: str, version: str | None) -> None:
        for old in self.site.glob(f"{name}-*.dist-info"):
            old.rmdir()
        if version is not None:
            (self.site / f"{name}-{version}.dist-info").mkdir(parents=True)

    def write(self, path: str, content: Any) -> None:
        place = self.prefix / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(content))

    def panel(self, version: str | None) -> None:
        path = "share/jupyter/labextensions/jupyter-dlkit/package.json"
        if version is None:
            (self.prefix / path).unlink()
        else:
            self.write(path, {"name": "jupyter-dlkit", "version": version})

    def facts(self, **others: Any) -> Facts:
        given = {"prefix": str(self.prefix), "site": (str(self.site),), "home": str(self.home)}
        return Facts(**{**given, "executable": "/env/bin/python", **others})

    def verdict(self, check: str, **others: Any) -> str:
        return checked(f"extension.{check}", self.facts(**others)).verdict


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


def test_halves_of_different_versions_are_told(environment: Environment) -> None:
    assert environment.verdict("versions") == "ok"
    environment.panel("0.2.9")
    seen = checked("extension.versions", environment.facts())
    assert (seen.verdict, seen.title) == (
        "warning",
        "The panel is of version 0.2.9, the server's half of 0.3.0",
    )
    environment.panel(None)
    assert (
        "panel of jupyter_dlkit is not installed"
        in checked("extension.versions", environment.facts()).title
    )
    environment.panel("0.3.0-rc.1")  # as npm writes it
    environment.install("jupyter_dlkit", "0.3.0rc1")
    assert environment.verdict("versions") == "ok"


def test_a_kernel_with_another_version_than_the_server_is_told(environment: Environment) -> None:
    server = {"versions": {"jupyter-dlkit": "0.4.0"}, "labextension_version": "0.4.0"}
    assert environment.verdict("versions", where="kernel", server=server) == "info"
    environment.install("jupyter_dlkit", "0.4.0")
    assert environment.verdict("versions", where="kernel", server=server) == "ok"
    environment.install("jupyter_dlkit", None)  # a kernel that has none is fine: it is carried
    assert environment.verdict("versions", where="kernel", server=server) == "ok"


@pytest.mark.parametrize("server", [None, "told"])
def test_halves_that_are_switched_off_are_told(
    environment: Environment, server: str | None
) -> None:
    def look(extension: bool, panel: bool) -> str:
        if server == "told":
            told = {"versions": {"jupyter-dlkit": "0.3.0"}}
            told |= {"extension_enabled": extension, "labextension_enabled": panel}
            return checked("extension.enabled", environment.facts(server=told)).title
        own = environment.home / ".jupyter"
        (own / "labconfig").mkdir(parents=True, exist_ok=True)
        switched = {"ServerApp": {"jpserver_extensions": {"jupyter_dlkit": extension}}}
        (own / "jupyter_server_config.json").write_text(json.dumps(switched))
        page = {"disabledExtensions": {"jupyter-dlkit:panel": not panel}}
        (own / "labconfig" / "page_config.json").write_text(json.dumps(page))
        return checked("extension.enabled", environment.facts()).title

    assert look(True, True) == "Both halves of jupyter_dlkit are switched on"
    assert "server's half of jupyter_dlkit is switched off" in look(False, True)
    assert "panel of jupyter_dlkit is switched off" in look(True, False)
    assert look(True, True) == "Both halves of jupyter_dlkit are switched on"


def test_in_an_environment_of_its_own_that_ones_files_count_first(
    environment: Environment,
) -> None:
    own = environment.home / ".jupyter"
    own.mkdir(parents=True)
    off = {"ServerApp": {"jpserver_extensions": {"jupyter_dlkit": False}}}
    (own / "jupyter_server_config.json").write_text(json.dumps(off))
    assert environment.verdict("enabled") == "warning"
    assert environment.verdict("enabled", base_prefix="/usr") == "ok"
    conda = {"CONDA_PREFIX": str(environment.prefix), "CONDA_DEFAULT_ENV": "torch"}
    assert environment.verdict("enabled", environ=conda) == "ok"
    assert environment.verdict("enabled", environ={**conda, "CONDA_DEFAULT_ENV": "base"}) != "ok"
    asked = {"JUPYTER_PREFER_ENV_PATH": "0"}
    assert environment.verdict("enabled", base_prefix="/usr", environ=asked) == "warning"
    asked = {"JUPYTER_CONFIG_PATH": str(own)}
    assert environment.verdict("enabled", base_prefix="/usr", environ=asked) == "warning"


def test_without_its_configuration_the_servers_half_is_off(environment: Environment) -> None:
    path = environment.prefix / "etc/jupyter/jupyter_server_config.d/jupyter_dlkit.json"
    path.unlink()
    assert environment.verdict("enabled") == "warning"
    path.write_text("{ not json")
    assert environment.verdict("enabled") == "warning"
    path.write_text(json.dumps(SWITCHED_ON))
    assert environment.verdict("enabled") == "ok"


def test_an_old_jupyterlab_is_told(environment: Environment) -> None:
    assert environment.verdict("jupyterlab") == "ok"
    environment.install("jupyterlab", "3.6.8")
    assert environment.verdict("jupyterlab") == "warning"
    environment.install("jupyterlab", None)
    assert environment.verdict("jupyterlab") == "info"
    environment.install("jupyter_dlkit", None)
    assert environment.verdict("versions") == "warning"  # a panel that has no server
    assert environment.verdict("enabled") == "not_applicable"
    environment.install("jupyter_server", None)
    for check in ("jupyterlab", "enabled", "versions"):
        assert environment.verdict(check) == "not_applicable"


def test_an_old_ipykernel_is_told(environment: Environment) -> None:
    assert environment.verdict("ipykernel") == "ok"
    environment.install("ipykernel", "5.5.6")
    seen = checked("extension.ipykernel", environment.facts(where="kernel"))
    assert seen.verdict == "warning"
    assert "/env/bin/python -m pip install --upgrade ipykernel" in str(seen.next_step)
    environment.install("ipykernel", "6.17.1")
    environment.install("ipython", "7.20.0")
    assert environment.verdict("ipykernel") == "warning"
    environment.install("ipython", "7.34.0")
    assert environment.verdict("ipykernel") == "ok"
    # What runs counts more than what lies on the disk.
    running = {"ipykernel": "5.5.6"}
    assert environment.verdict("ipykernel", packages=running) == "warning"
    environment.install("ipykernel", None)
    assert environment.verdict("ipykernel") == "info"
    assert environment.verdict("ipykernel", where="server") == "not_applicable"


def test_this_very_environment_is_fine() -> None:
    facts = here()
    assert facts.prefix == sys.prefix
    for check in ("enabled", "jupyterlab", "ipykernel"):
        assert checked(f"extension.{check}", facts).verdict == "ok", check
