"""Which of PyTorch's builds suits the machine's cards, and the command that installs it.

From PyTorch's RELEASE.md, "PyTorch CUDA Support Matrix", and its
.ci/docker/manywheel/build.sh (``PYTORCH_ROCM_ARCH``); the drivers are those of the release notes
of each CUDA, and from CUDA 12.0's driver on, 12.6 runs by compatibility of minor versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from .accelerators import accelerators
from .facts import Facts
from .probe import driver_answers
from .versions import older

Capability = Tuple[int, int]

#: PyTorch's public index, which is told to users; nothing here asks it.
INDEX = "https://download.pytorch.org/whl"

#: Where PyTorch itself asks for the machine and tells the command.
CHOOSER = "pytorch.org/get-started"

_XPU = "xpu"


@dataclass(frozen=True)
class _Build:
    """One for CUDA: the capabilities that it has code for, and the oldest drivers."""

    word: str
    least: Capability
    most: Capability
    linux: str
    windows: str


#: The newest first.
_CUDA = (
    _Build("cu130", (7, 5), (12, 1), "580.65.06", "580.88"),
    _Build("cu128", (7, 5), (12, 0), "570.26", "570.65"),
    _Build("cu126", (5, 0), (9, 0), "525.60.13", "528.33"),
    _Build("cu118", (5, 0), (9, 0), "450.80.02", "452.39"),
)

#: Builds for ARM leave out cards that such machines do not have.
_LEAST_ON_ARM = (8, 0)

_ROCM = "rocm6.4"
_ROCM_TARGETS = (
    *("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030"),
    *("gfx1100", "gfx1101", "gfx1102", "gfx1200", "gfx1201"),
)

#: Of newer builds for ROCm only.
_ROCM_LATER = ("gfx950", "gfx1150", "gfx1151")


def cuda_build(facts: Facts) -> Optional[str]:
    """The word in PyTorch's index (``cu126``) for all NVIDIA cards here and their driver.

    None where no build suits them all, or where they or the driver are not known.
    """
    answers = driver_answers(facts)
    # NVML first: it sees the cards that CUDA_VISIBLE_DEVICES hides.
    devices = answers.nvml.devices or answers.cuda.devices or facts.loaded.get("devices") or ()
    told = [one.get("capability") for one in devices]
    if not told or not all(told):
        devices = answers.cuda.devices or facts.loaded.get("devices") or ()
        told = [one.get("capability") for one in devices]
    driver = accelerators(facts).module or answers.nvml.version
    if driver is None or not told or not all(told):
        return None
    cards = [(one[0], one[1]) for one in told if one]
    return build_for(str(driver), cards, facts.platform, facts.machine)


def build_for(
    driver: str, cards: Sequence[Capability], platform: str = "linux", machine: str = "x86_64"
) -> Optional[str]:
    """The newest build for CUDA that this driver runs, with code for all of these cards."""
    on_arm = machine in ("aarch64", "arm64")
    for one in _CUDA:
        least = max(one.least, _LEAST_ON_ARM) if on_arm else one.least
        needed = one.windows if platform == "win32" else one.linux
        fits = all(least <= card <= one.most for card in cards)
        if fits and not older(driver, needed) and not (on_arm and one.word == "cu118"):
            return one.word
    return None


def rocm_build(facts: Facts) -> Optional[str]:
    """The word for AMD's cards here; None where none is known to suit them."""
    targets = accelerators(facts).targets
    suits = any(one in _ROCM_TARGETS for one in targets)
    return _ROCM if suits or facts.environ.get("HSA_OVERRIDE_GFX_VERSION") else None


def rocm_has_none(facts: Facts) -> bool:
    """Whether PyTorch has no build for any of AMD's GPUs here, as for most of processors' own."""
    targets = accelerators(facts).targets
    later = any(one in _ROCM_LATER for one in targets)
    return bool(targets) and not later and rocm_build(facts) is None


def install(facts: Facts, vendor: Optional[str], force: bool = False) -> str:
    """What brings torch for this vendor's cards (``NVIDIA``, ``AMD``, ``Intel``; None: the CPU).

    The command, or where to find it, to stand at the end of a sentence.
    """
    line = f"{facts.interpreter} -m pip install{' --force-reinstall' if force else ''} torch"
    if vendor is None:
        return line
    word = {"NVIDIA": cuda_build, "AMD": rocm_build}.get(vendor, lambda _: _XPU)(facts)
    if word is None:
        return f"{CHOOSER} asks for the machine and tells the command"
    return f"{line} --index-url {INDEX}/{word}"
