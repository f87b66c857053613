"""What a cell used, as lines of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.usage import DeviceUsage, Usage


class UsageLine(NamedTuple):
    """Bytes, written.  ``peak`` says ``at most`` where it is not exact."""

    device: str
    before: str
    after: str
    change: str
    peak: str


def lines(usage: Usage) -> list[UsageLine]:
    """A line for each device, and one for the RAM of the process."""
    return [_line(plain.name(device, 40), one) for device, one in usage.devices.items()] + [
        _line("RAM", usage.ram)
    ]


def _line(name: str, used: DeviceUsage) -> UsageLine:
    peak = sizes.size(used.peak)
    if used.peak is not None and not used.peak_is_exact:
        peak = f"at most {peak}"
    return UsageLine(
        name, sizes.size(used.before), sizes.size(used.after), sizes.change(used.change), peak
    )


def sentence(usage: Usage) -> str:
    """``The cell took 1.2 s.``"""
    return f"The cell took {sizes.seconds(usage.seconds)}."


def note(usage: Usage) -> str:
    """What the words of the table mean, where that needs saying."""
    said = ["RAM is what the whole process holds."]
    if usage.devices:
        said = ["RAM is what the whole process holds; a device's bytes are those of its tensors."]
    if any(one.peak is not None and not one.peak_is_exact for one in usage.devices.values()):
        said.append("At most: the peak before this cell was higher, and is not ours to reset.")
    return " ".join(said)
