"""Whether shapes fit: the aligned dimensions with signs, and what would work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .. import aligned, check_lines
from ..aligned import Cell, Picture
from ..check_lines import Part
from . import width as cells
from .ink import Ink

if TYPE_CHECKING:
    from ...api.checking import Checked


def checked(result: Checked, width: int | None = None, colour: bool = False) -> str:
    """The verdict, the shapes aligned from the right, the reasons, and code that would work."""
    ink, room = Ink(colour), cells.columns(width)
    said = check_lines.answer(result)
    sign = ink(said.tone, check_lines.SIGNS[said.tone])
    first, *rest = cells.wrapped(f"{said.source} {said.verdict}", room - 2)
    lines = [f"{sign} {first}", *(f"  {line}" for line in rest)]
    alone = len(said.parts) == 1
    for part in said.parts:
        lines += _part(part, room, ink, alone)
    for problem in said.problems:
        lines += ["", *cells.wrapped(problem, room, "  ")]
    return "\n".join(lines)


def _part(part: Part, room: int, ink: Ink, alone: bool) -> list[str]:
    lines: list[str] = []
    if not alone:
        sign = ink(part.tone, check_lines.SIGNS[part.tone])
        outcome = f"  {part.outcome}" if part.outcome else ""
        first, *rest = cells.wrapped(f"{part.source}{outcome}", room - 4)
        lines += [f"  {sign} {first}", *(f"    {line}" for line in rest)]
        if part.tone == "good":
            return lines
    indent = "  " if alone else "    "
    if part.picture is not None:
        lines += ["", *(indent + line for line in _picture(part.picture, room - len(indent), ink))]
        lines += [ink("quiet", line) for line in _key(part.picture, room, indent)]
    for text in part.problems:
        lines += ["", *cells.wrapped(text, room, indent)]
    for text, is_warning in part.traps:
        written = cells.wrapped(text, room - 2, indent)
        mark = ink("trap", "!") if is_warning else " "
        lines += ["", f"{indent}{mark} {written[0].strip()}"]
        lines += [f"{indent}  {line.strip()}" for line in written[1:]]
    if part.mends:
        wide = max(cells.of(code) for code, _ in part.mends)
        lines += ["", f"{indent}What would work:"]
        for code, gives in part.mends:
            after = f"  gives {gives}" if gives else ""
            if after and len(indent) + 2 + wide + cells.of(after) <= room:
                lines.append(f"{indent}  {cells.pad(code, wide)}{after}")
            else:
                lines.append(f"{indent}  {code}{after}")
    return lines


def _key(picture: Picture, room: int, indent: str) -> list[str]:
    words = check_lines.key(picture)
    together = indent + "   ".join(words)
    if cells.of(together) <= room:
        return [together] if words else []
    return [indent + word for word in words]


def _picture(picture: Picture, room: int, ink: Ink) -> list[str]:
    """The columns stand below each other digit by digit, their signs behind them."""
    named = min(max(cells.of(row.name) for row in picture.rows), max(room // 3, 10))
    named = max(named, len(picture.outcome_name) if picture.outcome else 0)
    wide = [
        max(map(cells.of, [title, *_sizes(picture, i)]))
        for i, title in enumerate(picture.positions)
    ]
    if picture.outcome:
        wide = [max(pair) for pair in zip(wide, map(len, picture.outcome), strict=True)]
    across = named + sum(wide) + 3 * len(wide)

    def line(name: str, drawn: Iterable[tuple[str, str, str]], about: str = "") -> str:
        boxes = [
            "  " + ink(tone, cells.pad(size, space, right=True) + (sign or " "))
            for (size, sign, tone), space in zip(drawn, wide, strict=True)
        ]
        after = f"  {about}" if about and across + 2 + cells.of(about) <= room else ""
        label = cells.pad(cells.fit(name, named, "middle"), named)
        return (label + "".join(boxes) + ink("quiet", after)).rstrip()

    lines = [line("", ((one, "", "quiet") for one in picture.positions))]
    for row in picture.rows:
        lines.append(line(row.name, map(_box, row.cells), row.about))
    if any(picture.together):
        signs = [(aligned.SIGNS[one or "plain"], "", one or "") for one in picture.together]
        lines.append(line("", signs))
    if picture.outcome:
        drawn = ((one, "", "strong") for one in picture.outcome)
        lines.append(line(picture.outcome_name, drawn))
    return lines


def _sizes(picture: Picture, column: int) -> Iterator[str]:
    for row in picture.rows:
        cell = row.cells[column]
        if cell is not None:
            yield cell.size


def _box(cell: Cell | None) -> tuple[str, str, str]:
    if cell is None:
        return "", "", ""
    if cell.part == "missing":
        return cell.sign, "", "quiet"
    return cell.size, cell.sign, cell.part if cell.sign else ""
