"""The code blocks of the pages: Sybil finds them, a kernel or a shell runs them.

A block runs unless the line above it says why not: ``% skip: next "needs the network"``.  A block
named ``output`` after it is what it must say, ``...`` standing for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sybil import Document, Region
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.myst.lexers import DirectiveInPercentCommentLexer

from tests.live.stack import ROOT

DOCS = ROOT / "docs"

#: What runs in a kernel, and what in a shell.
CELLS = ("python", "ipython")
SHELL = ("shell",)
#: What must be said by the block before.
OUTPUT = "output"
#: What is read only: files' contents, and what is said elsewhere.
TEXTS = ("text", "json")

REASON = re.compile(r'next "(.+)"$')


@dataclass(frozen=True)
class Block:
    """One that can run; ``output`` is what it must say, None where the page does not say it."""

    page: str
    line: int
    language: str
    code: str
    output: str | None
    skipped: str | None

    @property
    def where(self) -> str:
        return f"docs/{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page, by its path in docs/."""
    found = (path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
    return sorted(str(path) for path in found)


def fences(document: Document) -> Iterable[Region]:
    """Every block of code, whatever its language."""
    return FencedCodeBlockLexer(r"[a-z]+", {"language": "language", "source": "source"})(document)


def skips(document: Document) -> Iterable[Region]:
    """Every line that says that the next block does not run."""
    return DirectiveInPercentCommentLexer("skip")(document)


def blocks(page: str) -> list[Block]:
    """What can run on a page, in order.

    Raises:
        ValueError: a block of a language that nobody checks, an output of nothing, a skip
            without a reason or without a block.
    """
    return list(_blocks(page, Document((DOCS / page).read_text("utf-8"), str(DOCS / page))))


def _blocks(page: str, document: Document) -> Iterator[Block]:
    regions = sorted([*fences(document), *skips(document)], key=lambda one: one.start)
    reason: str | None = None
    waiting: Block | None = None
    for region in regions:
        line = document.text.count("\n", 0, region.start) + 1
        where = f"docs/{page}:{line}"
        if "language" not in region.lexemes:
            match = REASON.match(region.lexemes["arguments"] or "")
            if match is None or reason is not None:
                raise ValueError(f'{where}: say why, % skip: next "…", once for a block')
            reason = match.group(1)
            continue
        language, source = region.lexemes["language"], str(region.lexemes["source"])
        if language == OUTPUT:
            if waiting is None or waiting.output is not None or reason:
                raise ValueError(f"{where}: an output of nothing that runs")
            yield Block(**{**vars(waiting), "output": source})
            waiting = None
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if language in (*CELLS, *SHELL):
            waiting = Block(page, line, language, source, None, reason)
            reason = None
        elif language not in TEXTS:
            raise ValueError(f"{where}: nobody runs or checks {language}")
    if waiting is not None:
        yield waiting
    if reason is not None:
        raise ValueError(f"docs/{page}: a skip of nothing: {reason}")
