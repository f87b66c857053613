"""Two packages that both provide the module ``pynvml``."""

from __future__ import annotations

import os

from ..facts import Facts
from ..installed import distributions
from ..registry import Seen, check


@check("pytorch.pynvml", title="Only nvidia-ml-py provides pynvml", cause=340)
def pynvml(facts: Facts) -> Seen:
    """The package named ``pynvml`` is given up; older ones hide NVIDIA's, which torch asks."""
    found = distributions(facts)
    old, new = found.get("pynvml", []), found.get("nvidia-ml-py", [])
    if not old and not new:
        return Seen("not_applicable", "No package provides pynvml")
    evidence = [f"{one.name} {one.version} in {one.site}" for one in (*old, *new)]
    command = f"{facts.interpreter} -m pip list | grep -i nvml"
    if not old:
        return Seen("ok", evidence=evidence, command=command)
    python = facts.interpreter
    step = (
        f"{python} -m pip uninstall pynvml; {python} -m pip install --force-reinstall nvidia-ml-py"
    )
    hides = any(os.path.isdir(os.path.join(one.site, "pynvml")) for one in old)
    if hides and new:
        evidence.append("the folder pynvml/ is imported before nvidia-ml-py's pynvml.py")
        title = "The old package pynvml hides nvidia-ml-py"
        return Seen("warning", title, evidence, command, step)
    if hides:
        title = "The package pynvml is given up: nvidia-ml-py has taken its place"
        return Seen("warning", title, evidence, command, step)
    return Seen(
        "info", "The package pynvml is not needed beside nvidia-ml-py", evidence, command, step
    )
