"""Moves tensors between devices, completely or not at all.

The unit is a storage with all tensor objects that share it: the storage is
copied once, then each object is pointed at the copy with its own offset, sizes
and strides, so that every name, list slot, closure and optimizer that had it
still has it.  Nothing is touched before everything is copied.

``plan`` decides and never changes; ``staging`` copies; ``commit`` changes and
never decides.  Main thread, between cells, only.
"""

from __future__ import annotations

from .transfer import Transfer
from .values import Deletion, Move

__all__ = ["Deletion", "Move", "Transfer"]
