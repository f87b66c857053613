"""Builds the package once, as a user's machine would, from a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def tracked() -> list[str]:
    """What a commit of the checkout as it is would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def tracked_files() -> list[str]:
    return tracked()


@pytest.fixture(scope="session")
def path_without_node(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which there is no Node and none of Node's friends, nor a Python
    environment's commands: what a fresh machine has."""
    folder = tmp_path_factory.mktemp("bin")
    absent = ("node", "npm", "npx", "yarn", "jlpm", "corepack", "pnpm", "jupyter")
    for directory in reversed(os.defpath.split(os.pathsep)):
        for program in Path(directory).glob("*"):
            link = folder / program.name
            if not program.name.startswith(absent) and not link.exists():
                link.symlink_to(program)
    assert shutil.which("node", path=str(folder)) is None
    return str(folder)


@dataclass(frozen=True)
class Built:
    """The three things that a release has, and where they were built."""

    wheel: Path
    sdist: Path
    wheel_from_sdist: Path


def run(command: list[str], **options: object) -> None:
    """Fails with what the command said."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, path_without_node: str) -> Built:
    """Wheel from the checkout by pip, in isolation and without a Node on the machine;
    an sdist of the same; a wheel from that sdist, where there is nothing to build
    JavaScript with at all."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    if (ROOT / "node_modules").is_dir():  # saves fetching 200 MB again; as links, so at once
        shutil.copytree(ROOT / "node_modules", source / "node_modules", True, copy_function=link)
    out = tmp_path_factory.mktemp("dist")
    bare = {**os.environ, "PATH": path_without_node}
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    run([*pip, "-w", str(out / "direct"), str(source)], env=bare)
    # The panel is built by now; what is left to see is what the sdist packs.
    no_npm = {**bare, "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"}
    build = [sys.executable, "-m", "build", "--no-isolation"]
    run([*build, "--sdist", "-o", str(out / "sdist"), str(source)], env=no_npm)
    sdist = next((out / "sdist").glob("*.tar.gz"))
    unpacked = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(sdist, unpacked, filter="data")
    run([*build, "--wheel", "-o", str(out / "second"), str(next(unpacked.iterdir()))], env=bare)
    return Built(
        wheel=next((out / "direct").glob("*.whl")),
        sdist=sdist,
        wheel_from_sdist=next((out / "second").glob("*.whl")),
    )


def link(source: str, target: str) -> str:
    """A hard link where the file system can, otherwise a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
