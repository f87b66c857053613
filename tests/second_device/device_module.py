"""What torch, and who uses it, asks a device's module: ``torch.toy``."""

from __future__ import annotations

import ctypes
import types
from typing import Any


def device_module(name: str, library: ctypes.CDLL) -> types.ModuleType:
    """A module with the functions of ``torch.cuda`` that make sense here; sizes in bytes."""

    def index_of(device: Any) -> int:
        """Of a device however it is written; None is the current one."""
        import torch

        if device is not None and not isinstance(device, int):
            device = torch.device(device).index
        index = library.toy_current_device() if device is None else device
        if not 0 <= index < library.toy_device_count():
            raise RuntimeError(f"{name}: invalid device ordinal {index}")
        return int(index)

    def memory_allocated(device: Any = None) -> int:
        return int(library.toy_allocated(index_of(device)))

    def memory_reserved(device: Any = None) -> int:
        return int(library.toy_reserved(index_of(device)))

    def max_memory_allocated(device: Any = None) -> int:
        return int(library.toy_peak(index_of(device)))

    def reset_peak_memory_stats(device: Any = None) -> None:
        library.toy_reset_peak(index_of(device))

    def mem_get_info(device: Any = None) -> tuple[int, int]:
        total = int(library.toy_limit(index_of(device), -1))
        return max(0, total - memory_reserved(device)), total

    def set_device(device: Any) -> None:
        library.toy_set_device(index_of(device))

    def synchronize(device: Any = None) -> None:
        index_of(device)

    def get_rng_state(device: Any = None) -> Any:
        import torch

        index_of(device)
        return torch.empty(0, dtype=torch.uint8)  # its numbers come from the CPU's generator

    module = types.ModuleType(f"torch.{name}", "The second device.")
    module.__dict__.update(
        is_available=lambda: True,
        is_initialized=lambda: True,
        device_count=lambda: int(library.toy_device_count()),
        current_device=lambda: int(library.toy_current_device()),
        set_device=set_device,
        synchronize=synchronize,
        get_rng_state=get_rng_state,
        set_rng_state=lambda state, device=None: None,
        get_device_name=lambda device=None: f"Toy {index_of(device)}",
        memory_allocated=memory_allocated,
        memory_reserved=memory_reserved,
        max_memory_allocated=max_memory_allocated,
        reset_peak_memory_stats=reset_peak_memory_stats,
        mem_get_info=mem_get_info,
        empty_cache=lambda: library.toy_empty_cache(),
        manual_seed_all=lambda seed: None,
        get_amp_supported_dtype=lambda: [],  # torch.utils.checkpoint asks for it
        _is_in_bad_fork=lambda: False,
    )
    return module
