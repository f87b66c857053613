"""What a release gave back, or would, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.releasing import Released
    from ..kernel.release import Row

#: References that are named.
MOST_REMOVED = 100


class Report(NamedTuple):
    """``tone``: good, or trap where nothing is free again.  ``rows``: a line for each thing and
    device, and what it says of itself.  ``removed``: references."""

    tone: str
    sentence: str
    rows: tuple[tuple[str, str], ...]
    removed_title: str
    removed: tuple[str, ...]
    advice: str


def report(released: Released) -> Report:
    """What is to be shown of a release."""
    preview = released.state == "preview"
    sentence = plain.sentence(released.message)
    freed = any(row.freed for row in released.released)
    names = [plain.name(one) for one in released.removed]
    more = len(names) - MOST_REMOVED
    listed = (*names[:MOST_REMOVED], f"and {more:,} more") if more > 0 else tuple(names)
    count = sizes.count(len(names), "reference")
    return Report(
        "good" if freed else "trap",
        sentence,
        tuple((_line(row), _said(row, sentence)) for row in released.released),
        f"{count} would be removed" if preview else f"{count} removed",
        listed,
        "Nothing was released: this was a dry run." if preview else "",
    )


def _line(row: Row) -> str:
    where = f"{plain.name(row.what, 60)} · {plain.name(row.device, 40)}"
    if row.before is None or row.after is None:
        return where
    return f"{where} {sizes.size(row.before)} → {sizes.size(row.after)}"


def _said(row: Row, sentence: str) -> str:
    """The row's own sentence, where the first one has not said it."""
    said = plain.sentence(row.message)
    return "" if said == sentence else said
