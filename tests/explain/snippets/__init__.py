"""Failing cells of the kinds that people post, each with what is true of it.

Written before the explainer.  Every third was set aside until it was finished
(``held_out``); the figures of that first meeting are in ``test_snippets.py``.
"""

from __future__ import annotations

from . import arranging, devices, elementwise, indices, layers, losses, products, syntax
from .snippet import PREAMBLE, Part, Snippet

_THEMES = (elementwise, products, layers, losses, indices, arranging, devices, syntax)

SNIPPETS: tuple[Snippet, ...] = tuple(s for theme in _THEMES for s in theme.SNIPPETS)
#: Every third.
HELD_OUT: tuple[Snippet, ...] = SNIPPETS[2::3]
#: What the explainer was built with.
SHOWN: tuple[Snippet, ...] = tuple(s for i, s in enumerate(SNIPPETS) if i % 3 != 2)

__all__ = ["HELD_OUT", "PREAMBLE", "SHOWN", "SNIPPETS", "Part", "Snippet"]
