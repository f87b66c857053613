"""What the driver says to ``cuInit``, called in a process of its own."""

from __future__ import annotations

from typing import List, Optional

from ...hardware.cuda_visible import visible
from ..accelerators import accelerators
from ..facts import Facts
from ..probe import WAIT, driver_answers
from ..registry import Seen, check

#: Names of CUresult, as cuda.h numbers them.
_NAMES = {
    2: "CUDA_ERROR_OUT_OF_MEMORY",
    3: "CUDA_ERROR_NOT_INITIALIZED",
    34: "CUDA_ERROR_STUB_LIBRARY",
    46: "CUDA_ERROR_DEVICE_UNAVAILABLE",
    100: "CUDA_ERROR_NO_DEVICE",
    101: "CUDA_ERROR_INVALID_DEVICE",
    304: "CUDA_ERROR_OPERATING_SYSTEM",
    800: "CUDA_ERROR_NOT_PERMITTED",
    802: "CUDA_ERROR_SYSTEM_NOT_READY",
    803: "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
    804: "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
    805: "CUDA_ERROR_MPS_CONNECTION_FAILED",
    806: "CUDA_ERROR_MPS_RPC_FAILURE",
    807: "CUDA_ERROR_MPS_SERVER_NOT_READY",
    808: "CUDA_ERROR_MPS_MAX_CLIENTS_REACHED",
    809: "CUDA_ERROR_MPS_MAX_CONNECTIONS_REACHED",
    999: "CUDA_ERROR_UNKNOWN",
}

_MPS = "CUDA's Multi-Process Service does not answer"
_RELOAD = "sudo rmmod nvidia_uvm; sudo modprobe nvidia_uvm"

#: Title, command, next step.
_ERRORS = {
    34: (
        "A stub of libcuda is loaded instead of the driver's library",
        "ldconfig -p | grep libcuda; echo $LD_LIBRARY_PATH",
        "Remove the toolkit's folder stubs from LD_LIBRARY_PATH.",
    ),
    46: (
        "Another process has the GPU for itself",
        "nvidia-smi -q -d COMPUTE",
        "End the process that uses it, or: sudo nvidia-smi -c DEFAULT.",
    ),
    304: (
        "The system refused a call of CUDA's",
        "ls -l /dev/nvidia*",
        "See that this user may open /dev/nvidia-uvm, and that the container was given it.",
    ),
    802: (
        "The GPU's fabric is not ready: NVIDIA's fabric manager does not run",
        "systemctl status nvidia-fabricmanager",
        "sudo systemctl enable --now nvidia-fabricmanager; its version must be the driver's.",
    ),
    803: (
        "The driver and its library for CUDA are of different versions",
        "cat /proc/driver/nvidia/version; ldconfig -p | grep libcuda",
        "Restart the machine: the driver was updated while its old module was loaded. In a "
        "container, remove a libcuda of the image's own.",
    ),
    804: (
        "CUDA's compatibility package does not support this GPU",
        "ldconfig -p | grep -E 'libcuda|compat'; echo $LD_LIBRARY_PATH",
        "Remove the package cuda-compat (or its folder from LD_LIBRARY_PATH), or update the "
        "driver: the package is for data centre cards only.",
    ),
    805: (_MPS, "nvidia-cuda-mps-control -d", "Start it, or unset CUDA_MPS_PIPE_DIRECTORY."),
    807: (_MPS, "nvidia-cuda-mps-control -d", "Start it again."),
}


@check("accelerator.cuda", title="CUDA can be initialised", cause=50, seconds=6)
def cuda(facts: Facts) -> Seen:
    """Errors 802, 803, 999 and others; a driver that hangs."""
    answer = driver_answers(facts).cuda
    found = accelerators(facts)
    if answer.missing is not None:
        return Seen("not_applicable", "There is no CUDA driver to ask", [answer.missing])
    evidence = [f"library: {answer.path}"] if answer.path else []
    if answer.code is None:
        evidence.append(f"cuInit: {answer.stuck}")
        if answer.late:
            title = f"CUDA {answer.stuck}: it is busy waking the GPU, or stuck"
            return Seen(
                "warning" if found.nvidia else "unknown", title, evidence, "nvidia-smi", WAIT
            )
        if answer.crashed and found.nvidia:
            return Seen(
                "problem",
                f"CUDA {answer.stuck} when it was to be initialised",
                evidence,
                "dmesg | grep -i -E 'nvrm|xid'",
                "Restart the machine; if it happens again, reinstall the driver.",
            )
        return Seen("unknown", f"CUDA {answer.stuck}", evidence, "nvidia-smi")
    evidence.append(f"cuInit: {answer.code} {_NAMES.get(answer.code, '')}".rstrip())
    if answer.code == 0:
        names = [str(one.get("name")) for one in answer.devices]
        evidence += [f"cuda:{one['index']}: {one.get('name')}" for one in answer.devices]
        title = f"CUDA works, with {len(names)} GPU{'s' if len(names) != 1 else ''}"
        return Seen("ok", title, evidence, "nvidia-smi")
    if answer.code == 100:
        return _no_device(facts, evidence)
    if answer.code == 999:
        return _unknown(facts, evidence)
    title, command, step = _ERRORS.get(
        answer.code,
        (f"CUDA cannot be initialised: error {answer.code}", "nvidia-smi", "Restart the machine."),
    )
    return Seen("problem", title, evidence, command, step)


def _no_device(facts: Facts, evidence: List[str]) -> Seen:
    value = facts.environ.get("CUDA_VISIBLE_DEVICES")
    uuids = [str(one.get("uuid")) for one in driver_answers(facts).nvml.devices]
    if uuids and value is not None and not visible(value, uuids):
        evidence.append(f'CUDA_VISIBLE_DEVICES="{value}"')
        return Seen("info", "CUDA sees no GPU, as CUDA_VISIBLE_DEVICES says", evidence)
    nodes = accelerators(facts).nodes
    if not uuids and not nodes:
        return Seen("info", "CUDA finds no GPU on this machine", evidence, "nvidia-smi")
    return Seen(
        "problem",
        "CUDA finds no GPU, although the machine has one",
        [*evidence, f"device files: {', '.join(nodes) or 'none'}"],
        "nvidia-smi; dmesg | grep -i nvrm",
        "Restart the machine; in a container, start it again with the GPU.",
    )


def _unknown(facts: Facts, evidence: List[str]) -> Seen:
    found = accelerators(facts)
    told: Optional[str] = None
    if found.uvm_loaded is not None:
        told = f"module nvidia_uvm: {'loaded' if found.uvm_loaded else 'not loaded'}"
    seen = [*evidence, f"/dev/nvidia-uvm: {'there' if found.uvm else 'missing'}"]
    if told:
        seen.append(told)
    if found.uvm_loaded is False:
        return Seen(
            "problem",
            "The driver's module nvidia_uvm is not loaded",
            seen,
            "lsmod | grep nvidia_uvm",
            "sudo modprobe nvidia_uvm.",
        )
    return Seen(
        "problem",
        "CUDA fails with its unknown error (999), as after the machine was suspended",
        seen,
        "lsmod | grep nvidia_uvm",
        f"Stop what uses the GPU, then: {_RELOAD}; or restart the machine.",
    )
