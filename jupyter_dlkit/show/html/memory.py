"""Who owns the memory of each device, and what a release gave back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import memory_lines, release_lines
from ..memory_lines import DeviceLines, OwnerLine
from .checked import sign
from .devices import bar, legend
from .markup import NOTHING, Html, body, code, fold, head, lines, output, tag

if TYPE_CHECKING:
    from ...api.memory import Memory
    from ...api.releasing import Released


def memory(result: Memory) -> str:
    """For each device a bar, and its owners; before, what need not be taken."""
    found = [_device(one) for one in memory_lines.devices(result)]
    parts: list[str] = [tag("ul", *found, cls="devices")] if found else []
    findings = [
        tag("li", one.message, " ", tag("small", one.hint)) for one in memory_lines.findings(result)
    ]
    if findings:
        parts.insert(0, tag("p", tag("strong", "Need not be taken")))
        parts.insert(1, tag("ul", *findings))
    parts += [tag("p", one, cls="quiet") for one in memory_lines.notes(result)]
    changed = memory_lines.cells(result)
    if changed:
        rows = [
            tag("tr", tag("th", one.cell, scope="row"), *(tag("td", word) for word in one[1:]))
            for one in changed
        ]
        table = tag("table", head(memory_lines.CELL_TITLES), body(*rows))
        parts.append(fold("Cells that changed memory", tag("div", table, cls="wide")))
    return output("memory", *parts)


def _device(line: DeviceLines) -> Html:
    top = tag("strong", line.name)
    used = tag("span", line.used, cls="used") if line.used else NOTHING
    parts = [tag("div", top, " ", used, cls="head")]
    facts = tag("div", " · ".join(line.facts), cls="facts") if line.facts else NOTHING
    if line.memory is not None:
        parts += [bar(line.memory), tag("div", legend(line.memory), facts, cls="below")]
    parts.append(_owners(line.owners, line.more))
    return tag("li", *parts)


def _owners(owners: Sequence[OwnerLine], more: int) -> Html:
    if not owners:
        return NOTHING
    items = [tag("li", _owner(one)) for one in owners]
    if more:
        items.append(tag("li", f"and {more:,} more", cls="quiet"))
    return tag("ul", *items, cls="owners")


def _owner(line: OwnerLine) -> Html:
    words: list[str] = [code(line.name)]
    if line.what:
        words += [" ", tag("small", line.what)]
    row: list[str] = [
        tag("span", *words, cls="name"), " ",
        tag("span", line.bytes, cls="size"), " ",
        tag("span", line.share, cls="share"),
    ]  # fmt: skip
    said = Html("".join(tag("p", one, cls="quiet") for one in line.notes))
    if not line.inside:
        return Html(tag("div", *row, cls="line") + said)
    inner = _owners(line.inside, line.more)
    return Html(fold(tag("span", *row, cls="line"), inner) + said)


def released(result: Released) -> str:
    """A sentence, and for each thing and device what was measured and what still holds the rest."""
    said = release_lines.report(result)
    parts: list[str] = [tag("p", sign(said.tone), " ", said.sentence, cls="verdict")]
    items = []
    for line, why in said.rows:
        rest = [" ", tag("small", why)] if why else []
        items.append(tag("li", line, *rest))
    if items:
        parts.append(tag("ul", *items))
    if said.removed:
        parts.append(fold(said.removed_title, lines(list(map(code, said.removed)))))
    if said.advice:
        parts.append(tag("p", said.advice, cls="quiet"))
    return output("released", *parts)
