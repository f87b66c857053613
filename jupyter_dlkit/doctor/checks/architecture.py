"""Whether torch was compiled for the cards of this machine."""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from ..accelerators import accelerators
from ..facts import Facts
from ..probe import driver_answers, has_nvidia
from ..registry import Seen, check
from ..torch_build import TorchBuild, architectures, torch_build

Capability = Tuple[int, int]


def runs_on(built_for: Sequence[str], card: Capability) -> bool:
    """Whether code for one of ``sm_90``, ``sm_90a``, ``compute_80``, … runs on the card.

    Binary code runs on cards of its major version from its minor version on, that for one
    architecture (``a``) on that only; ``compute_…`` is compiled by the driver for every newer
    card (CUDA C++ programming guide, "Application Compatibility").
    """
    for one in built_for:
        match = re.match(r"(sm|compute)_(\d+)(\d)([af]?)$", one)
        if match is None:
            continue
        major, minor = int(match.group(2)), int(match.group(3))
        if match.group(4) == "a":
            if (major, minor) == card:
                return True
        elif match.group(1) == "sm" or match.group(4) == "f":
            if card[0] == major and card[1] >= minor:
                return True
        elif card >= (major, minor):
            return True
    return False


@check("accelerator.architecture", title="torch is compiled for this GPU", cause=55, seconds=6)
def architecture(facts: Facts) -> Seen:
    """A card that is newer or older than all that the build has code for."""
    torch = torch_build(facts)
    if torch is not None and torch.hip:
        return _amd(facts, torch)
    if torch is None or not torch.cuda:
        return Seen("not_applicable", "torch is not built for a GPU")
    cards = _cards(facts)
    if not cards:
        if not has_nvidia(facts):
            return Seen("not_applicable", "There is no NVIDIA card")
        return Seen("unknown", "The GPU's compute capability could not be told")
    command = "import torch; print(torch.cuda.get_arch_list(), torch.cuda.get_device_capability())"
    evidence = [f"{name}: compute capability {major}.{minor}" for name, (major, minor) in cards]
    built_for = architectures(facts)
    if built_for is None:
        return Seen(
            "unknown",
            "What this torch is compiled for could not be read from its library",
            [*evidence, f"torch {torch.version} in {torch.folder}"],
            command,
        )
    evidence.append(f"torch {torch.version} has code for {' '.join(built_for)}")
    without = [(name, card) for name, card in cards if not runs_on(built_for, card)]
    if not without:
        return Seen("ok", evidence=evidence, command=command)
    name, card = without[0]
    newer = card > max(map(_number, built_for), default=(0, 0))
    return Seen(
        "problem" if len(without) == len(cards) else "warning",
        f"This torch has no code for {name} (compute capability {card[0]}.{card[1]})",
        evidence,
        command,
        "Install a newer torch, built with a newer CUDA (see pytorch.org/get-started)."
        if newer
        else "Install an older torch that still supports this card (see "
        "pytorch.org/get-started/previous-versions), or one for an older CUDA.",
    )


def _number(architecture: str) -> Capability:
    digits = re.sub(r"\D", "", architecture)
    return (int(digits[:-1]), int(digits[-1])) if len(digits) > 1 else (0, 0)


def _cards(facts: Facts) -> List[Tuple[str, Capability]]:
    answers = driver_answers(facts)
    known = facts.loaded.get("devices") or answers.cuda.devices or answers.nvml.devices
    return [
        (str(one.get("name")), (one["capability"][0], one["capability"][1]))
        for one in known
        if one.get("capability")
    ]


def _amd(facts: Facts, torch: TorchBuild) -> Seen:
    """AMD's cards, by their driver."""
    cards = accelerators(facts).targets
    if not cards:
        return Seen("not_applicable", "No AMD GPU was found by its driver")
    built_for = architectures(facts)
    evidence = [f"the driver says: {', '.join(cards)}"]
    command = "rocminfo | grep gfx"
    if built_for is None:
        title = "What this torch is compiled for could not be read from its library"
        return Seen("unknown", title, evidence, command)
    evidence.append(f"torch {torch.version} has code for {' '.join(built_for)}")
    override = facts.environ.get("HSA_OVERRIDE_GFX_VERSION")
    if override:
        evidence.append(f"HSA_OVERRIDE_GFX_VERSION: {override}")
    without = [card for card in cards if card not in built_for]
    if not without or override:
        return Seen("ok", evidence=evidence, command=command)
    return Seen(
        # The graphics of the processor are listed as well, beside a card that will do.
        "problem" if len(without) == len(cards) else "info",
        f"This torch has no code for {without[0]}",
        evidence,
        command,
        "See which cards ROCm supports; for a near relative of one of these, "
        "HSA_OVERRIDE_GFX_VERSION may help.",
    )
