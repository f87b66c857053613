"""What the product has is in the reference, and the reference names nothing else."""

from __future__ import annotations

import argparse
import json
import re

import pytest
import traitlets.config

import jupyter_dlkit
from jupyter_dlkit.command import main as command
from jupyter_dlkit.magics.magic import Magic, magics
from jupyter_dlkit.server.app import DLKit
from tests.live.stack import ROOT

DOCS = ROOT / "docs"


def text(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def test_every_public_name_is_described() -> None:
    described = text("reference/api.md")
    missing = [
        name
        for name in jupyter_dlkit.__all__
        if not name.startswith("__") and not re.search(rf"auto\w+:: (\S+\.)?{name}\b", described)
    ]
    assert missing == []


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """The long ones, which are what the pages speak of."""
    return {one for one in parser._option_string_actions if one.startswith("--")} - {"--help"}


def section(page: str, heading: str) -> str:
    """What stands between a heading of the second rank and the next."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(^## |\Z)", text(page), re.M | re.S)
    assert found is not None, heading
    return found.group(1)


def named_options(said: str) -> set[str]:
    """Options that a section lists, at the beginning of a row or in its signature."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said))


@pytest.mark.parametrize("name", command.names())
def test_every_subcommand_is_described_with_its_options(name: str) -> None:
    (subparsers,) = (
        one for one in command.parser()._actions if isinstance(one, argparse._SubParsersAction)
    )
    said = section("reference/command-line.md", f"jupyter dlkit {name}")
    assert named_options(said) == options_of(subparsers.choices[name])


@pytest.mark.parametrize("magic", magics().values(), ids=list(magics()))
def test_every_magic_is_described_with_its_options(magic: Magic) -> None:
    short = f"%{magic.name}" if magic.short else f"%dlkit {magic.name}"
    said = section("reference/magics.md", short if magic.line else f"%{short}")
    of_others = {"--dim"} if magic.name == "broadcast" else set()
    assert named_options(said) - of_others == options_of(magic.options)


def test_every_environment_variable_is_named() -> None:
    described = set(re.findall(r"`(DLKIT_\w+)`", text("reference/settings.md")))
    sources = (ROOT / "jupyter_dlkit").rglob("*.py")
    used = {
        name
        for path in sources
        for name in re.findall(r'"(DLKIT_[A-Z_]+)"', path.read_text("utf-8"))
    }
    assert described == used


def test_every_gauge_is_named() -> None:
    described = set(re.findall(r"`(dlkit_\w+)`", text("how-to/administer.md")))
    metrics = (ROOT / "jupyter_dlkit" / "server" / "metrics.py").read_text("utf-8")
    assert described == set(re.findall(r'"(dlkit_\w+)"', metrics))


def test_the_administrators_file_sets_what_there_is() -> None:
    block = re.search(r"```python\n(c\.DLKit.*?)```", text("how-to/administer.md"), re.S)
    assert block is not None
    c = traitlets.config.Config()
    exec(block.group(1), {"c": c})
    made = DLKit(config=c)
    assert {name: getattr(made, name) for name in c.DLKit} == dict(c.DLKit)
    assert set(c.DLKit) <= set(DLKit.class_own_traits(config=True))


def test_every_json_of_the_pages_is_json() -> None:
    for path in DOCS.rglob("*.md"):
        for block in re.findall(r"```json\n(.*?)```", path.read_text("utf-8"), re.S):
            json.loads(block)
