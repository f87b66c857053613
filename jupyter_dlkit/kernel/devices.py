"""Devices as this kernel's torch sees them, without initialising any.

``torch.cuda.mem_get_info`` would create a context of hundreds of MiB and
``is_available`` calls ``cuInit``, which breaks later forks: so a backend that
the user's code has not initialised is only named, with null for what it holds.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Dict, List, Optional

from . import loaded

Device = Dict[str, Any]


def devices() -> Dict[str, Any]:
    """A ``KernelDevices`` without ``kernel_state``; bytes, null where not known."""
    torch = loaded.torch()
    answer: Dict[str, Any] = {
        "devices": [_row("cpu", "cpu", _cpu_name(), initialized=True)],
        "current": None,
        "torch": None,
        "note": None,
        "taken_at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
    }
    if torch is None:
        answer["note"] = "This kernel has not imported torch."
        return answer
    answer["torch"] = str(torch.__version__)
    kind = accelerator(torch)
    if kind is None:
        answer["current"] = "cpu"
        answer["note"] = "This build of torch has no accelerator."
        return answer
    backend = torch.__dict__.get(kind)
    try:
        found = _cuda(torch) if kind == "cuda" else _other(torch, kind, backend)
    except Exception as error:
        found, answer["note"] = [], f"{kind} could not be asked: {error}"
    answer["devices"].extend(found)
    ready = [device for device in found if device["initialized"]]
    if ready:
        answer["current"] = _current(kind, backend) or ready[0]["id"]
    elif found:
        answer["note"] = f"This kernel has not used {kind} yet; its memory is shown once it has."
    elif answer["note"] is None:
        answer["current"] = "cpu"
        answer["note"] = f"This build of torch is made for {kind}, but no such device was found."
    return answer


def state() -> str:
    """What has been brought up so far: ``''``, ``torch``, or the accelerator in use (``cuda``).

    When it differs from the last time, the devices are worth asking for again.
    """
    torch = loaded.torch()
    if torch is None:
        return ""
    kind = accelerator(torch)
    if kind is None:
        return "torch"
    used = ask(torch.__dict__.get(kind), "is_initialized")
    return kind if used or used is None else "torch"


def accelerator(torch: Any) -> Optional[str]:
    """The type that ``torch.accelerator`` names (``cuda``, ``mps``, ``xpu``, …), or None.

    A build has one at most; asking for it initialises nothing.
    """
    accelerator_of_build = getattr(torch._C, "_accelerator_getAccelerator", None)  # torch 2.6
    if accelerator_of_build is not None:
        found = accelerator_of_build()
        return None if found is None else str(found.type)
    if torch.version.cuda or getattr(torch.version, "hip", None):
        return "cuda"
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_built():
        return "mps"
    return None


def _row(device: str, kind: str, name: Optional[str], initialized: Optional[bool]) -> Device:
    return {
        "id": device,
        "name": name,
        "type": kind,
        "uuid": None,
        "initialized": initialized,
        "allocated": None,
        "reserved": None,
        "total": None,
        "free": None,
    }


def _cuda(torch: Any) -> List[Device]:
    cuda = torch.cuda
    if not cuda.is_initialized():
        # By NVML or, under ROCm, amdsmi; the runtime's own count would initialise it.
        count = cuda._device_count_nvml() if torch.version.hip is None else -1
        return [_row(f"cuda:{i}", "cuda", None, False) for i in range(max(count, 0))]
    rows = []
    for index in range(cuda.device_count()):
        properties = cuda.get_device_properties(index)
        row = _row(f"cuda:{index}", "cuda", properties.name, True)
        uuid = getattr(properties, "uuid", None)
        row["uuid"] = None if uuid is None else f"GPU-{uuid}"
        row["total"] = properties.total_memory
        row["allocated"] = cuda.memory_allocated(index)
        row["reserved"] = cuda.memory_reserved(index)
        if row["reserved"]:  # a context of ours exists there; else asking would make one
            row["free"] = cuda.mem_get_info(index)[0]
        rows.append(row)
    return rows


def _other(torch: Any, kind: str, backend: Any) -> List[Device]:
    """MPS, XPU, and backends of others (PrivateUse1)."""
    initialized = ask(backend, "is_initialized")
    if kind == "mps":
        initialized = bool(ask(backend, "current_allocated_memory")) or None
    count = ask(backend, "device_count") if initialized or kind not in ("xpu",) else None
    rows = []
    for index in range(count or 0):
        row = _row(f"{kind}:{index}", kind, None, initialized)
        if initialized:
            row["name"] = ask(backend, "get_device_name", index)
            if kind == "mps":
                row["allocated"] = ask(backend, "current_allocated_memory")
                row["reserved"] = ask(backend, "driver_allocated_memory")
                row["total"] = ask(backend, "recommended_max_memory")
            else:
                row["allocated"] = ask(backend, "memory_allocated", index)
                row["reserved"] = ask(backend, "memory_reserved", index)
                free_total = ask(backend, "mem_get_info", index)
                if free_total is not None:
                    row["free"], row["total"] = free_total
                properties = ask(backend, "get_device_properties", index)
                uuid = getattr(properties, "uuid", None)
                row["uuid"] = None if uuid is None else str(uuid)
        rows.append(row)
    return rows


def _current(kind: str, backend: Any) -> Optional[str]:
    index = ask(backend, "current_device")
    return None if index is None else f"{kind}:{index}"


def ask(backend: Any, name: str, *arguments: Any) -> Any:
    """What the backend's function answers; None where it has none, or refuses."""
    function = getattr(backend, name, None)
    try:
        return None if function is None else function(*arguments)
    except Exception:
        return None


@lru_cache(maxsize=1)
def _cpu_name() -> Optional[str]:
    if not sys.platform.startswith("linux"):
        return None
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return None
