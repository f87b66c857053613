"""The device that a move goes to, and what it says of its memory."""

from __future__ import annotations

from typing import Any, Dict, Optional

from .. import devices
from ..errors import Refusal


def parse(torch: Any, text: str) -> Any:
    """``torch.device`` with its index.

    Raises ``Refusal`` (400) for what torch does not know, for an index that does not
    exist, and for ``meta``.
    """
    try:
        device = torch.device(text)
    except (RuntimeError, TypeError, ValueError):
        raise Refusal(
            "no_such_device",
            f"{text!r} is not a device that torch knows.",
            f"This kernel has {_offered(torch)}.",
            400,
        ) from None
    kind = device.type
    if kind == "meta":
        raise Refusal(
            "meta",
            "Moving to meta would lose the data: a meta tensor has a shape and no values.",
            f"This kernel has {_offered(torch)}.",
            400,
        )
    if kind == "cpu":
        return torch.device("cpu")
    count = _count(torch, kind)
    if not count:
        raise Refusal(
            "no_such_device",
            f"This kernel's torch has no {kind} device.",
            f"It has {_offered(torch)}.",
            400,
        )
    index = device.index
    if index is None:
        current = devices.ask(getattr(torch, kind, None), "current_device")
        index = current if isinstance(current, int) else 0
    if not 0 <= index < count:
        raise Refusal(
            "no_such_device",
            f"There is no {kind}:{index}: this kernel has {count} {kind} "
            + ("device." if count == 1 else "devices."),
            f"It has {_offered(torch)}.",
            400,
        )
    return torch.device(kind, index)


def _count(torch: Any, kind: str) -> int:
    """How many devices of a kind a tensor can be made on."""
    backend = getattr(torch, kind, None)
    if kind == "mps":
        return int(bool(devices.ask(getattr(torch.backends, "mps", None), "is_available")))
    if backend is None or kind == "cpu":
        return 0
    if devices.ask(backend, "is_available") is False:
        return 0
    return int(devices.ask(backend, "device_count") or 0)


def _offered(torch: Any) -> str:
    kind = devices.accelerator(torch)
    names = ["cpu"]
    if kind is not None:
        names += [f"{kind}:{index}" for index in range(_count(torch, kind))]
    return ", ".join(names)


def is_initialized(torch: Any, device: Any) -> bool:
    """Whether asking the device for its memory brings nothing up."""
    if device.type == "cpu":
        return True
    return devices.ask(getattr(torch, device.type, None), "is_initialized") is not False


def free_bytes(torch: Any, device: Any) -> Optional[int]:
    """What a tensor could still get there; None when the device does not say.

    What the caching allocator holds and has not given out counts as free.
    """
    if device.type == "cpu":
        from ...hardware.host import HostReader

        return HostReader().read().memory.available
    if not is_initialized(torch, device):
        return None
    backend = getattr(torch, device.type, None)
    found = devices.ask(backend, "mem_get_info", device.index)
    if found is None:
        total = devices.ask(backend, "recommended_max_memory")  # MPS
        used = devices.ask(backend, "driver_allocated_memory")
        return None if total is None or used is None else max(0, int(total) - int(used))
    free = int(found[0])
    reserved = devices.ask(backend, "memory_reserved", device.index)
    allocated = devices.ask(backend, "memory_allocated", device.index)
    if reserved is not None and allocated is not None:
        free += max(0, int(reserved) - int(allocated))
    return free


def allocated_bytes(torch: Any, device: Any) -> Optional[int]:
    """What torch's allocator has given out there; None for the host and for what does not say."""
    if device.type == "cpu" or not is_initialized(torch, device):
        return None
    backend = getattr(torch, device.type, None)
    found = devices.ask(backend, "memory_allocated", device.index)
    if found is None:
        found = devices.ask(backend, "current_allocated_memory")
    return None if found is None else int(found)


def synchronize(torch: Any, device: Any) -> None:
    """Wait for the copies, so that an error of theirs comes before anything is changed."""
    function = getattr(getattr(torch, device.type, None), "synchronize", None)
    if function is None or device.type == "cpu":
        return
    if device.type == "mps":
        function()
    else:
        function(device.index)


def measured(before: Dict[str, Optional[int]], after: Dict[str, Optional[int]]) -> Dict[str, Any]:
    """``Bytes`` by device."""
    from .values import Bytes

    return {name: Bytes(before[name], after.get(name)) for name in before}
