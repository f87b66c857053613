"""What a person is told when accelerators stand idle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..show.sizes import size
from .idle_ledger import IN_USE, DeviceLook, KernelLook, Look

HINT = (
    "Shut down the kernels that you do not need: that gives back what they hold. Where a machine "
    "is paid by the hour, only stopping the machine ends the bill."
)


@dataclass(frozen=True)
class Notice:
    """Accelerators that are idle for longer than the limit, and the kernels that hold them.

    ``id`` stays the same from the first device's limit until nothing is idle any more.
    ``idle`` are the devices with the seconds for which they are idle, the longest first.
    ``price`` is of the machine, for an hour; None where nobody has set it.
    """

    id: str
    raised_at: datetime
    idle: tuple[tuple[DeviceLook, float], ...]
    look: Look
    price: float | None
    currency: str

    @property
    def kernels(self) -> list[KernelLook]:
        """Those that hold any of the devices, in the devices' order."""
        ids = dict.fromkeys(k for device, _ in self.idle for k in device.held)
        return [self.look.kernels[k] for k in ids if k in self.look.kernels]

    @property
    def seconds(self) -> float:
        """For how long all of them are idle."""
        return min(seconds for _, seconds in self.idle)

    @property
    def cost(self) -> float | None:
        """What the machine cost in that time."""
        return None if self.price is None else self.price * self.seconds / 3600

    def message(self) -> str:
        """One sentence with names, and a second one with the cost."""
        who = _listed([self._named(kernel) for kernel in self.kernels])
        holds = "holds" if len(self.kernels) == 1 else "hold"
        if len(self.idle) == 1:
            device = self.idle[0][0]
            known = [held for held in device.held.values() if held]
            what = f"{size(sum(known))} of it" if known else "it"
            text = f"{device.name} has been idle for {_duration(self.seconds)} while {who} {holds}"
            text += f" {what}."
        else:
            names = _listed([device.name for device, _ in self.idle])
            text = f"{len(self.idle)} accelerators ({names}) have been idle for "
            text += f"{_duration(self.seconds)} or longer while {who} {holds} them."
        cost = self.cost
        return text if cost is None else f"{text} That was about {self.currency}{cost:.2f}."

    def _named(self, kernel: KernelLook) -> str:
        """Its title, and why it is not among those that may be shut down."""
        if why_not(kernel, self.look) is None:
            return kernel.title
        return f"{kernel.title} ({kernel.doing or 'may be at work'})"

    def to_dict(self) -> dict[str, Any]:
        """An ``IdleNotice`` of the document."""
        cost = self.cost
        return {
            "id": self.id,
            "raised_at": self.raised_at.isoformat(timespec="seconds"),
            "idle_minutes": round(self.seconds / 60, 1),
            "cost": None if cost is None else round(cost, 2),
            "message": self.message(),
            "hint": HINT,
            "devices": [
                {
                    "uuid": device.uuid,
                    "name": device.name,
                    "index": device.index,
                    "idle_minutes": round(seconds / 60, 1),
                }
                for device, seconds in self.idle
            ],
            "kernels": [kernel_to_dict(kernel, self.look) for kernel in self.kernels],
        }


def kernel_to_dict(kernel: KernelLook, look: Look) -> dict[str, Any]:
    """An ``IdleKernel`` of the document: what it holds, and whether it may be shut down."""
    held = {d.uuid: d.held[kernel.id] for d in look.devices if kernel.id in d.held}
    known = [count for count in held.values() if count is not None]
    reason = why_not(kernel, look)
    return {
        "id": kernel.id,
        "name": kernel.name,
        "notebook": kernel.notebook,
        "execution_state": kernel.state,
        "bytes": sum(known) if known else None,
        "devices": list(held),
        "may_shut_down": reason is None,
        "reason": reason,
    }


def why_not(kernel: KernelLook, look: Look) -> str | None:
    """Why a kernel may not be shut down, as a sentence; None when it may."""
    if kernel.reason is not None:
        return kernel.reason
    # One that runs no cell may still have a thread that trains on a device.
    for device in look.devices:
        if kernel.id not in device.held or (device.utilization or 0) < IN_USE:
            continue
        others = [look.kernels[k] for k in device.held if k in look.kernels and k != kernel.id]
        if all(other.state == "idle" for other in others):
            return f"{kernel.title} runs no cell, but {device.name}, which it holds, is in use."
    return None


def _listed(names: list[str]) -> str:
    different = list(dict.fromkeys(names))
    if len(different) > 4:
        different = [*different[:3], f"{len(different) - 3} more"]
    *rest, last = different or ["a kernel"]
    return f"{', '.join(rest)} and {last}" if rest else last


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return "1 minute" if int(minutes) == 1 else f"{int(minutes)} minutes"
    return f"{minutes / 60:.1f} hours"
