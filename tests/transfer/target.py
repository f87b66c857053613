"""The device that tensors are moved to: the second device, or a real one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import torch

from tests import second_device

MIB = 1 << 20


class Target:
    """A device with its memory.

    ``replaces``: no tensor object can be pointed at data there (``Module.to`` makes new
    parameters).
    """

    def __init__(self, kind: str, replaces: bool = False) -> None:
        self.kind = kind
        self.replaces = replaces
        self.module: ModuleType = torch.get_device_module(kind)
        self.name = f"{kind}:0"

    @property
    def device(self) -> torch.device:
        return torch.device(self.name)

    @property
    def second(self) -> str | None:
        """The name of another device of this kind."""
        return f"{self.kind}:1" if self.module.device_count() > 1 else None

    def allocated(self) -> int:
        """Bytes on all devices of the kind, unreachable tensors not counted."""
        gc.collect()
        count = self.module.device_count()
        return sum(int(self.module.memory_allocated(index)) for index in range(count))

    def rounded(self, *sizes: int) -> int:
        """What the allocator gives out for storages of these sizes, together."""
        if self.kind == "cuda":
            return sum(-(-size // 512) * 512 for size in sizes)
        return sum(sizes)

    def faults(self, needed: int) -> Iterator[Fault]:
        """Ways for a move to fail; each a little later than the one before, without end.

        ``needed``: bytes that the move allocates, which a real device is limited by.
        """
        if self.kind == second_device.NAME:
            for k in range(1, 10_000):
                yield Fault(f"allocation {k}", self, k)
        for room in range(0, needed + 64 * MIB, 2 * MIB):
            yield Fault(f"room for {room // MIB} MiB", self, room)


class Fault:
    """Something that will go wrong on a target."""

    def __init__(self, name: str, target: Target, at: int) -> None:
        self.name = name
        self._target = target
        self._at = at

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Within, the device fails; after it, never."""
        if self._target.kind == second_device.NAME:
            second_device.fail_at(self._at)
            try:
                yield
            finally:
                second_device.fail_at(0)
            return
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(0).total_memory
        held = torch.cuda.memory_reserved(0)
        torch.cuda.set_per_process_memory_fraction((held + self._at) / total, 0)
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0, 0)
