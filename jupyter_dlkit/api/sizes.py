"""Bytes as a person reads them."""

from __future__ import annotations

from ..kernel.transfer.sizes import binary

__all__ = ["binary"]
