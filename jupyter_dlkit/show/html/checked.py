"""Whether shapes fit: the aligned dimensions in colour and signs, and what would work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import aligned, check_lines
from ..aligned import Cell, Picture
from ..check_lines import Part
from .markup import NOTHING, Html, body, code, fold, head, lines, output, tag

if TYPE_CHECKING:
    from ...api.checking import Checked

_ALOUD = {"good": "works", "trap": "look", "clash": "would fail"}


def checked(result: Checked) -> str:
    """The verdict, the shapes aligned from the right, the reasons, and code that would work."""
    said = check_lines.answer(result)
    sentence = [sign(said.tone), " ", code(said.source), f" {said.verdict}"]
    parts = [tag("p", *sentence, cls="verdict")]
    if len(said.parts) == 1:
        parts += _particulars(said.parts[0])
    else:
        parts += [_step(part) for part in said.parts]
    parts += [notice("clash", text) for text in said.problems]
    return output("checked", *parts)


def sign(tone: str) -> Html:
    """✓, ! or ✕."""
    return tag(
        "span", check_lines.SIGNS[tone], cls=f"sign {tone}", role="img", aria_label=_ALOUD[tone]
    )


def notice(tone: str, content: str) -> Html:
    """A sentence that is not to be overlooked."""
    return tag("p", content, cls=f"notice {tone}")


def _step(part: Part) -> Html:
    outcome = tag("small", part.outcome) if part.outcome else NOTHING
    summary = Html("".join((sign(part.tone), " ", code(part.source), " ", outcome)))
    return fold(summary, *_particulars(part), open=part.tone != "good")


def _particulars(part: Part) -> list[Html]:
    found: list[Html] = []
    if part.picture is not None:
        found.append(_drawn(part.picture))
        key = check_lines.key(part.picture)
        if key:
            found.append(tag("p", tag("small", " \u2003".join(key))))
    found += [notice("clash", text) for text in part.problems]
    found += [notice("trap" if worry else "calm", text) for text, worry in part.traps]
    if part.mends:
        mends = [
            Html(code(mend) + tag("small", f" gives {gives}")) if gives else code(mend)
            for mend, gives in part.mends
        ]
        found += [tag("p", tag("strong", "What would work")), lines(mends, "mends")]
    return found


def _drawn(picture: Picture) -> Html:
    rows = [
        tag(
            "tr",
            tag("th", code(row.name), scope="row"),
            *map(_cell, row.cells),
            tag("td", row.about, cls="about") if row.about else NOTHING,
        )
        for row in picture.rows
    ]
    if any(picture.together):
        signs = [tag("td", aligned.SIGNS[one] if one else "", cls=one) for one in picture.together]
        rows.append(tag("tr", tag("th", "together", scope="row", cls="aloud"), *signs, cls="signs"))
    if picture.outcome:
        name = tag("th", picture.outcome_name, scope="row")
        rows.append(tag("tr", name, *(tag("td", one) for one in picture.outcome), cls="result"))
    caption = tag("caption", "The shapes, aligned at the last dimension", cls="aloud")
    return tag(
        "div", tag("table", caption, head(("", *picture.positions)), body(*rows), cls="shapes"),
        cls="wide",
    )  # fmt: skip


def _cell(cell: Cell | None) -> Html:
    if cell is None:
        return tag("td")
    shown = tag("span", cell.sign, cls="mark") if cell.sign else NOTHING
    return tag("td", cell.size, shown, cls=cell.part, title=cell.aloud)
