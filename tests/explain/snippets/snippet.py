"""One failing cell, and what is true of it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

#: Run before each snippet.  ``device`` is one on which the other tensors are not.
PREAMBLE = """
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import einsum
torch.manual_seed(0)
"""

Kind = Literal["shape", "dtype", "device", "index"]

_OPEN, _CLOSE = "⟦", "⟧"


@dataclass(frozen=True)
class Part:
    """An operand of the sub-expression that fails."""

    text: str  #: as the user wrote it, or how the layer's own tensor is reached
    shape: tuple[int, ...]  #: what it really was
    #: Nothing but the call has it: its shape may be "not known".
    temporary: bool = False


@dataclass(frozen=True)
class Snippet:
    """A cell in which ``⟦…⟧`` marks the sub-expression that fails."""

    name: str
    marked: str
    parts: tuple[Part, ...]
    kind: Kind
    #: Text in the failing cell and what to write for it: then it runs.
    mend: tuple[str, str] | None = None
    #: Path of the layer in which it fails, from the user's variable.
    layer: str | None = None
    #: A cell that is run first, and works.  The mark may be in it: a function defined there.
    before: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """What is run, in order; the last one fails."""
        cells = [PREAMBLE, _plain(self.before), _plain(self.marked)]
        return tuple(cell for cell in cells if cell.strip())

    @property
    def mended(self) -> tuple[str, ...]:
        """The same with the mend: all of it runs."""
        assert self.mend is not None
        old, new = self.mend
        *earlier, last = self.cells
        place = [i for i, cell in enumerate([*earlier, last]) if old in cell][-1]
        cells = [*earlier, last]
        assert cells[place].count(old) == 1, f"{old!r} is there {cells[place].count(old)} times"
        cells[place] = cells[place].replace(old, new)
        return tuple(cells)

    @property
    def failing(self) -> str:
        """The sub-expression, as written."""
        text = textwrap.dedent(self.before if _OPEN in self.before else self.marked)
        return text[text.index(_OPEN) + 1 : text.index(_CLOSE)]

    @property
    def line(self) -> int:
        """The line on which it begins, from 1."""
        text = textwrap.dedent(self.before if _OPEN in self.before else self.marked).strip("\n")
        return text[: text.index(_OPEN)].count("\n") + 1


def _plain(marked: str) -> str:
    text = textwrap.dedent(marked).strip("\n")
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def part(text: str, *shape: int) -> Part:
    """A named operand."""
    return Part(text, shape)


def temporary(text: str, *shape: int) -> Part:
    """An operand that has no name."""
    return Part(text, shape, True)
