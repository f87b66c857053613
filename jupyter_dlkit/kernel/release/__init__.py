"""Gives memory back: outputs, the last exception, gradients, a name, garbage, the cache.

What is removed are references that IPython and torch keep; a name of the user's only when it is
the one that was asked for.  Everything is measured.  Main thread, between cells, only.
"""

from __future__ import annotations

from .release import release
from .values import Released, Row

__all__ = ["Released", "Row", "release"]
