"""Devices, each with a bar of who uses its memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import device_lines, plain, sizes
from ..blocks import BLOCKS, blocks
from ..device_lines import DeviceLine
from ..memory_parts import Memory
from .markup import NOTHING, Html, fold, lines, output, tag

if TYPE_CHECKING:
    from ...api.devices import Devices
    from ...api.status import Status

#: Characters of a bar where there is no style.
_WIDTH = 40


def devices(result: Devices) -> str:
    """The devices of this process's torch, with who uses their memory."""
    return _output("devices", device_lines.of_devices(result), (result.note, result.advice))


def status(result: Status) -> str:
    """The accelerators and the machine, with who uses their memory."""
    return _output("status", device_lines.of_status(result), device_lines.notes(result))


def _output(kind: str, found: Sequence[DeviceLine], said: Sequence[str | None]) -> str:
    notes = [tag("p", plain.sentence(one), cls="quiet") for one in said if one]
    return output(kind, tag("ul", *map(_device, found), cls="devices"), *notes)


def _device(line: DeviceLine) -> Html:
    head: list[str] = [tag("strong", line.name)]
    if line.aside:
        head += [" ", tag("small", line.aside)]
    if line.used:
        head += [" ", tag("span", line.used, cls="used")]
    facts = tag("div", " · ".join(line.facts), cls="facts") if line.facts else NOTHING
    parts = [tag("div", *head, cls="head")]
    if line.memory is not None:
        parts += [bar(line.memory), tag("div", legend(line.memory), facts, cls="below")]
    elif line.facts:
        parts.append(tag("div", facts, cls="below"))
    if line.holders:
        held = [f"{who}: {much}" for who, much in line.holders]
        summary = f"{sizes.count(len(held), 'process', 'processes')} with memory there"
        parts.append(fold(summary, lines(held)))
    if line.note:
        parts.append(tag("p", line.note, cls="quiet"))
    return tag("li", *parts)


def bar(memory: Memory) -> Html:
    """Parts as wide as what they stand for; where there is no style, blocks that are as many."""
    parts = [
        tag("span", drawn, cls=f"part {part.kind}", style=f"width:{_percent(part.bytes, memory)}%")
        for part, drawn in zip(memory.parts, blocks(memory, _WIDTH), strict=True)
    ]
    spoken = f"Memory: {memory.spoken}, of {sizes.size(memory.total)}"
    return tag("div", *parts, cls="bar", role="img", aria_label=spoken)


def legend(memory: Memory) -> Html:
    """What the parts are called, and how much each is."""
    items: list[str] = []
    for part in memory.parts:
        sign = tag("span", BLOCKS[part.kind], cls="sign", aria_hidden="true")
        label = f" {part.label} {sizes.size(part.bytes)}"
        items += [tag("span", sign, label, cls=f"key {part.kind}"), " "]
    return tag("div", *items[:-1], cls="legend")


def _percent(bytes: int, memory: Memory) -> str:
    return f"{100 * bytes / max(memory.total, 1):.2f}".rstrip("0").rstrip(".")
