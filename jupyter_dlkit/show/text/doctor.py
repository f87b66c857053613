"""What the doctor found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import doctor_lines
from ..doctor_lines import Item
from . import width as cells
from .ink import Ink

if TYPE_CHECKING:
    from ...api.doctor import Diagnosis


def doctor(result: Diagnosis, width: int | None = None, colour: bool = False) -> str:
    """The one thing to do first, then the rest by group; what is fine is counted."""
    ink, room = Ink(colour), cells.columns(width)
    said = doctor_lines.report(result)
    lines = _signed(said.tone, said.sign, said.summary, room, "", ink)
    if said.first is not None:
        step = said.first.next_step or said.first.title
        lines += ["", ink("strong", "Do this first")]
        lines += [ink("strong", line) for line in cells.wrapped(step, room, "  ")]
        lines += _seen(said.first, room, "  ", ink)
    for section in said.sections:
        lines += ["", ink("strong", section.title)]
        for item in section.items:
            lines += _item(item, room, ink)
    lines.append("")
    for tone, sign, title, items in (
        ("good", "✓", said.fine_title, said.fine),
        ("quiet", "–", said.beside_title, said.beside),
    ):
        if items:
            lines += _signed(tone, sign, f"{title}.", room, "", ink)
    lines += [ink("quiet", line) for line in cells.wrapped(said.about, room)]
    return "\n".join(lines)


def _item(item: Item, room: int, ink: Ink) -> list[str]:
    lines = _signed(item.tone, item.sign, item.title, room, "  ", ink)
    lines += cells.wrapped(item.next_step, room, "    ")
    return lines + (_seen(item, room, "    ", ink) if item.open or item.tone == "stretch" else [])


def _seen(item: Item, room: int, indent: str, ink: Ink) -> list[str]:
    found = [line for text in item.evidence for line in cells.wrapped(text, room, indent)]
    lines = [ink("quiet", line) for line in found]
    if item.command:
        lines.append(f"{indent}$ {item.command}")  # never broken: it is copied
    return lines


def _signed(tone: str, sign: str, text: str, room: int, indent: str, ink: Ink) -> list[str]:
    first, *rest = cells.wrapped(text, room - len(indent) - 2) or [""]
    return [f"{indent}{ink(tone, sign)} {first}", *(f"{indent}  {line}" for line in rest)]
