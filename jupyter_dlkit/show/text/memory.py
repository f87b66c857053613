"""Who owns the memory of each device, and what a release gave back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import memory_lines, release_lines
from ..check_lines import SIGNS
from ..memory_lines import DeviceLines, OwnerLine
from . import bar
from . import width as cells
from .ink import Ink
from .table import Column, table

if TYPE_CHECKING:
    from ...api.memory import Memory
    from ...api.releasing import Released

#: Lines inside of one owner, and references, that are listed.
_MOST_INSIDE, _MOST_REMOVED = 3, 10

_OWNERS = (
    Column("owner", least=12, cut="middle"),
    Column("what", spare=2, tone="quiet"),
    Column("bytes", right=True),
    Column("share", right=True, spare=3),
)
_CELLS = (
    Column("cell", least=8),
    Column("device", least=6),
    Column("change", right=True),
    Column("peak", right=True, spare=2),
    Column("took", right=True, spare=1),
)


def memory(result: Memory, width: int | None = None, colour: bool = False) -> str:
    """For each device a bar, and its owners; before, what need not be taken."""
    ink, room = Ink(colour), cells.columns(width)
    blocks = [_findings(result, room, ink)]
    blocks += [_device(one, room, ink) for one in memory_lines.devices(result)]
    notes = [one for text in memory_lines.notes(result) for one in cells.wrapped(text, room)]
    changed = memory_lines.cells(result)
    told = [ink("strong", "Cells that changed memory"), *table(_CELLS, changed, room, ink)]
    blocks += [notes, told if changed else []]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _findings(result: Memory, room: int, ink: Ink) -> list[str]:
    found = memory_lines.findings(result)
    lines = [ink("strong", "Need not be taken")] if found else []
    for one in found:
        first, *rest = cells.wrapped(one.message, room - 2) or [""]
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
        lines += cells.wrapped(one.hint, room, "    ")
    return lines


def _device(line: DeviceLines, room: int, ink: Ink) -> list[str]:
    name = cells.fit(line.name, room - cells.of(line.used) - 2)
    gap = " " * (room - cells.of(name) - cells.of(line.used))
    written = [f"{ink('strong', name)}{gap}{line.used}".rstrip()]
    if line.memory is not None:
        written += [bar.bar(line.memory, room, ink), *bar.legend(line.memory, room, ink)]
    written += cells.wrapped(" · ".join(line.facts), room)
    rows = [row for owner in line.owners for row in _rows(owner, 0)]
    if rows:
        told = table(_OWNERS, [row for row, _ in rows], room, ink)
        written.append(told[0])
        for text, (_, notes) in zip(told[1:], rows, strict=True):
            written.append(text)
            written += [part for note in notes for part in cells.wrapped(note, room, "    ")]
    if line.more:
        written.append(f"and {line.more:,} more")
    return written


def _rows(line: OwnerLine, depth: int) -> Iterator[tuple[Sequence[str], tuple[str, ...]]]:
    yield (f"{'  ' * depth}{line.name}", line.what, line.bytes, line.share), line.notes
    if depth == 0:
        for one in line.inside[:_MOST_INSIDE]:
            yield from _rows(one, 1)
        more = len(line.inside) - _MOST_INSIDE + line.more
        if more > 0:
            yield (f"  and {more:,} more", "", "", ""), ()


def released(result: Released, width: int | None = None, colour: bool = False) -> str:
    """A sentence, and for each thing and device what was measured and what still holds the rest."""
    ink, room = Ink(colour), cells.columns(width)
    said = release_lines.report(result)
    first, *rest = cells.wrapped(said.sentence, room - 2) or [""]
    lines = [f"{ink(said.tone, SIGNS[said.tone])} {first}", *(f"  {one}" for one in rest)]
    for line, why in said.rows:
        lines += cells.wrapped(line, room, "  ")
        lines += cells.wrapped(why, room, "    ")
    if said.removed:
        lines.append(f"  {ink('strong', said.removed_title)}")
        names = ", ".join(said.removed[:_MOST_REMOVED])
        more = len(said.removed) - _MOST_REMOVED
        lines += cells.wrapped(names + (f" and {more:,} more" if more > 0 else ""), room, "    ")
    lines += cells.wrapped(said.advice, room, "  ")
    return "\n".join(lines)
