"""What a move did, or would do, in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.moving import Moved

#: Lines of a list; of more, only the number is told.
MOST_LINES = 100


class Fold(NamedTuple):
    """A list under a title, open or folded."""

    title: str
    lines: tuple[str, ...]
    open: bool = False


class Report(NamedTuple):
    """``tone``: good, trap (look at the warnings), clash (nothing was moved).  ``facts`` follow
    the sentence: whether it fits, or what was measured."""

    tone: str
    sentence: str
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    folds: tuple[Fold, ...]
    advice: str


def report(moved: Moved) -> Report:
    """What is to be shown of a move."""
    warnings = [plain.sentence(text) for text in moved.warnings]
    if moved.still_held_by:
        holders = ", ".join(plain.name(one, 60) for one in moved.still_held_by[:5])
        warnings.append(f"Not all of it was freed: {holders} still holds it.")
    if moved.undo_loses:
        lost = "; ".join(plain.sentence(one) for one in moved.undo_loses)
        warnings.append(f"Undo cannot bring back: {lost}.")
    tone = "clash" if moved.state == "failed" or moved.refused else "trap" if warnings else "good"
    return Report(
        tone, _sentence(moved), tuple(_facts(moved)), tuple(warnings), tuple(_folds(moved)),
        _advice(moved),
    )  # fmt: skip


def _sentence(moved: Moved) -> str:
    what = _what(moved)
    if moved.state == "failed":
        return plain.sentence(moved.message or f"{what} was not moved.")
    if moved.refused:
        return f"{what} cannot be moved to {plain.name(moved.device, 40)}."
    if not moved.moved:
        already = sizes.count(len(moved.already_there), "tensor")
        there = f" ({already})" if moved.already_there else ""
        return f"Nothing to move: {what} is already on {plain.name(moved.device, 40)}{there}."
    how = _VERBS[moved.how if moved.how in _VERBS else "move"]
    verb = how[0] if moved.state == "preview" else how[1]
    if moved.state == "undone":
        verb = "Put back"
    amount = sizes.count(len(moved.moved), "tensor")
    took = "" if moved.seconds is None else f" in {sizes.seconds(moved.seconds)}"
    route = f"{_sources(moved)} → {plain.name(moved.moved[0].target, 40)}"
    return f"{verb} {what}: {amount}, {sizes.size(moved.total_bytes)}, {route}{took}."


_VERBS = {
    "move": ("Would move", "Moved"),
    "copy": ("Would copy", "Copied"),
    "rebind": ("Would rebind", "Rebound"),
}


#: All of a path but the variable that it begins with.
_ROOT = re.compile(r"(?<=\w)[.\[].*", re.DOTALL)


def _what(moved: Moved) -> str:
    """``model``, ``x and y``, ``x, y and 5 more``; of many that were put back, variables."""
    names = moved.targets or tuple(one.name for one in moved.moved or moved.refused)
    names = names or moved.already_there
    if moved.state == "undone" and len(names) > 2:
        names = tuple(dict.fromkeys(_ROOT.sub("", one) for one in names))
    short = [plain.name(one, 60) for one in names[:2]]
    if len(names) > 2:
        return f"{', '.join(short)} and {len(names) - 2:,} more"
    return " and ".join(short) or "it"


def _sources(moved: Moved) -> str:
    return ", ".join(sorted({plain.name(one.source, 40) for one in moved.moved}))


def _facts(moved: Moved) -> list[str]:
    device = plain.name(moved.device, 40)
    if moved.state == "preview" and moved.moved and moved.free is not None:
        needed, free = sizes.size(moved.total_bytes), sizes.size(moved.free)
        fits = f"Takes {needed} of the {free} free on {device}."
        if moved.total_bytes > moved.free:
            fits = f"Does not fit: it takes {needed}, and {free} are free on {device}."
        return [fits] if moved.fit is None else [fits, plain.sentence(moved.fit.message)]
    measured = " · ".join(
        f"{plain.name(name, 40)} {sizes.size(one.before)} → {sizes.size(one.after)}"
        for name, one in moved.bytes.items()
        if one.before is not None and one.after is not None
    )
    return [measured] if measured else []


def _folds(moved: Moved) -> list[Fold]:
    refused = [
        f"{plain.name(one.name)}: {plain.sentence(one.message)} {plain.sentence(one.hint)}".strip()
        for one in moved.refused
        if moved.state != "failed" or one.message not in (moved.message or "")
    ]
    left = [f"{plain.name(one.name)} {plain.sentence(one.why)}" for one in moved.left_behind]
    tensors = [f"{plain.name(one.name)} {sizes.size(one.bytes)}" for one in moved.moved]
    names = [
        f"{plain.name(one.name)} is also {', '.join(plain.name(a, 60) for a in one.aliases[:5])}"
        for one in moved.moved
        if one.aliases
    ]
    together = [
        f"{plain.name(one.name)} with {', '.join(plain.name(s, 60) for s in one.shares[:5])}"
        for one in moved.moved
        if one.shares
    ]
    verb = "move" if moved.state == "preview" else "moved"
    found = [
        Fold("Cannot be moved", _cut(refused), True) if refused else None,
        Fold("Stays behind", _cut(left), True) if left else None,
        Fold(f"{sizes.count(len(tensors), 'tensor')} {verb}", _cut(tensors))
        if len(tensors) > 1
        else None,
        Fold("Other names went along" if verb == "moved" else "Other names go along", _cut(names))
        if names
        else None,
        Fold(f"Tensors of one storage {verb} together", _cut(together)) if together else None,
    ]
    return [one for one in found if one is not None]


def _cut(lines: list[str]) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES:,} more")


def _advice(moved: Moved) -> str:
    if moved.state == "preview" and moved.moved:
        return "Nothing has moved: this was a dry run."
    if moved.state == "failed":
        return plain.sentence(moved.hint or "")
    if moved.state == "done" and moved.moved and moved.can_undo:
        return "%to --undo, or dlkit.undo(), puts it back."
    return plain.sentence(moved.hint or "")
