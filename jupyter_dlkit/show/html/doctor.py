"""What the doctor found: calm, from the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import doctor_lines
from ..doctor_lines import Item
from .markup import Html, fold, lines, output, tag

if TYPE_CHECKING:
    from ...api.doctor import Diagnosis


def doctor(result: Diagnosis) -> str:
    """The one thing to do first, then the rest by group; what is fine is folded away."""
    said = doctor_lines.report(result)
    parts = [tag("p", _sign(said.tone, said.sign, said.aloud), " ", said.summary, cls="verdict")]
    if said.first is not None:
        parts.append(_first(said.first))
    for section in said.sections:
        parts.append(tag("p", tag("strong", section.title), cls="group"))
        parts += [_folded(item) for item in section.items]
    for title, items in ((said.fine_title, said.fine), (said.beside_title, said.beside)):
        if items:
            parts.append(fold(title, *(_folded(item) for item in items)))
    if result.text:
        parts.append(fold("As text for a forum", _text(said.text)))
    parts.append(tag("p", said.about, cls="quiet"))
    return output("doctor", *parts)


def _first(item: Item) -> Html:
    head = tag("p", tag("small", "Do this first"))
    step = tag("p", tag("strong", item.next_step or item.title))
    return tag("div", head, step, *_seen(item), cls=f"notice {item.tone}")


def _folded(item: Item) -> Html:
    step = [tag("p", item.next_step)] if item.next_step else []
    inside = [*step, *_seen(item)]
    summary = Html(f"{_sign(item.tone, item.sign, item.aloud)} {tag('span', item.title)}")
    return fold(summary, *inside, open=item.open) if inside else tag("p", summary, cls="alone")


def _seen(item: Item) -> list[Html]:
    found = [lines(list(item.evidence), "quiet")] if item.evidence else []
    if item.command:
        command = tag("code", item.command, cls="command")
        found.append(tag("p", tag("small", "To see it yourself: "), command))
    return found


def _text(written: tuple[str, ...]) -> Html:
    return tag("ul", *(tag("li", tag("code", line)) for line in written), cls="text")


def _sign(tone: str, sign: str, aloud: str) -> Html:
    return tag("span", sign, cls=f"sign {tone}", role="img", aria_label=aloud)
