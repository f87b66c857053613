"""Which environment this is: the interpreter, and which torch it imports."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional

from ..facts import Facts
from ..registry import Seen, check
from ..torch_build import build_in, places, torch_build
from ..versions import older


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _python(facts: Facts) -> str:
    return facts.interpreter


def _pip(facts: Facts) -> Optional[str]:
    """The ``pip`` that ``!pip`` runs: the first on PATH."""
    for folder in facts.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "pip")
        if folder and os.access(path, os.X_OK):
            return path
    return None


@check("pytorch.environment", title="torch comes from this environment", cause=25)
def environment(facts: Facts) -> Seen:
    """Which interpreter, and whether the torch that it imports is a part of its environment."""
    found = places(facts)
    evidence = [f"interpreter: {facts.executable} (Python {facts.python})"]
    spec = facts.kernelspec or {}
    if spec.get("name"):
        # The other words may hold addresses and keys.
        program = os.path.basename(str((spec.get("argv") or ["a program not told"])[0]))
        evidence.append(f"kernelspec: {spec['name']}, which starts {program}")
    evidence += [f"import torch: {place}" for place in found[:1]]
    evidence += [f"hidden by that: {place}" for place in found[1:3]]
    command = f"{_python(facts)} -c 'import sys; print(sys.executable, sys.path)'"
    if found and not os.path.isfile(os.path.join(found[0], "version.py")):
        return Seen(
            "problem",
            f"{os.path.basename(found[0])} in {os.path.dirname(found[0])} hides PyTorch",
            evidence,
            command,
            f"Rename {found[0]} (nothing of yours may be called torch), and restart the kernel.",
        )
    if not found:
        return Seen("info", f"{facts.executable} is what was examined", evidence, command)
    away = not any(_inside(found[0], one) for one in (facts.prefix, facts.base_prefix))
    user = facts.home and _inside(found[0], os.path.join(facts.home, ".local"))
    if away and user:
        return Seen(
            "warning",
            "torch comes from the user's own site folder, not from this environment",
            evidence,
            command,
            f"Install torch into this environment: {_python(facts)} -m pip install torch; "
            "or start Jupyter with PYTHONNOUSERSITE=1.",
        )
    if away:
        evidence.append(f"PYTHONPATH: {facts.environ.get('PYTHONPATH') or 'not set'}")
        return Seen("info", "torch comes from a folder outside this environment", evidence, command)
    return Seen("ok", f"torch comes from this environment, {facts.prefix}", evidence, command)


def _inside(path: str, folder: str) -> bool:
    if not folder:
        return False
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


@check("pytorch.pip", title="!pip installs into this environment", cause=320)
def pip(facts: Facts) -> Seen:
    """``!pip`` runs the first pip on PATH, which may be another environment's."""
    path = _pip(facts)
    if path is None or not facts.prefix:
        return Seen("not_applicable", "There is no pip on PATH")
    evidence = [f"first pip on PATH: {path}", f"this environment: {facts.prefix}"]
    command = "which pip"
    if _inside(os.path.dirname(path), facts.prefix):
        return Seen("ok", evidence=evidence, command=command)
    return Seen(
        "info",
        "!pip would install into another environment",
        evidence,
        command,
        "In a notebook use %pip, which installs into the kernel's environment; on a shell "
        f"{_python(facts)} -m pip.",
    )


@check("pytorch.server", title="The server and this kernel use one environment", cause=310)
def server(facts: Facts) -> Seen:
    """The difference between the two, which explains many a missing GPU."""
    if facts.where != "kernel" or not facts.server:
        return Seen("not_applicable", "No server and kernel were compared")
    prefix, executable = facts.server.get("prefix"), facts.server.get("executable")
    if not prefix and not executable:
        return Seen("unknown", "The server did not tell its environment")
    build = torch_build(facts)
    ours, theirs = build.version if build else None, _of_server(facts.server)
    evidence = [
        f"server: {executable} (torch {theirs or 'not installed'})",
        f"kernel: {facts.executable} (torch {ours or 'not installed'})",
    ]
    command = "jupyter kernelspec list"
    if prefix and _same(str(prefix), facts.prefix):
        return Seen("ok", evidence=evidence, command=command)
    install = f"Install into the kernel's environment: {_python(facts)} -m pip install torch."
    if theirs and not ours:
        return Seen(
            "warning",
            "torch is installed for the server, but not for this kernel",
            evidence,
            command,
            install,
        )
    if theirs and ours and _cpu(ours) and not _cpu(theirs):
        return Seen(
            "warning",
            "The server's torch has GPU support, but this kernel uses another, for the CPU only",
            evidence,
            command,
            "Choose a kernel of the server's environment, or install torch into this one.",
        )
    return Seen(
        "info",
        "This kernel runs in another environment than the server",
        evidence,
        command,
        "What counts for your code is the kernel's. " + install if not ours else None,
    )


def _of_server(server: Mapping[str, Any]) -> Optional[str]:
    """Its torch's version: from the file, which says CPU or CUDA, else as the server told it."""
    for site in server.get("site") or ():
        build = build_in(os.path.join(str(site), "torch"))
        if build is not None:
            return build.version
    told = server.get("torch")
    return None if told is None else str(told)


def _cpu(version: str) -> bool:
    return version.endswith("+cpu")


@check("pytorch.restart", title="The torch that is loaded is the one that is installed", cause=15)
def restart(facts: Facts) -> Seen:
    """Whether torch was installed anew after this process had imported it."""
    loaded = facts.loaded.get("version")
    if not loaded:
        return Seen("not_applicable", "This process has not imported torch")
    folder = os.path.dirname(str(facts.loaded.get("file") or ""))
    build = torch_build(facts)
    evidence = [f"loaded: torch {loaded} from {folder}"]
    if build is not None:
        evidence.append(f"installed: torch {build.version} in {build.folder}")
    command = "import torch; print(torch.__version__, torch.__file__)"
    if build is None or not _same(build.folder, folder) or build.version == loaded:
        return Seen("ok", evidence=evidence, command=command)
    return Seen(
        "warning",
        "torch was installed anew, and this kernel still has the old one",
        evidence,
        command,
        "Restart the kernel.",
    )


@check("pytorch.python", title="Python is one that PyTorch supports", cause=330)
def python(facts: Facts) -> Seen:
    """Older ones than 3.9 get no PyTorch of today."""
    evidence = [f"Python {facts.python}"]
    if facts.python and older(facts.python, "3.10"):
        return Seen(
            "info",
            f"Python {facts.python} is older than today's PyTorch asks for",
            evidence,
            f"{_python(facts)} --version",
            "Make an environment with Python 3.10 or newer for the current PyTorch.",
        )
    return Seen("ok", evidence=evidence, command=f"{_python(facts)} --version")
