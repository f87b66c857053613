"""Which accelerators the machine has, by its files: PCI, device files, the driver's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from .facts import Facts

_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}

#: Display controllers (VGA, 3D, other) and processing accelerators, as PCI classifies them.
_CLASSES = ("0x0300", "0x0302", "0x0380", "0x1200")


@dataclass(frozen=True)
class Accelerators:
    """What the machine's files show.

    ``pci`` has the addresses by vendor (``NVIDIA``, ``AMD``, ``Intel``). ``nodes`` are the
    device files of NVIDIA's cards (``nvidia0``). ``control`` and ``uvm`` say whether there are
    ``/dev/nvidiactl`` and ``/dev/nvidia-uvm``, ``kfd`` whether AMD's compute driver is there,
    ``dxg`` whether an NVIDIA card of Windows is reached from WSL, ``render`` whether there is a
    ``/dev/dri/renderD*``. ``module`` is the version of NVIDIA's kernel module, ``models`` the
    names of its cards, ``uvm_loaded`` whether its second module is loaded (None: not known).
    ``targets`` are AMD's GPUs by what code for them is called (``gfx1100``), those of processors
    included.
    """

    pci: Dict[str, Tuple[str, ...]]
    nodes: Tuple[str, ...]
    control: bool
    uvm: bool
    kfd: bool
    dxg: bool
    render: bool
    module: Optional[str]
    models: Tuple[str, ...]
    uvm_loaded: Optional[bool]
    targets: Tuple[str, ...]

    @property
    def nvidia(self) -> bool:
        """Whether anything says that there is an NVIDIA card."""
        return bool(self.pci.get("NVIDIA") or self.nodes or self.module or self.dxg)


def accelerators(facts: Facts) -> Accelerators:
    """Read once in an examination."""
    return facts.once("accelerators", lambda: _accelerators(facts))


def _accelerators(facts: Facts) -> Accelerators:
    dev = facts.names("dev")
    modules = facts.read("proc/modules")
    return Accelerators(
        pci=_pci(facts),
        nodes=tuple(one for one in dev if re.fullmatch(r"nvidia\d+", one)),
        control="nvidiactl" in dev,
        uvm="nvidia-uvm" in dev,
        kfd="kfd" in dev,
        # Windows puts its driver's libraries there; without NVIDIA's the card is another's.
        dxg="dxg" in dev and "libcuda.so.1" in facts.names("usr/lib/wsl/lib"),
        render=any(one.startswith("renderD") for one in facts.names("dev/dri")),
        module=_module(facts),
        models=tuple(_models(facts)),
        uvm_loaded=None if modules is None else bool(re.search(r"^nvidia_uvm ", modules, re.M)),
        targets=tuple(_targets(facts)),
    )


def _pci(facts: Facts) -> Dict[str, Tuple[str, ...]]:
    found: Dict[str, List[str]] = {}
    for address in facts.names("sys/bus/pci/devices"):
        folder = f"sys/bus/pci/devices/{address}"
        kind = (facts.read(f"{folder}/class") or "").strip()
        vendor = _VENDORS.get((facts.read(f"{folder}/vendor") or "").strip())
        if vendor is not None and kind.startswith(_CLASSES):
            found.setdefault(vendor, []).append(address)
    return {vendor: tuple(addresses) for vendor, addresses in found.items()}


def _module(facts: Facts) -> Optional[str]:
    """``NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct ...``."""
    line = (facts.read("proc/driver/nvidia/version") or "").partition("\n")[0]
    match = re.search(r"\s(\d{3,}\.\d+(?:\.\d+)?)\s", line + " ")
    return match.group(1) if match else None


def _models(facts: Facts) -> List[str]:
    models = []
    for address in facts.names("proc/driver/nvidia/gpus"):
        text = facts.read(f"proc/driver/nvidia/gpus/{address}/information") or ""
        match = re.search(r"^Model:\s*(.+?)\s*$", text, re.M)
        if match:
            models.append(match.group(1))
    return models


def _targets(facts: Facts) -> List[str]:
    """AMD's driver numbers them: 90402 is ``gfx942``. A processor's node has 0."""
    folder = "sys/class/kfd/kfd/topology/nodes"
    told = [facts.read(f"{folder}/{node}/properties") or "" for node in facts.names(folder)]
    numbers = [int(one) for text in told for one in re.findall(r"gfx_target_version (\d+)", text)]
    return [f"gfx{n // 10000}{n // 100 % 100:x}{n % 100:x}" for n in numbers if n]
