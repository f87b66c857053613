"""What this torch was built for, and whether that suits the machine's cards."""

from __future__ import annotations

import os
import shlex
from typing import Optional

from ...hardware.place import here
from ..accelerators import accelerators
from ..facts import Facts
from ..probe import has_nvidia
from ..registry import Seen, check
from ..torch_build import torch_build
from ..wheels import install, rocm_has_none


@check("pytorch.build", title="torch is built for this machine's GPU", cause=30, seconds=6)
def build(facts: Facts) -> Seen:
    """A build for the CPU only beside a card that another build could use."""
    torch = torch_build(facts)
    if torch is None:
        return _missing(facts)
    evidence = [
        f"torch {torch.version}, built for {torch.kind}",
        f"{torch.source}: cuda = {torch.cuda!r}, hip = {torch.hip!r}",
    ]
    command = f"cat {shlex.quote(torch.source)}"
    if not torch.cpu_only:
        title = f"torch {torch.version} is built for {torch.kind}"
        return Seen("ok", title, evidence, command)
    if facts.platform == "darwin":
        return Seen("ok", f"torch {torch.version} has support for Apple's GPUs", evidence, command)
    found = accelerators(facts)
    nvidia = has_nvidia(facts)
    if found.targets:
        evidence.append(f"AMD's driver says: {', '.join(found.targets)}")
    if nvidia or (found.kfd and not rocm_has_none(facts)):
        vendor = "NVIDIA" if nvidia else "AMD"
        if facts.where == "server":
            title = "The server's own torch is built for the CPU only; what counts is the kernels'"
            return Seen("info", title, evidence, command)
        return Seen(
            "problem",
            f"This torch is built for the CPU only, and the machine has an {vendor} GPU",
            evidence,
            command,
            _install(facts, vendor, torch.folder),
        )
    return Seen("info", f"torch {torch.version} is built for the CPU only", evidence, command)


def _missing(facts: Facts) -> Seen:
    evidence = [f"no torch in {site}" for site in facts.site] or ["no folder of packages is known"]
    command = f"{facts.interpreter} -c 'import torch'"
    if facts.where == "server":
        return Seen("info", "The server's own environment has no torch", evidence, command)
    vendor = "NVIDIA" if has_nvidia(facts) else "AMD" if accelerators(facts).kfd else None
    if vendor == "AMD" and rocm_has_none(facts):
        vendor = None
    return Seen(
        "warning",
        "PyTorch is not installed in this environment",
        evidence,
        command,
        _install(facts, vendor, None),
    )


def _install(facts: Facts, vendor: Optional[str], folder: Optional[str]) -> str:
    """The sentence that says how to get the right build."""
    if os.path.isdir(os.path.join(facts.prefix, "conda-meta")) and _is_conda_torch(facts):
        return 'Install conda\'s build with CUDA: conda install "pytorch=*=cuda*" -c conda-forge.'
    after = " Then restart the kernel." if facts.where == "kernel" else ""
    where = here(facts.root, facts.environ).notebook
    if where == "colab":
        return "Runtime → Disconnect and delete runtime gives back the torch that Colab comes with."
    return f"Install the right build: {install(facts, vendor, bool(folder))}.{after}"


def _is_conda_torch(facts: Facts) -> bool:
    names = os.listdir(os.path.join(facts.prefix, "conda-meta"))
    return any(name.startswith(("pytorch-", "libtorch-")) for name in names)
