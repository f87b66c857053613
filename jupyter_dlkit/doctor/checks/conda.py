"""Conda environments: whether torch's packages are whole, and not installed twice."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Optional, Tuple

from ...hardware.cgroup import read
from ..facts import Facts
from ..installed import distributions
from ..registry import Seen, check
from ..versions import release

#: Beginnings of the names of conda's packages that torch consists of.
TORCH_PACKAGES = (
    "pytorch",
    "libtorch",
    "torchvision",
    "torchaudio",
    "cuda-cudart",
    "cuda-nvrtc",
    "cudatoolkit",
    "cudnn",
    "libcublas",
    "libcudnn",
    "libcufft",
    "libcurand",
    "libcusolver",
    "libcusparse",
    "nccl",
    "triton",
)


def records(facts: Facts) -> List[Dict[str, Any]]:
    """What conda wrote about these packages; none where the environment is not conda's."""
    return facts.once("conda", lambda: _records(facts))


def _records(facts: Facts) -> List[Dict[str, Any]]:
    folder = os.path.join(facts.prefix, "conda-meta")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    found = []
    for name in names:
        if not name.endswith(".json") or not name.startswith(TORCH_PACKAGES):
            continue
        try:
            record = json.loads(read(os.path.join(folder, name)) or "")
        except ValueError:
            record = None
        found.append(record if isinstance(record, dict) else {"name": name, "broken": True})
    return found


def files(record: Dict[str, Any]) -> List[Tuple[str, Optional[int], Optional[str]]]:
    """Path under the prefix, size and SHA-256 (hexadecimal) of each of a package's files.

    Files into which conda wrote the prefix have a sum of their own.
    """
    paths = (record.get("paths_data") or {}).get("paths") or []
    if not paths:
        return [(one, None, None) for one in record.get("files") or []]
    rows: List[Tuple[str, Optional[int], Optional[str]]] = []
    for one in paths:
        changed = one.get("sha256_in_prefix")
        if one.get("path_type") == "softlink":
            rows.append((one["_path"], None, None))
            continue
        rewritten = changed is not None and changed != one.get("sha256")
        size = None if rewritten else one.get("size_in_bytes")
        rows.append((one["_path"], size, changed or one.get("sha256")))
    return rows


@check("pytorch.conda", title="Conda's packages of torch are whole", cause=75, seconds=2)
def conda(facts: Facts) -> Seen:
    """Files that ``conda-meta`` lists and are not there; torch by conda and by pip at once."""
    if not os.path.isdir(os.path.join(facts.prefix, "conda-meta")):
        return Seen("not_applicable", "This is no conda environment")
    found = records(facts)
    if not found:
        return Seen("not_applicable", "Conda has installed no torch here")
    named = {str(one.get("name")): str(one.get("version", "")) for one in found}
    evidence = [f"{name} {version}".rstrip() for name, version in named.items()][:6]
    command = f"conda list --prefix {facts.prefix} | grep -i -E 'torch|cuda'"
    broken = [f"{one['name']} cannot be read" for one in found if one.get("broken")]
    if broken:
        title = "What conda wrote about its packages is damaged"
        return Seen("problem", title, broken, command, _reinstall(found))
    lost, listed = _lost(facts, found)
    if lost:
        shown = [f"missing: {path}" for path in lost[:5]]
        title = f"{len(lost)} files of conda's torch are missing or cut short"
        return Seen("problem", title, shown, command, _reinstall(found))
    pip = distributions(facts).get("torch", [])
    ours = named.get("pytorch") or named.get("libtorch")
    if pip and ours and release(pip[0].version) != release(ours):
        return Seen(
            "warning",
            "torch was installed by conda and again by pip",
            [f"conda: {ours}", f"pip: {pip[0].version} in {pip[0].site}"],
            command,
            f"Keep one: {facts.interpreter} -m pip uninstall torch, or conda remove pytorch.",
        )
    return Seen("ok", evidence=[*evidence, f"{listed} files are there"], command=command)


def _lost(facts: Facts, found: List[Dict[str, Any]]) -> Tuple[List[str], int]:
    lost = []
    listed = 0
    for record in found:
        for path, size, _ in files(record):
            listed += 1
            place = os.path.join(facts.prefix, path)
            try:
                whole = size is None or os.stat(place).st_size == size
            except OSError:
                whole = False
            if not whole or (size is None and not os.path.lexists(place)):
                lost.append(path)
    return lost, listed


def _reinstall(found: List[Dict[str, Any]]) -> str:
    names = " ".join(str(one["name"]) for one in found if not one.get("broken"))
    return f"conda install --force-reinstall {names}".rstrip() + "."
