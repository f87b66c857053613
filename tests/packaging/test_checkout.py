"""What is committed works on any machine, and says nothing about this one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import ROOT

#: Hosts of registries: whoever builds has set their own.
REGISTRIES = re.compile(
    r"registry\.(npmjs|yarnpkg)|files\.pythonhosted|pypi\.org|download\.pytorch|"
    r"deb\.debian|--(extra-)?index-url|npmRegistryServer"
)
#: Those tell users what to type, PyTorch's public index included.
TELLS = re.compile(r"jupyter_dlkit/doctor/|tests/doctor/")
HERE = Path(__file__).name


def text(name: str) -> str:
    try:
        return (ROOT / name).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize(
    "forbidden",
    [REGISTRIES, re.compile(re.escape(str(ROOT)) + r"\b|(?<![\w.])/(root|work|Users)/")],
    ids=["registry", "path of a machine"],
)
def test_no_tracked_file_names_one(forbidden: re.Pattern[str], tracked_files: list[str]) -> None:
    found = {
        name: match.group()
        for name in tracked_files
        if Path(name).name != HERE
        and not (forbidden is REGISTRIES and TELLS.match(name))
        and (match := forbidden.search(text(name)))
    }
    assert found == {}


def test_nothing_that_is_built_is_tracked(tracked_files: list[str]) -> None:
    built = re.compile(r"(^|/)(node_modules|dist|lib|labextension|__pycache__|\.venv[^/]*)/")
    assert [name for name in tracked_files if built.search(name)] == []
