"""Markdown tables whose cells may hold anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """On one line, and without ending the cell."""
    return " ".join(str(text).split()).replace("|", r"\|")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """As GitHub writes them; nothing where there are no rows."""
    body = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not body:
        return ""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body]
    return "\n".join(lines) + "\n"
