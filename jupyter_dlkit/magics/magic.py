"""A magic, and a call of it."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from .options import Options
from .words import Line, Word


@dataclass(frozen=True)
class Call:
    """A line (or the first line of a cell) that was run in ``shell``."""

    shell: Any
    magic: Magic
    line: Line

    @property
    def words(self) -> list[Word]:
        """The words of the line."""
        return self.line.words

    @cached_property
    def options(self) -> argparse.Namespace:
        """What the line says.  Raises ``UsageError``, a sentence."""
        return self.magic.options.parsed(self.words)


@dataclass(frozen=True)
class Typing:
    """A line that is being typed, up to the cursor."""

    shell: Any
    words: list[Word]  #: those that are whole
    word: str  #: the one that is being typed


@dataclass(frozen=True)
class Magic:
    """What stands in a file of ``named``, as ``MAGIC``.

    ``summary`` is a line of what ``%dlkit`` lists.  ``line`` and ``cell`` answer ``%name`` and
    ``%%name`` (with the cell's body), where there is such; an error of the API, or a
    ``UsageError``, is shown as its sentence.  ``values`` are what an option can be followed by,
    ``typed`` what can stand elsewhere, whole words each.  ``short`` is whether it is there as
    ``%name`` too, not as ``%dlkit name`` only.
    """

    name: str
    summary: str
    options: Options
    line: Callable[[Call], Any] | None = None
    cell: Callable[[Call, str], Any] | None = None
    values: dict[str, Callable[[Typing], Iterable[str]]] | None = None
    typed: Callable[[Typing], Iterable[str]] | None = None
    short: bool = True


@lru_cache(maxsize=1)
def magics() -> dict[str, Magic]:
    """Every magic by its name: one for each file of ``named``."""
    from . import named

    found = {}
    for module in pkgutil.iter_modules(named.__path__):
        magic: Magic = importlib.import_module(f"{named.__name__}.{module.name}").MAGIC
        found[magic.name] = magic
    return found
