"""A list of tensors as lines: groups folded into one, and who shares whose storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Union

from . import plain, sizes

if TYPE_CHECKING:
    from ..api.tensors import Group, TensorRow, Tensors


class Line(NamedTuple):
    """One tensor.  ``note`` says whose storage it shares, or is empty."""

    name: str
    shape: str
    rank: str
    dtype: str
    device: str
    bytes: str
    note: str


class Folded(NamedTuple):
    """A module, optimizer or container with its tensors.

    ``bytes`` counts each storage once.  ``lines`` are the first of ``tensors``, called by what
    follows the name of the group; ``open`` is whether they should be shown at once.
    """

    name: str
    type: str
    tensors: int
    dtype: str
    device: str
    bytes: str
    note: str
    lines: tuple[Line, ...]
    open: bool


class Listing(NamedTuple):
    """Lines to show, how many more tensors there are, and what to say below."""

    lines: tuple[Line | Folded, ...]
    more: int
    total: str


def listing(result: Tensors, most: int, most_in_group: int) -> Listing:
    """At most ``most`` lines, and as many in a group as ``most_in_group``; all that were asked
    for with ``all``."""
    rows = result.rows
    sharing = _Sharing(rows)
    if result.all:
        return Listing(tuple(sharing.line(row) for row in rows), 0, _total(result))
    entries = _entries(result)
    wanted = bool(result.pattern) and len(rows) <= most_in_group // 4
    lines = [
        sharing.line(one[0])
        if group is None
        else _folded(group, one, sharing, most_in_group, wanted)
        for group, one in entries[:most]
    ]
    more = sum(len(one) for _, one in entries[most:])
    return Listing(tuple(lines), more, _total(result))


Entry = tuple[Union["Group", None], list["TensorRow"]]


def _entries(result: Tensors) -> list[Entry]:
    """Tensors on their own, and groups at the place of the first of theirs, or of their bytes."""
    groups = {group.name: group for group in result.groups}
    entries: list[Entry] = []
    of_group: dict[str, list[TensorRow]] = {}
    for row in result.rows:
        group = None if row.group is None else groups.get(row.group)
        if group is None or row.name == group.name:
            entries.append((None, [row]))
        elif group.name in of_group:
            of_group[group.name].append(row)
        else:
            of_group[group.name] = [row]
            entries.append((group, of_group[group.name]))
    if result.sort == "bytes":
        entries.sort(key=lambda entry: held(entry[1]), reverse=result.descending)
    return entries


def held(rows: Iterable[TensorRow]) -> int:
    """Bytes of tensors, what they share counted once."""
    storages: dict[str, int] = {}
    alone = 0
    for row in rows:
        if row.storage is None or row.storage.bytes is None:
            alone += row.bytes or 0
        else:
            storages[row.storage.id] = row.storage.bytes
    return alone + sum(storages.values())


def _folded(
    group: Group, rows: list[TensorRow], sharing: _Sharing, most: int, wanted: bool
) -> Folded:
    dtypes = {row.dtype for row in rows}
    devices = sorted({row.device for row in rows if row.device is not None})
    return Folded(
        plain.name(group.name),
        plain.name(group.type),
        len(rows),
        _or_unknown(next(iter(dtypes))) if len(dtypes) == 1 else "mixed",
        ", ".join(map(plain.name, devices)) or sizes.UNKNOWN,
        sizes.size(held(rows)),
        sharing.common(rows),
        tuple(sharing.line(row, group.name) for row in rows[:most]),
        wanted,
    )


class _Sharing:
    """Who looks at the same memory."""

    def __init__(self, rows: Sequence[TensorRow]) -> None:
        self._of: dict[str, list[TensorRow]] = {}
        for row in rows:
            if row.storage is not None and row.storage.shared_by:
                self._of.setdefault(row.storage.id, []).append(row)

    def line(self, row: TensorRow, group: str = "") -> Line:
        """A row; inside of a group without its name."""
        name = next(
            (n for n in (row.name, *row.aliases) if group and n.startswith(group)), row.name
        )
        if group and name.startswith(group):
            name = name[len(group) :]
        return Line(
            plain.name(name),
            sizes.shape(row.shape),
            sizes.UNKNOWN if row.rank is None else str(row.rank),
            _or_unknown(row.dtype),
            _or_unknown(row.device),
            sizes.size(row.bytes),
            self.note(row),
        )

    def note(self, row: TensorRow) -> str:
        """``view of images``; of what others look at, ``shared by 2``."""
        if row.storage is None or not row.storage.shared_by:
            return "view" if row.is_view else ""
        if not row.is_view:
            return f"shared by {row.storage.shared_by:,}"
        others = [one for one in self._of.get(row.storage.id, ()) if one is not row]
        owners = [one for one in others if not one.is_view]
        if owners:
            return f"view of {plain.name(owners[0].name, 60)}"
        if others:  # what they are views of has no name any more
            return f"shares with {plain.name(others[0].name, 60)}"
        return f"view, shares with {sizes.count(row.storage.shared_by, 'other')}"

    def common(self, rows: list[TensorRow]) -> str:
        """``views of images``, where that is what a whole group is."""
        notes = {self.note(row) for row in rows}
        said = next(iter(notes)) if len(notes) == 1 else ""
        return f"views{said[4:]}" if said.startswith("view of ") else ""


def _total(result: Tensors) -> str:
    """``52 tensors · cpu 6.38 MiB``; of a part, ``3 of 52 tensors · 4.5 KiB``."""
    everything = sum(total.tensors for total in result.totals.values())
    if result.total == everything or not result.totals:
        words = [sizes.count(result.total, "tensor")]
        words += [f"{plain.name(d)} {sizes.size(t.bytes)}" for d, t in result.totals.items()]
    else:
        noun = sizes.count(everything, "tensor")
        words = [f"{result.total:,} of {noun}", sizes.size(held(result.rows))]
    return " · ".join(words)


def notes(result: Tensors) -> list[str]:
    """What is to be said beside the list: why it is empty, and what was left out."""
    said = []
    if not result.rows:
        said.append(_empty(result))
    elif result.note:
        said.append(plain.sentence(result.note))
    for root, why in list(result.cut.items())[:5]:
        said.append(f"Not all of {plain.name(root)} is listed: {plain.sentence(why)}")
    if not result.complete and not result.cut:
        said.append("The list is not complete: looking took too long.")
    return said


def _empty(result: Tensors) -> str:
    if result.totals:
        asked = f" like {plain.name(result.pattern, 60)}" if result.pattern else " like that"
        noun = sizes.count(sum(total.tensors for total in result.totals.values()), "tensor")
        return f"There is no tensor{asked} among the {noun} here. %tensors lists them."
    if result.note:
        return plain.sentence(result.note)
    return "There are no tensors here yet. Make one, such as x = torch.rand(3, 4), and look again."


def facts(row: TensorRow) -> list[tuple[str, str]]:
    """What is known of one tensor: a word and what it is, in the panel's order."""
    storage = row.storage
    held_in = ""
    if storage is not None and storage.bytes is not None and storage.bytes != row.bytes:
        held_in = f", in a storage of {sizes.size(storage.bytes)}"
    shared = 0 if storage is None else storage.shared_by
    known = [
        ("shape", sizes.shape(row.shape)),
        ("rank", _number(row.rank)),
        ("elements", _number(row.numel)),
        ("dtype", _or_unknown(row.dtype)),
        ("device", _or_unknown(row.device)),
        ("bytes", sizes.size(row.bytes) + held_in),
        ("shares", f"its storage with {sizes.count(shared, 'other')}" if shared else ""),
        ("view", "" if row.is_view is None else "yes" if row.is_view else "no"),
        ("strides", "" if row.strides is None else sizes.shape(row.strides)),
        ("contiguous", "" if row.is_contiguous is None else "yes" if row.is_contiguous else "no"),
        ("layout", "" if row.layout in (None, "strided") else plain.name(row.layout)),
        ("gradient", _gradient(row)),
        ("owner", plain.name(row.owner)),
        ("type", plain.name(row.type)),
        ("also", ", ".join(plain.name(one, 60) for one in row.aliases[:5])),
    ]
    return [(word, fact) for word, fact in known if fact and fact != sizes.UNKNOWN]


def _gradient(row: TensorRow) -> str:
    if row.grad_fn is not None:
        return f"computed by {plain.name(row.grad_fn)}"
    if row.requires_grad is None:
        return ""
    return "a leaf that asks for one" if row.requires_grad else "asks for none"


def _number(number: int | None) -> str:
    return sizes.UNKNOWN if number is None else f"{number:,}"


def _or_unknown(text: str | None) -> str:
    return sizes.UNKNOWN if text is None else plain.name(text)
