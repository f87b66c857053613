"""Devices: a line, a bar and a legend for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import device_lines, plain
from ..device_lines import DeviceLine
from . import bar
from . import width as cells
from .ink import Ink

if TYPE_CHECKING:
    from ...api.devices import Devices
    from ...api.status import Status

#: Processes of one device that are named.
MOST_HOLDERS = 8


def devices(result: Devices, width: int | None = None, colour: bool = False) -> str:
    """The devices of this process's torch, with who uses their memory."""
    return _text(device_lines.of_devices(result), (result.note, result.advice), width, colour)


def status(result: Status, width: int | None = None, colour: bool = False) -> str:
    """The accelerators and the machine, with who uses their memory."""
    said = device_lines.notes(result)
    return _text(device_lines.of_status(result), said, width, colour)


def _text(
    lines: Sequence[DeviceLine], said: Sequence[str | None], width: int | None, colour: bool
) -> str:
    ink, room = Ink(colour), cells.columns(width)
    written: list[str] = []
    for line in lines:
        written += [*[""] * bool(written), *_device(line, room, ink)]
    notes = [text for one in said if one for text in cells.wrapped(plain.sentence(one), room)]
    return "\n".join([*written, *[""] * bool(notes), *notes])


def _device(line: DeviceLine, room: int, ink: Ink) -> list[str]:
    facts = "  ".join(line.facts)
    right = f"{line.used}  {facts}".strip()
    below = cells.of(line.name) + 2 + cells.of(right) > room
    if below:
        right = line.used
    left = cells.fit(line.name, max(room - cells.of(right) - 2, 12))
    space = room - cells.of(left) - cells.of(right) - 4
    aside = cells.fit(line.aside, space) if space > 3 else ""
    head = f"{left}  {aside}" if aside else left
    gap = " " * max(2, room - cells.of(head) - cells.of(right))
    said = ink("strong", left) + (f"  {ink('quiet', aside)}" if aside else "")
    written = [f"{said}{gap}{right}".rstrip() if right else said]
    if line.memory is not None:
        written.append(bar.bar(line.memory, room, ink))
        written += bar.legend(line.memory, room, ink)
    if below and facts:
        written.append(facts)
    for who, held in line.holders[:MOST_HOLDERS]:
        written.append(f"  {cells.fit(who, room - 4 - cells.of(held))}  {held}")
    if len(line.holders) > MOST_HOLDERS:
        written.append(f"  … and {len(line.holders) - MOST_HOLDERS} more processes")
    if line.note:
        written += cells.wrapped(line.note, room, "  ")
    return written
