"""`pip install jupyter-dlkit` on Colab changes nothing that is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib

COLAB = Path(__file__).with_name("colab-2026-08.txt")


def listed() -> dict[str, str]:
    """Colab's versions by canonical name."""
    lines = [line for line in COLAB.read_text().splitlines() if not line.startswith("#")]
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pairs}


def dependencies() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


@pytest.mark.parametrize("requirement", dependencies(), ids=str)
def test_what_colab_has_is_new_enough(requirement: Requirement) -> None:
    version = listed()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def resolved(requirements: list[str], folder: Path) -> dict[str, str]:
    """What pip would install on Colab's Python, with Colab's versions as the only choice.

    Raises ``AssertionError`` with what pip says where there is no such choice.
    """
    report = folder / "report.json"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--target", str(folder / "target")]
    command += ["--python-version", "3.13", "--only-binary=:all:", "--constraint", str(COLAB)]
    command += ["--report", str(report), *requirements]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {
        canonicalize_name(entry["metadata"]["name"]): entry["metadata"]["version"]
        for entry in json.loads(report.read_text())["install"]
    }


@pytest.mark.timeout(300)
def test_everything_resolves_to_what_colab_has(tmp_path: Path) -> None:
    chosen = resolved(list(map(str, dependencies())), tmp_path)
    colab = listed()
    assert {"jupyter-server", "tornado", "psutil", "rich", "markdown-it-py"} <= set(chosen)
    assert {n: v for n, v in chosen.items() if n in colab and colab[n] != v} == {}
    # What Colab does not have at all would be new there. (pip reads the markers of the
    # Python that it runs on: these are asked for below 3.12 only.)
    assert set(chosen) - set(colab) <= {"overrides", "exceptiongroup"}


@pytest.mark.timeout(300)
def test_a_dependency_that_moves_something_of_colabs_is_found(tmp_path: Path) -> None:
    """The test above can fail: directly, and through what a dependency asks for."""
    with pytest.raises(AssertionError, match=r"Cannot install rich>=14 because"):
        resolved(["rich>=14"], tmp_path)
    brought = resolved(["ipywidgets>=8.1,<9"], tmp_path)
    assert "comm" in set(brought) - set(listed())
