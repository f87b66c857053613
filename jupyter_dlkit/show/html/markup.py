"""HTML from parts: whatever is not marked as HTML already is text, and escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from .. import sizes


class Html(str):
    """Markup; everything else is text."""

    __slots__ = ()


NOTHING = Html("")


def tag(name: str, *content: str, **attributes: str | None) -> Html:
    """An element.  ``cls`` is its class; an attribute that is None is left out."""
    written = "".join(
        f' {_NAMES.get(key, key)}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    # Names are copied: they keep the spaces that they have.
    inside = map(_verbatim if name == "code" else text, content)
    return Html(f"<{name}{written}>{''.join(inside)}</{name}>")


_NAMES = {"cls": "class", "aria_label": "aria-label", "aria_hidden": "aria-hidden"}


def text(content: str) -> str:
    """What may stand between two tags; figures stay beside their units."""
    return content if isinstance(content, Html) else sizes.bound(escape(content))


def _verbatim(content: str) -> str:
    return content if isinstance(content, Html) else escape(content)


def code(name: str) -> Html:
    """An expression; what is written from right to left turns nothing but itself."""
    return tag("code", name, dir=None if name.isascii() else "auto")


def head(titles: Iterable[str]) -> Html:
    """The line of titles; a column of names, or of what is beside the table, may have none."""
    cells = [tag("th", title, scope="col") if title else tag("td") for title in titles]
    return tag("thead", tag("tr", *cells), align="left")


def body(*rows: str) -> Html:
    """The lines below; aligned to the left also where there is no style."""
    return tag("tbody", *rows, align="left")


def lines(items: Sequence[str], cls: str | None = None) -> Html:
    """A list."""
    return tag("ul", *(tag("li", item) for item in items), cls=cls)


def fold(summary: str, *content: str, open: bool = False) -> Html:
    """What opens without a script."""
    start = "<details open>" if open else "<details>"
    return Html(f"{start}{tag('summary', summary)}{''.join(map(text, content))}</details>")


def output(kind: str, *content: str) -> Html:
    """A whole answer, with the style that it needs; nothing outside of it is styled."""
    style = Html(f"<style>{_style(kind)}</style>")
    return tag("div", style, *content, cls=f"dlkit dlkit-{kind}")


#: Which sheets an answer needs: those for all, and those for its kind alone.
_SHEETS = {
    "tensors": (("base", "table"), ("tensors",)),
    "tensor": (("base", "table"), ("tensor",)),
    "devices": (("base",), ("devices",)),
    "status": (("base",), ("devices",)),
    "checked": (("base", "table", "verdict"), ("checked",)),
    "doctor": (("base", "verdict"), ("doctor",)),
    "moved": (("base", "verdict"), ()),
    "usage": (("base", "table"), ("usage",)),
    "memory": (("base", "table"), ("devices", "memory")),
    "released": (("base", "verdict"), ()),
}


@lru_cache
def _style(kind: str) -> str:
    """Style sheets of an answer, without what only their readers need.

    The class of the answer is written three times over: JupyterLab's own rules for tables in
    outputs would otherwise be the more specific ones.
    """
    shared, own = _SHEETS[kind]
    sheet = f".dlkit.dlkit.dlkit{{{_sheets(shared)}}}"
    # More specific than what answers of another kind, further down the page, say of all tables.
    return f"{sheet}.dlkit.dlkit.dlkit.dlkit-{kind}{{{_sheets(own)}}}" if own else sheet


def _sheets(names: tuple[str, ...]) -> str:
    folder = Path(__file__).with_name("style")
    sheet = "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"\s+", " ", sheet)
    return re.sub(r" ?([{};,>]) ?", r"\1", sheet).replace(": ", ":").replace(";}", "}").strip()
