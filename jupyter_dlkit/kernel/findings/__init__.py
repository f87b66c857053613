"""Findings: memory that need not be taken, or will be more and more, and what to do.

Each is told by what the account has walked already; nothing of it is kept.
"""

from __future__ import annotations

from .finding import Finding

__all__ = ["Finding"]
