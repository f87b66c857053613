"""The pages build without a warning, lead nowhere wrong, and ask nobody for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.live.stack import ROOT

#: What a browser fetches by itself when it shows a page.
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
STYLE = re.compile(r"url\(\s*['\"]?(?!data:)([^)'\"]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """What a page fetches, where it leads, and what can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in FETCHED and given.get(FETCHED[tag]):
            self.fetched.append(str(given[FETCHED[tag]]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.anchors.add(str(given["id"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as ``make docs`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-b", "html"]
    command += ["-d", str(folder / "doctrees"), str(ROOT / "docs"), str(folder / "html")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert built.returncode == 0, built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_page_is_there(site: Path) -> None:
    sources = (ROOT / "docs").rglob("*.md")
    assert all(
        (site / path.relative_to(ROOT / "docs")).with_suffix(".html").exists() for path in sources
    )


def test_links_inside_lead_somewhere(site: Path, parsed: dict[Path, Page]) -> None:
    broken = []
    for path, page in parsed.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            lost = parts.fragment and target.suffix == ".html" and target.exists()
            if not target.exists() or (
                lost and unquote(parts.fragment) not in parsed[target].anchors
            ):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert broken == []


def test_no_page_asks_another_host(site: Path, parsed: dict[Path, Page]) -> None:
    asked = [
        f"{path.relative_to(site)}: {one}"
        for path, page in parsed.items()
        for one in page.fetched
        if urlsplit(one).netloc
    ]
    asked += [
        f"{style.relative_to(site)}: {one}"
        for style in site.rglob("*.css")
        for one in styles(style.read_text("utf-8"))
        if urlsplit(one).netloc
    ]
    assert asked == []


def styles(text: str) -> Iterator[str]:
    """What a style sheet fetches."""
    for match in STYLE.finditer(text):
        yield match.group(1) or match.group(2)
