"""CUDA_VISIBLE_DEVICES: what it lets the process see, and whether it came in time."""

from __future__ import annotations

from typing import List, Optional

from ...hardware.cuda_visible import visible as seen_by
from ...hardware.opened import has_opened_cuda
from ..accelerators import accelerators
from ..facts import Facts
from ..probe import driver_answers
from ..registry import Seen, check

_NAME = "CUDA_VISIBLE_DEVICES"


def _uuids(facts: Facts) -> List[str]:
    """All NVIDIA cards of the machine, by NVML, which does not know the variable."""
    known = [str(one.get("uuid")) for one in driver_answers(facts).nvml.devices if one.get("uuid")]
    return known or [f"GPU-#{n}" for n in range(len(accelerators(facts).nodes))]


def _shown(value: Optional[str]) -> str:
    return "not set" if value is None else f'"{value}"'


@check("accelerator.visible", title="CUDA_VISIBLE_DEVICES hides nothing", cause=35, seconds=6)
def visible(facts: Facts) -> Seen:
    """Empty, -1, or a number that no card has."""
    value = facts.environ.get(_NAME)
    command = f"echo ${_NAME}"
    if value is None:
        return Seen("ok", f"{_NAME} is not set", [f"{_NAME}: not set"], command)
    uuids = _uuids(facts)
    if not uuids:
        return Seen("not_applicable", "There is no NVIDIA GPU to hide", [f'{_NAME}="{value}"'])
    seen = seen_by(value, uuids)
    evidence = [f'{_NAME}="{value}"', f"the machine has {_range(len(uuids))}", _origin(facts)]
    if seen:
        asked = len([one for one in value.split(",") if one.strip()])
        if len(seen) < asked:
            return Seen(
                "warning",
                f'{_NAME}="{value}" shows {len(seen)} of the {asked} GPUs that it names',
                evidence,
                command,
                f"The list ends at the first entry that names no GPU: {_range(len(uuids))} exist.",
            )
        if len(seen) == len(uuids):
            return Seen("ok", f"{_NAME} shows every GPU", evidence, command)
        title = f"{_NAME} shows {len(seen)} of {len(uuids)} GPUs"
        return Seen("info", title, evidence, command)
    if value.startswith("MIG-") and driver_answers(facts).cuda.works:
        # NVML was not asked for the instances; CUDA found the one that is named.
        return Seen("ok", f"{_NAME} shows an instance of a divided GPU", evidence, command)
    if value.strip() in ("", "-1"):
        title = f"{_NAME} is {'empty' if not value.strip() else value.strip()}: it hides every GPU"
    elif _repeats(value):
        title = f'{_NAME}="{value}" names a GPU twice, so CUDA shows none'
    else:
        title = f'{_NAME}="{value}" names no GPU of this machine'
    return Seen("problem", title, evidence, command, _remedy(facts))


def _repeats(value: str) -> bool:
    named = [one.strip() for one in value.split(",")]
    named = [one for one in named if one and not one.startswith("-")]
    return len(set(named)) < len(named)


def _range(count: int) -> str:
    return "GPU 0 only" if count == 1 else f"GPUs 0 to {count - 1}"


def _origin(facts: Facts) -> str:
    if facts.initial_environ is None:
        return "where it was set is not known"
    if facts.initial_environ.get(_NAME) == facts.environ.get(_NAME):
        return "set before the process was started (shell, kernelspec, or scheduler)"
    return "set by code in this process"


def _remedy(facts: Facts) -> str:
    by_code = facts.initial_environ is not None and _NAME not in facts.initial_environ
    if facts.where != "kernel":
        return f"Unset {_NAME} where this process is started: unset {_NAME}."
    if by_code:
        return f'Remove the line that sets os.environ["{_NAME}"], and restart the kernel.'
    return (
        f"Remove {_NAME} where Jupyter is started, or from the env of the kernelspec, and start "
        "the kernel again."
    )


@check(
    "accelerator.visible_in_time", title="CUDA_VISIBLE_DEVICES was not changed too late", cause=36
)
def in_time(facts: Facts) -> Seen:
    """CUDA reads the variable once, at the first query of the process."""
    if facts.initial_environ is None:
        return Seen("not_applicable", "How the process was started is not known")
    now, then = facts.environ.get(_NAME), facts.initial_environ.get(_NAME)
    if now == then:
        return Seen("ok", evidence=[f"{_NAME}: {_shown(now)}, as at the start"])
    evidence = [f"at the start: {_shown(then)}", f"now: {_shown(now)}"]
    command = f"tr '\\0' '\\n' < /proc/{facts.pid}/environ | grep {_NAME}" if facts.pid else None
    opened = _opened(facts)
    if opened is None:
        return Seen("ok", f"{_NAME} was changed before CUDA was asked", evidence, command)
    evidence.append(opened)
    devices = [str(one["uuid"]) for one in facts.loaded.get("devices", ()) if one.get("uuid")]
    if devices:
        evidence.append(f"this process uses {', '.join(devices)}")
        # Only which cards: their order is CUDA's, which need not be NVML's.
        if sorted(devices) == sorted(seen_by(now, _uuids(facts))):
            return Seen("ok", f"{_NAME} was changed in time", evidence, command)
        return Seen(
            "problem",
            f"{_NAME} was changed after CUDA had read it, so the change is ignored",
            evidence,
            command,
            "Restart the kernel, and set it before anything asks CUDA (best before import torch).",
        )
    return Seen(
        "warning",
        f"{_NAME} was changed in this process, which has used CUDA: it may have come too late",
        evidence,
        command,
        "Restart the kernel, and set it before anything asks CUDA (best before import torch).",
    )


def _opened(facts: Facts) -> Optional[str]:
    """What says that the process has asked CUDA; None when nothing does."""
    if facts.loaded.get("initialized"):
        return "torch has initialised CUDA"
    if facts.pid is None:
        return None
    if has_opened_cuda([facts.pid], facts.under("/proc")):
        return "the process has CUDA's device file open"
    return None
