"""What the driver says to NVML, which ``nvidia-smi`` asks."""

from __future__ import annotations

from typing import Optional, Tuple

from ...hardware import nvml as codes
from ...hardware.place import here
from ..accelerators import accelerators
from ..facts import Facts
from ..probe import WAIT, driver_answers
from ..registry import Seen, check

_UNKNOWN = 999

_REBOOT = "Restart the machine."
_RESTART_CONTAINER = (
    "Restart the container. So that it does not happen again, give the device files by name "
    "(--device /dev/nvidia0 --device /dev/nvidiactl --device /dev/nvidia-uvm): systemd takes "
    "devices away from containers whenever it reloads."
)

#: Title and next step by nvmlReturn_t.
_ERRORS = {
    codes.NO_PERMISSION: (
        "This user may not talk to the NVIDIA driver",
        "See who may open /dev/nvidiactl, and add this user to that group (often video).",
    ),
    codes.DRIVER_NOT_LOADED: (
        "The NVIDIA driver is installed, but not loaded",
        "sudo modprobe nvidia; where that fails, dmesg tells why (Secure Boot, or a new kernel "
        "without the module: reinstall the driver).",
    ),
    codes.GPU_IS_LOST: (
        "The GPU has fallen off the bus",
        f"{_REBOOT} If it comes back, look at power, seating and temperature; dmesg has Xid 79.",
    ),
    codes.RESET_REQUIRED: ("The GPU must be reset", _REBOOT),
    codes.LIB_RM_VERSION_MISMATCH: (
        "The NVIDIA driver and its library are of different versions, as after an update",
        _REBOOT,
    ),
}


@check("accelerator.nvml", title="The NVIDIA driver answers", cause=45, seconds=6)
def nvml(facts: Facts) -> Seen:
    """Errors of ``nvmlInit``, of single cards, and a container that lost its GPU."""
    answer = driver_answers(facts).nvml
    found = accelerators(facts)
    command = "nvidia-smi"
    if answer.missing is not None:
        if not found.nodes:
            return Seen("not_applicable", "There is no NVIDIA driver to ask", [answer.missing])
        return Seen(
            "warning",
            "NVIDIA's management library is missing, so the GPU's memory cannot be watched",
            [answer.missing, f"device files: {', '.join(found.nodes)}"],
            command,
            "In a container, add utility to NVIDIA_DRIVER_CAPABILITIES; else reinstall the driver.",
        )
    if answer.code is None:
        return Seen(
            "warning" if answer.late and found.nvidia else "unknown",
            f"The NVIDIA driver {answer.stuck}",
            [f"nvmlInit: {answer.stuck}"],
            command,
            WAIT if answer.late else "dmesg | grep -i -E 'nvrm|xid' tells more.",
        )
    code = answer.code or next((one["code"] for one in answer.devices if one.get("code")), 0)
    evidence = [f"nvmlInit: {answer.code}", f"driver: {answer.version or 'version not told'}"]
    evidence += [
        f"GPU {one['index']}: error {one['code']}" for one in answer.devices if one["code"]
    ]
    if not code:
        return Seen("ok", evidence=evidence, command=command)
    title, step = _error(facts, code)
    return Seen("problem", title, evidence, command, step)


def _error(facts: Facts, code: int) -> Tuple[str, Optional[str]]:
    if code == _UNKNOWN and here(facts.root, facts.environ).container:
        title = 'This container has lost its GPU ("Failed to initialize NVML: Unknown Error")'
        return title, _RESTART_CONTAINER
    return _ERRORS.get(
        code,
        (f"The NVIDIA driver fails with NVML's error {code}", f"nvidia-smi says it too. {_REBOOT}"),
    )
