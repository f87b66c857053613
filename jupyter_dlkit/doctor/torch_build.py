"""What the installed torch was built for, read from its files as text."""

from __future__ import annotations

import ast
import mmap
import os
import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple

from ..hardware.cgroup import read
from .facts import Facts
from .versions import local


@dataclass(frozen=True)
class TorchBuild:
    """A torch on the disk: its folder, version, and the toolkits it was built with, or None.

    ``source`` is the file that told.
    """

    folder: str
    version: str
    cuda: Optional[str]
    hip: Optional[str]
    xpu: Optional[str]
    source: str

    @property
    def kind(self) -> str:
        """In words: ``CUDA 12.6``, ``ROCm 6.4``, ``Intel GPUs``, or ``the CPU only``."""
        if self.cuda:
            return f"CUDA {self.cuda}"
        if self.hip:
            return f"ROCm {'.'.join(self.hip.split('.')[:2])}"
        return "Intel GPUs" if self.is_xpu else "the CPU only"

    @property
    def is_xpu(self) -> bool:
        """Whether it was built for Intel's GPUs."""
        return bool(self.xpu) or local(self.version) == "xpu"

    @property
    def cpu_only(self) -> bool:
        """Whether it can use no accelerator at all (Apple's is in every build for macOS)."""
        return not (self.cuda or self.hip or self.is_xpu)


def places(facts: Facts) -> Tuple[str, ...]:
    """What ``import torch`` could mean, first what it does mean: folders and files."""
    return facts.once("places", lambda: tuple(_places(facts)))


def _places(facts: Facts) -> List[str]:
    found = []
    for entry in facts.path or facts.site:
        folder = os.path.join(entry or facts.cwd, "torch")
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            found.append(folder)
        elif os.path.isfile(folder + ".py"):
            found.append(folder + ".py")
    return list(dict.fromkeys(found))


def torch_build(facts: Facts) -> Optional[TorchBuild]:
    """The torch that the examined interpreter imports; None when there is none."""
    return facts.once("torch", lambda: next(iter(_builds(facts)), None))


def _builds(facts: Facts) -> List[TorchBuild]:
    folders = (one for one in places(facts) if not one.endswith(".py"))
    return [build for build in map(build_in, folders) if build is not None]


def build_in(folder: str) -> Optional[TorchBuild]:
    """The torch in this folder; None when that is no torch."""
    source = os.path.join(folder, "version.py")
    text = read(source)
    if text is None:
        return None
    said = _assigned(text)
    version = said.get("__version__")
    if version is None:
        return None
    cuda, hip = said.get("cuda"), said.get("hip") or said.get("rocm")
    return TorchBuild(folder, version, None if hip else cuda, hip, said.get("xpu"), source)


def _assigned(text: str) -> Dict[str, str]:
    """Texts that are assigned to names; not run, only parsed."""
    found: Dict[str, str] = {}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return found
    for line in tree.body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            target: ast.expr = line.targets[0]
        elif isinstance(line, ast.AnnAssign):
            target = line.target
        else:
            continue
        value = line.value
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Constant):
            continue
        if isinstance(value.value, str):
            found[target.id] = value.value
    return found


#: torch/csrc/cuda/Module.cpp compiles the list that ``get_arch_list`` gives into this library.
_WITH_ARCHITECTURES = "lib/libtorch_python.so"
_ONE = rb"(?:(?:sm|compute)_\d+[af]?|gfx[0-9a-f]+)"
_ARCHITECTURES = re.compile(_ONE + rb"(?: " + _ONE + rb")*\0")
_BEGINNINGS = (b"sm_", b"compute_", b"gfx")


def architectures(facts: Facts) -> Optional[Tuple[str, ...]]:
    """What the build was compiled for (``sm_90``, ``compute_90``, ``gfx942``); None if unknown.

    From the process examined, if it has initialised its accelerator; else the longest such list
    in torch's library.
    """
    known = facts.loaded.get("arch_list")
    if known:
        return tuple(known)
    return facts.once("architectures", lambda: _in_library(torch_build(facts)))


def _in_library(build: Optional[TorchBuild]) -> Optional[Tuple[str, ...]]:
    if build is None or build.cpu_only:
        return None
    try:
        with (
            open(os.path.join(build.folder, _WITH_ARCHITECTURES), "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            lists = [one.decode() for one in _lists(content)]
    except (OSError, ValueError):
        return None
    return tuple(max(lists, key=len).split()) if lists else None


def _lists(content: mmap.mmap) -> Iterator[bytes]:
    """Texts in a library that are such a list; ``find`` is ten times as quick as a pattern."""
    for beginning in _BEGINNINGS:
        at = content.find(beginning)
        while at >= 0:
            match = _ARCHITECTURES.match(content, at)
            if match is not None:
                yield match.group()[:-1]
            at = content.find(beginning, at + 1)
