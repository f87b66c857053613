"""A torch for one vendor's GPUs on a machine with another's."""

from __future__ import annotations

from ..accelerators import accelerators
from ..facts import Facts
from ..registry import Seen, check
from ..torch_build import torch_build
from ..wheels import install, rocm_build, rocm_has_none


@check("accelerator.vendor", title="torch is built for the GPU's vendor", cause=32)
def vendor(facts: Facts) -> Seen:
    """AMD with CUDA, NVIDIA with ROCm, Intel, Apple; by the vendors on PCI."""
    torch = torch_build(facts)
    if torch is None:
        return Seen("not_applicable", "There is no torch")
    if facts.platform == "darwin":
        return _apple(facts, torch.version)
    found = accelerators(facts)
    evidence = [f"{name} on PCI: {', '.join(at)}" for name, at in found.pci.items()]
    evidence.append(f"torch {torch.version}, built for {torch.kind}")
    command = "lspci -nn | grep -E '0300|0302|0380|1200'"
    amd, intel = bool(found.pci.get("AMD")), bool(found.pci.get("Intel"))
    if torch.cuda and not found.nvidia and (found.kfd or amd):
        evidence += [f"AMD's driver says: {one}" for one in found.targets]
        if rocm_has_none(facts):
            title = "The GPU is AMD's, and PyTorch has no build for it: torch computes on the CPU"
            return Seen("info", title, evidence, "rocminfo | grep gfx")
        return Seen(
            "problem" if found.kfd and rocm_build(facts) else "warning",
            "The GPU is AMD's, and this torch is built for NVIDIA's CUDA",
            evidence,
            command,
            "Install the build for ROCm, if ROCm supports the card: "
            f"{install(facts, 'AMD', True)}.",
        )
    if torch.hip and found.nvidia and not (found.kfd or amd):
        return Seen(
            "problem",
            "The GPU is NVIDIA's, and this torch is built for AMD's ROCm",
            evidence,
            command,
            f"Install the build for CUDA: {install(facts, 'NVIDIA', True)}.",
        )
    if torch.hip and amd and not found.kfd:
        return Seen(
            "problem",
            "AMD's driver for computing is missing: there is no /dev/kfd",
            evidence,
            "ls -l /dev/kfd /dev/dri/render*",
            "Install ROCm's driver (amdgpu-dkms); in a container: "
            "docker run --device /dev/kfd --device /dev/dri --group-add video.",
        )
    if torch.is_xpu and not intel:
        return Seen(
            "warning",
            "This torch is built for Intel's GPUs, and none was found",
            evidence,
            command,
            "Install the build for this machine's GPU (see pytorch.org/get-started).",
        )
    if torch.is_xpu and not found.render:
        return Seen(
            "problem",
            "Intel's GPU cannot be reached: there is no /dev/dri/renderD*",
            evidence,
            "ls -l /dev/dri",
            "Install Intel's GPU driver; in a container: docker run --device /dev/dri.",
        )
    if intel and not (found.nvidia or amd or torch.is_xpu):
        return Seen(
            "info",
            "The graphics are Intel's; only torch's build for XPU can use them",
            evidence,
            command,
            f"If it is an Arc or a Core Ultra: {install(facts, 'Intel', True)}.",
        )
    if not found.pci and not found.nvidia and not found.kfd:
        return Seen("not_applicable", "There is no graphics card", evidence, command)
    return Seen("ok", evidence=evidence, command=command)


def _apple(facts: Facts, version: str) -> Seen:
    evidence = [f"macOS on {facts.machine}", f"torch {version}"]
    if facts.machine != "arm64":
        return Seen(
            "info",
            "PyTorch for Macs with an Intel processor ended with 2.2, and uses the CPU",
            evidence,
        )
    if facts.loaded and facts.loaded.get("mps") is False:
        return Seen(
            "problem",
            "This torch is built without support for Apple's GPU (MPS)",
            evidence,
            "import torch; print(torch.backends.mps.is_built())",
            "Install PyPI's torch, with a Python for arm64 (not one run by Rosetta).",
        )
    return Seen("ok", 'Apple\'s GPU is the device "mps"', evidence)
