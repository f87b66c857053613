"""Since when each accelerator has done nothing while kernels hold it; values only.

A look a minute sees a load only when it falls into the second before the look.  So more than
the load counts as use: a cell that began or ended, and memory that a kernel took or gave back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

#: A load below this percentage is a desktop's drawing, or nothing.
IN_USE = 3.0

#: An idle kernel that takes this share of a core works in a thread or a child of its own.
WORKING = 0.2


@dataclass(frozen=True)
class KernelLook:
    """One kernel at one look.

    ``state`` is Jupyter's (``idle``, ``busy``, ...), but ``busy`` wherever its agent says so.
    ``last_activity`` is anything that differs after a cell, and perhaps after less; ``cells``
    differs when one began or ended (None: no agent tells).  ``cores`` are the processors that
    its processes used since the last look (None: not known), ``changing`` says whether a move or
    a release of ours runs in it, ``silent`` that it was asked whether it rests and did not say so.
    """

    id: str
    name: str
    notebook: str | None
    state: str
    last_activity: Any = None
    cores: float | None = None
    changing: bool = False
    cells: object = None
    silent: bool = False

    @property
    def title(self) -> str:
        """What a person knows it by."""
        return self.notebook or f"the kernel {self.name}"

    @property
    def reason(self) -> str | None:
        """Why it may not be shut down, as a sentence; None when it may."""
        if self.state == "busy":
            return f"{self.title} runs a cell."
        if self.state != "idle":
            return f"{self.title} is {self.state}: it is not known to be idle."
        if self.changing:
            return f"{self.title} moves or releases tensors just now."
        if self.cores is not None and self.cores >= WORKING:
            return (
                f"{self.title} runs no cell, but its processes have used {self.cores:.0%} of a "
                "core since the last look: something may work in the background. Try again in "
                "a minute."
            )
        if self.silent:
            return f"{self.title} did not answer that it rests: something may run in it."
        return None

    @property
    def doing(self) -> str | None:
        """The same in two or three words."""
        if self.state == "busy":
            return "runs a cell"
        if self.state != "idle":
            return self.state
        return None if self.reason is None else "may be at work"


@dataclass(frozen=True)
class DeviceLook:
    """One accelerator at one look.

    ``utilization`` in percent, None where the driver does not tell; ``held`` is what each
    kernel holds of it, in bytes, None where that is not known.
    """

    uuid: str
    index: int
    name: str
    utilization: float | None
    held: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """The machine at one time; ``at`` in seconds of a clock that only goes forward."""

    at: float
    devices: tuple[DeviceLook, ...]
    kernels: Mapping[str, KernelLook]


class Ledger:
    """Keeps, from look to look, since when each accelerator is idle."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._before: Look | None = None

    def clear(self) -> None:
        """Begins anew: nothing is known to be idle."""
        self._since.clear()
        self._before = None

    def observe(self, look: Look) -> None:
        """Takes the next look."""
        since = {}
        for device in look.devices:
            if device.held:
                used = self._in_use(device, look)
                since[device.uuid] = look.at if used else self._since.get(device.uuid, look.at)
        self._since, self._before = since, look

    def idle(self) -> dict[str, float]:
        """Seconds for which each accelerator that kernels hold was idle, at the last look."""
        if self._before is None:
            return {}
        return {uuid: self._before.at - since for uuid, since in self._since.items()}

    def _in_use(self, device: DeviceLook, look: Look) -> bool:
        if device.utilization is not None and device.utilization >= IN_USE:
            return True
        before = self._before
        earlier = None if before is None else _device(before, device.uuid)
        if before is None or earlier is None or dict(earlier.held) != dict(device.held):
            return True
        holders = [look.kernels[k] for k in device.held if k in look.kernels]
        if any(_stirred(before.kernels.get(kernel.id), kernel) for kernel in holders):
            return True
        # Without a load to look at, a kernel that works is taken to work on it.
        return device.utilization is None and any(k.reason is not None for k in holders)


def _device(look: Look, uuid: str) -> DeviceLook | None:
    return next((device for device in look.devices if device.uuid == uuid), None)


def _stirred(before: KernelLook | None, now: KernelLook) -> bool:
    """Whether a cell began or ended; what a running cell prints says nothing of its device.

    Where the agent counts cells, a page that connects to the kernel is no use of it: for Jupyter
    that is activity.
    """
    if before is None:
        return True
    if before.cells is not None and now.cells is not None:
        return before.cells != now.cells
    if before.state != now.state:
        return True
    return bool(now.state == "idle" and before.last_activity != now.last_activity)
