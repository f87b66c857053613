"""The NVIDIA driver: whether it is there, and new enough for this torch."""

from __future__ import annotations

from typing import List, Optional

from ...hardware.place import here
from ..accelerators import Accelerators, accelerators
from ..drivers import SOURCE, minimum_driver
from ..facts import Facts
from ..probe import Answers, driver_answers, has_nvidia
from ..registry import Seen, check
from ..torch_build import torch_build
from ..versions import older, release
from ..wheels import cuda_build, install


@check("accelerator.device", title="The machine has a GPU", cause=200, seconds=6)
def device(facts: Facts) -> Seen:
    """What there is, whether or not torch can use it."""
    found = accelerators(facts)
    command = "lspci | grep -i -E 'vga|3d|display'"
    if facts.platform == "darwin":
        return _apple(facts)
    names = [str(one.get("name")) for one in driver_answers(facts).nvml.devices if one.get("name")]
    names = names or list(found.models)
    evidence = [f"{vendor} on PCI: {', '.join(places)}" for vendor, places in found.pci.items()]
    evidence += [f"/dev/{node}" for node in found.nodes]
    if names:
        evidence += [f"the driver says: {name}" for name in names]
        return Seen("ok", f"The machine has {_counted(names)}", evidence, "nvidia-smi -L")
    if found.nvidia:
        return Seen("ok", "The machine has an NVIDIA GPU", evidence, command)
    if found.kfd:
        return Seen("ok", "The machine has an AMD GPU", [*evidence, "/dev/kfd"], "rocminfo")
    if found.pci.get("AMD") or found.pci.get("Intel"):
        vendor = "AMD" if found.pci.get("AMD") else "Intel"
        return Seen("info", f"The machine has graphics by {vendor}", evidence, command)
    place = here(facts.root, facts.environ)
    if place.tpu:
        return Seen("info", f"The machine has a TPU ({place.tpu})", evidence, None)
    return Seen(
        "info",
        "This machine has no GPU, so torch computes on the CPU",
        evidence or ["no graphics card on PCI, no /dev/nvidia*, no /dev/kfd"],
        command,
    )


def _apple(facts: Facts) -> Seen:
    if facts.machine == "arm64":
        return Seen("ok", "The machine has an Apple GPU", ["macOS on arm64"], None)
    return Seen("info", "A Mac with an Intel processor: PyTorch uses its CPU", ["macOS on x86_64"])


def _counted(names: List[str]) -> str:
    kinds = list(dict.fromkeys(names))
    return ", ".join(
        f"{names.count(kind)} × {kind}" if names.count(kind) > 1 else kind for kind in kinds
    )


@check("accelerator.driver", title="The NVIDIA driver fits this torch", cause=40, seconds=6)
def driver(facts: Facts) -> Seen:
    """No driver, half a driver, or one that is older than the CUDA that torch was built with."""
    found = accelerators(facts)
    if facts.platform == "darwin" or not has_nvidia(facts):
        return Seen("not_applicable", "There is no NVIDIA card")
    answers = driver_answers(facts)
    version = found.module or answers.nvml.version
    if version is None and answers.cuda.missing and found.dxg:
        return _windows(answers)
    if version is None and answers.cuda.missing and answers.nvml.missing and not found.nodes:
        return _none(facts, found)
    if answers.cuda.missing:
        return _no_library(facts, found, answers)
    return _fits(facts, version, answers)


def _none(facts: Facts, found: Accelerators) -> Seen:
    nouveau = "nouveau" in (facts.read("proc/modules") or "")
    evidence = [
        f"NVIDIA on PCI: {', '.join(found.pci.get('NVIDIA', ('a card',)))}",
        "no /proc/driver/nvidia/version, no /dev/nvidia*, no libcuda.so.1",
    ]
    if nouveau:
        evidence.append("the module nouveau is loaded: it cannot compute")
    return Seen(
        "problem",
        "The NVIDIA driver is not installed",
        evidence,
        "nvidia-smi; lsmod | grep nvidia",
        "Install the driver (on Ubuntu: sudo ubuntu-drivers install) and restart the machine.",
    )


def _windows(answers: Answers) -> Seen:
    return Seen(
        "problem",
        "The library of Windows' NVIDIA driver is not found in WSL",
        ["/dev/dxg and /usr/lib/wsl/lib/libcuda.so.1 are there", f"{answers.cuda.missing}"],
        "ls /usr/lib/wsl/lib; cat /etc/ld.so.conf.d/ld.wsl.conf",
        "Install the NVIDIA driver in Windows, none in Linux; then wsl --shutdown in Windows.",
    )


def _no_library(facts: Facts, found: Accelerators, answers: Answers) -> Seen:
    evidence = [
        f"kernel module: {found.module or 'not seen'}",
        f"device files: {', '.join(found.nodes) or 'none'}",
        f"libcuda.so.1: {answers.cuda.missing}",
    ]
    contained = here(facts.root, facts.environ).container
    given = facts.environ.get("NVIDIA_DRIVER_CAPABILITIES")
    if contained:
        evidence.append(f"NVIDIA_DRIVER_CAPABILITIES: {given or 'not set'}")
        step = (
            "Start the container by the NVIDIA Container Toolkit (docker run --gpus all), with "
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility."
        )
    else:
        step = (
            "Install the driver's libraries (on Ubuntu the package libnvidia-compute of the "
            "module's version), and see that LD_LIBRARY_PATH hides nothing."
        )
    return Seen(
        "problem",
        "The NVIDIA driver's library for CUDA is missing",
        evidence,
        "ldconfig -p | grep libcuda",
        step,
    )


def _fits(facts: Facts, version: Optional[str], answers: Answers) -> Seen:
    torch = torch_build(facts)
    supported = answers.cuda.version
    evidence = [f"driver: {version or 'version not known'}"]
    if supported:
        evidence.append(f"CUDA that it supports: {supported // 1000}.{supported % 1000 // 10}")
    command = "cat /proc/driver/nvidia/version"
    if torch is None or not torch.cuda:
        return Seen("ok", f"The NVIDIA driver is {version or 'there'}", evidence, command)
    needed = minimum_driver(torch.cuda, facts.platform)
    evidence.append(f"torch {torch.version} is built for CUDA {torch.cuda}")
    if needed is None:
        title = f"Whether the driver is new enough for CUDA {torch.cuda} is not known"
        return Seen("unknown", title, evidence, command)
    evidence.append(f"CUDA {torch.cuda} needs {needed} or newer ({SOURCE})")
    # A compatibility package makes an older driver do: then CUDA itself says so.
    enough = bool(supported) and _supports(supported, torch.cuda)
    if version is None and not supported:
        return Seen("unknown", "The driver's version could not be told", evidence, command)
    if enough or (not supported and version is not None and not older(version, needed)):
        return Seen("ok", evidence=evidence, command=command)
    choice = (
        f", or install a torch for this driver: {install(facts, 'NVIDIA', force=True)}"
        if cuda_build(facts)
        else ""
    )
    return Seen(
        "problem",
        f"The NVIDIA driver is too old for this torch (CUDA {torch.cuda})",
        evidence,
        command,
        f"Update the driver to {needed} or newer{choice}.",
    )


def _supports(supported: int, cuda: str) -> bool:
    """Whether a driver for CUDA 12.4 (12040) runs this one; minor versions count before 11."""
    major, minor = (*release(cuda), 0)[:2]
    return supported // 1000 >= major if major >= 11 else supported >= 1000 * major + 10 * minor
