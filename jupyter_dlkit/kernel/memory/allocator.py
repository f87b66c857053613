"""What torch's allocators say of a device, without allocating or initialising anything."""

from __future__ import annotations

import os
from bisect import bisect_right
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .. import devices, loaded


class Blocks(NamedTuple):
    """Pieces that the caching allocator has given out, by address, and its cache."""

    starts: List[int]
    sizes: List[int]
    split: int  #: bytes of the cache in segments of which a part is in use
    largest_free: int

    def at(self, address: int) -> Optional[int]:
        """Which piece an address is in."""
        position = bisect_right(self.starts, address) - 1
        if position < 0 or address >= self.starts[position] + self.sizes[position]:
            return None
        return position


class Facts(NamedTuple):
    """Bytes; None where it is not known."""

    device: str
    allocated: Optional[int]
    reserved: Optional[int]
    total: Optional[int]
    free: Optional[int]
    granularity: int  #: sizes are rounded up to a multiple of it
    blocks: Optional[Blocks]
    uuid: Optional[str] = None


def accelerators(blocks: bool) -> List[Facts]:
    """The devices that the kernel's torch has brought up.  ``blocks``: look at each of them."""
    torch = loaded.torch()
    if torch is None:
        return []
    rows = [row for row in devices.devices()["devices"] if row["type"] != "cpu"]
    ready = [row for row in rows if row["initialized"]]
    if not ready:
        return []
    kind = ready[0]["type"]
    by_device = _snapshot(torch, kind) if blocks and kind == "cuda" else {}
    return [
        Facts(
            row["id"],
            row["allocated"],
            row["reserved"],
            row["total"],
            row["free"],
            512 if kind == "cuda" else 1,
            by_device.get(row["id"]),
            row["uuid"],
        )
        for row in ready
    ]


def allocated(facts: List[Facts]) -> Dict[str, Optional[int]]:
    """What the allocators say now, of the same devices."""
    torch = loaded.torch()
    found: Dict[str, Optional[int]] = {}
    for fact in facts:
        kind, _, index = fact.device.partition(":")
        backend = getattr(torch, kind, None)
        if kind == "mps":
            found[fact.device] = devices.ask(backend, "current_allocated_memory")
        else:
            found[fact.device] = devices.ask(backend, "memory_allocated", int(index or 0))
    return found


def _snapshot(torch: Any, kind: str) -> Dict[str, Blocks]:
    """By device; empty where the allocator does not tell."""
    segments = _segments(torch)
    gathered: Dict[str, Tuple[List[Tuple[int, int]], List[int], List[int]]] = {}
    for segment in segments or ():
        given, split, largest = gathered.setdefault(f"{kind}:{segment['device']}", ([], [0], [0]))
        address, idle = int(segment["address"]), 0
        in_use = bool(segment["allocated_size"])
        for block in segment["blocks"]:
            size = int(block["size"])
            if block["state"] == "active_allocated":
                given.append((address, size))
            elif block["state"] == "inactive":
                idle += size
                largest[0] = max(largest[0], size)
            address += size
        split[0] += idle if in_use else 0
    answer = {}
    for device, (given, split, largest) in gathered.items():
        given.sort()
        starts, sizes = [start for start, _ in given], [size for _, size in given]
        answer[device] = Blocks(starts, sizes, split[0], largest[0])
    return answer


def _segments(torch: Any) -> Optional[List[Dict[str, Any]]]:
    snapshot = torch.cuda.memory_snapshot
    try:
        return list(snapshot(include_traces=False))
    except TypeError:  # an older torch gives the history too, which may be long when it is kept
        recorded = getattr(torch._C, "_cuda_isHistoryEnabled", None)
        if recorded is None or recorded():
            return None
    except Exception:  # another allocator
        return None
    return list(devices.ask(torch.cuda, "memory_snapshot") or ()) or None


def workspace_sizes(torch: Any, device: str) -> Dict[int, str]:
    """Sizes of pieces that cuBLAS is given to work in → what they are, as torch chooses them."""
    index = int(device.partition(":")[2] or 0)
    capability = devices.ask(torch.cuda, "get_device_capability", index) or (0, 0)
    large = 32 << 20
    sizes = {(large if capability[0] >= 9 else (8 << 20) + (128 << 10)): "cuBLAS"}
    total, words = 0, os.environ.get("CUBLAS_WORKSPACE_CONFIG", "").split(":")[1:]
    for size, count in zip(words[::2], words[1::2]):  # :KiB:count:KiB:count
        if size.isdigit() and count.isdigit():
            total += int(size) * int(count) << 10
    if total:
        sizes[total] = "cuBLAS"
    asked = os.environ.get("CUBLASLT_WORKSPACE_SIZE", "")
    lt = int(asked) << 10 if asked.isdigit() else (large if capability[0] >= 9 else 1 << 20)
    sizes.setdefault(lt, "cuBLASLt")
    return {-(-size // 512) * 512: name for size, name in sizes.items()}


def resident_bytes() -> Optional[int]:
    """This process's resident memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as numbers:
            return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    from ...hardware.host import psutil_or_none

    psutil = psutil_or_none()
    return None if psutil is None else int(psutil.Process().memory_info().rss)
