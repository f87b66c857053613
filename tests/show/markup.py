"""A strict reader of HTML: what is not well-formed, or not known to be harmless, is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Where an element may stand; None: anywhere.  Attributes that it may have.
_WITHIN = {
    "table": None, "caption": {"table"}, "colgroup": {"table"}, "col": {"colgroup"},
    "thead": {"table"}, "tbody": {"table"}, "tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"},
    "ul": None, "li": {"ul"}, "details": None, "summary": {"details"}, "p": None, "div": None,
    "span": None, "strong": None, "small": None, "code": None, "style": {"div"},
}  # fmt: skip
_ATTRIBUTES = {
    "class": r"[a-z0-9 -]+", "scope": "col|row", "title": ".*", "colspan": "6",
    "style": r"width:\d+(\.\d+)?%|text-align:left", "align": "left", "dir": "auto", "open": "",
    "role": "img", "aria-label": ".+", "aria-hidden": "true",
}  # fmt: skip


@dataclass
class Element:
    """``text``: what is inside, style sheets left out."""

    name: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        if self.name == "style":
            return ""
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)

    def all(self, name: str, cls: str | None = None) -> list[Element]:
        """Elements of a name, and of a class if one is given, in their order."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                if one.name == name and (cls is None or cls in one.attributes.get("class", "")):
                    found.append(one)
                found += one.all(name, cls)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _WITHIN, f"<{tag}> is not one of ours"
        within = _WITHIN[tag]
        assert within is None or self._open[-1].name in within, f"{tag} in {self._open[-1].name}"
        assert self._open[-1].name not in ("p", "summary") or tag not in ("div", "table", "ul", "p")
        for name, value in attrs:
            assert name in _ATTRIBUTES, f"{name} of <{tag}>"
            assert re.fullmatch(_ATTRIBUTES[name], value or ""), f"{name}={value!r}"
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(element)
        if tag != "col":
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].name == tag, f"</{tag}> ends {self._open[-1].name}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = self._open[-1].name
        assert not data.strip() or inside not in ("table", "tbody", "thead", "tr", "ul"), data
        # What binds a figure to its unit is a space to who reads.
        self._open[-1].inside.append(data.replace("\xa0", " "))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def finish(self) -> Element:
        self.close()
        assert self._open == [self.root], f"{self._open[-1].name} is not ended"
        assert len(self.root.inside) == 1, "an answer is one element"
        (only,) = self.root.inside
        assert isinstance(only, Element)
        return only


def read(html: str) -> Element:
    """The element of an answer, after all that can be wrong with it was looked for."""
    reader = _Reader()
    reader.feed(html)
    whole = reader.finish()
    for sheet in whole.all("style"):
        css = "".join(one for one in sheet.inside if isinstance(one, str))
        assert not re.search(r"url\(|@import|https?:|//|</|expression|javascript", css, re.I)
        assert css.count("{") == css.count("}")
        assert css.startswith(".dlkit.dlkit.dlkit{"), "nothing else of the page is styled"
    for table in whole.all("table"):
        _table(table)
    return whole


def _table(table: Element) -> None:
    """Every line has a head, and no more cells than there are columns, save notes at its end."""
    for one in table.inside:
        if isinstance(one, Element) and one.name == "tbody":
            for line in one.inside:
                assert isinstance(line, Element)
                if line.attributes.get("class") == "inside":
                    continue
                heads = [c for c in line.inside if isinstance(c, Element) and c.name == "th"]
                assert len(heads) == 1 and heads[0].attributes["scope"] == "row"


def bare(html: str) -> list[str]:
    """Its lines, where all styles were taken away, as a person reads them."""
    html = re.sub(r"<style>.*?</style>", "", html)
    html = re.sub(r"</(th|td)>", "  ", html)
    html = re.sub(r"</?(tr|li|p|div|caption|summary|thead)\b[^>]*>", "\n", html)
    text = _Text()
    text.feed(html)
    text.close()
    return [line.strip() for line in "".join(text.parts).split("\n") if line.strip()]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\xa0", " "))
