"""``dlkit.tensors``: every tensor that the notebook reaches, by its expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any, ClassVar, overload

from .errors import DLKitError
from .result import ByDevice, Result, frame
from .sizes import binary

#: What a list can be sorted by, and whether the largest comes first.
SORTS = {
    "name": False,
    "bytes": True,
    "shape": True,
    "dtype": False,
    "device": False,
    "rank": True,
}


@dataclass(frozen=True, slots=True)
class Storage:
    """The memory that a tensor looks at: ``bytes`` of all of it, None where not known.

    ``id`` is equal for tensors and arrays that share it; ``shared_by`` counts the other rows.
    """

    id: str
    bytes: int | None
    shared_by: int


@dataclass(frozen=True, slots=True)
class Group:
    """A module, optimizer or container (``kind``) that rows fold into; ``type`` is its class."""

    name: str
    kind: str
    type: str


@dataclass(frozen=True, slots=True)
class Total:
    """Tensors on a device, and their bytes: each storage counted once."""

    tensors: int
    bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class TensorRow(Result):
    """A tensor, without the tensor: numbers and texts.

    ``name`` is the shortest expression that reaches it, ``aliases`` the others; ``owner`` is
    ``variable``, ``parameter``, ``buffer``, ``gradient``, ``optimizer``, ``container`` or
    ``output``; ``group`` the name of what it folds into.  ``bytes`` is what the tensor spans,
    ``storage.bytes`` what its memory takes.  What is not known of a kind of tensor is None.
    """

    kind: ClassVar[str] = "tensor"

    id: str
    name: str
    aliases: tuple[str, ...]
    owner: str
    group: str | None
    type: str
    shape: tuple[int | None, ...] | None
    rank: int | None
    dtype: str | None
    device: str | None
    layout: str | None
    numel: int | None
    bytes: int | None
    storage: Storage | None
    is_view: bool | None
    is_contiguous: bool | None
    strides: tuple[int, ...] | None
    storage_offset: int | None
    requires_grad: bool | None
    is_leaf: bool | None
    grad_fn: str | None
    version: int | None

    def to_dict(self) -> dict[str, Any]:
        """The fields of a ``Tensor`` of the REST API."""
        row = asdict(self)
        for name in ("aliases", "shape", "strides"):
            row[name] = None if row[name] is None else list(row[name])
        return row

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> TensorRow:
        """The row whose fields those of a ``Tensor`` of the REST API are; others are left out."""
        values = {name: fields[name] for name in cls.__slots__}
        for name in ("aliases", "shape", "strides"):
            if values[name] is not None:
                values[name] = tuple(values[name])
        if values["storage"] is not None:
            values["storage"] = Storage(**values["storage"])
        return cls(**values)

    def _text(self) -> str:
        size = "?" if self.bytes is None else binary(self.bytes)
        return f"{self.name}  {self.shape}  {self.dtype}  {self.device}  {size}"


@dataclass(frozen=True, slots=True, repr=False)
class Tensors(Result, Sequence[TensorRow]):
    """A list of tensors: ``len(t)``, ``t[0]``, ``for row in t``, or ``t["model.weight"]``.

    ``total`` counts rows before ``limit``; ``totals`` is by device and of all tensors, whatever
    was asked for.  ``complete`` is False where the look was cut short, and ``cut`` says at which
    variable and why.  ``torch`` is its version, None where it is not imported.  ``note`` is a
    sentence where there is nothing to show.  ``pattern``, ``device``, ``sort``, ``descending``,
    ``limit`` and ``all`` are what was asked for.
    """

    kind: ClassVar[str] = "tensors"

    rows: tuple[TensorRow, ...]
    groups: tuple[Group, ...]
    totals: ByDevice[Total]
    total: int
    complete: bool
    cut: ByDevice[str]
    torch: str | None
    note: str | None
    pattern: str | None = None
    device: str | None = None
    sort: str = "name"
    descending: bool = False
    limit: int | None = None
    all: bool = False
    taken_at: str = field(default="", compare=False)
    gradients_taken_at: str | None = field(default=None, compare=False)

    @overload
    def __getitem__(self, which: int | str) -> TensorRow: ...
    @overload
    def __getitem__(self, which: slice) -> tuple[TensorRow, ...]: ...
    def __getitem__(self, which: int | str | slice) -> TensorRow | tuple[TensorRow, ...]:
        if not isinstance(which, str):
            return self.rows[which]
        for row in self.rows:
            if row.name == which or which in row.aliases:
                return row
        raise KeyError(which)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TensorRow]:
        return iter(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The fields of a ``TensorList`` of the REST API, without those of its transport."""
        return {
            "tensors": [row.to_dict() for row in self.rows],
            "groups": [asdict(group) for group in self.groups],
            "total": self.total,
            "totals": {device: asdict(total) for device, total in self.totals.items()},
            "complete": self.complete,
            "cut": [{"root": root, "why": why} for root, why in self.cut.items()],
            "torch": self.torch,
            "note": self.note,
            "taken_at": self.taken_at,
            "gradients_taken_at": self.gradients_taken_at,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any], **asked: Any) -> Tensors:
        """The list of an answer of the REST API by rows; ``asked`` is what it was asked.

        The inverse of ``to_dict``.  An answer of a server has neither ``torch`` nor ``note``.
        """
        return cls(
            tuple(map(TensorRow.from_dict, fields["tensors"])),
            tuple(Group(one["name"], one["kind"], one["type"]) for one in fields["groups"]),
            ByDevice(
                {
                    device: Total(one["tensors"], one["bytes"])
                    for device, one in fields["totals"].items()
                }
            ),
            fields["total"],
            fields["complete"],
            ByDevice({one["root"]: one["why"] for one in fields["cut"]}),
            fields.get("torch"),
            fields.get("note"),
            taken_at=fields["taken_at"],
            gradients_taken_at=fields["gradients_taken_at"],
            **asked,
        )

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each tensor; its index is the name.

        Raises ``DLKitError`` where pandas is not installed.
        """
        rows = [row.to_dict() for row in self.rows]
        for row in rows:
            storage = row.pop("storage") or {"id": None, "bytes": None, "shared_by": None}
            row.update({f"storage_{name}": value for name, value in storage.items()})
        return frame(rows, "name")

    def _text(self) -> str:
        lines = [row._text() for row in self.rows]
        lines += [
            f"{device}: {total.tensors} tensors, {binary(total.bytes)}"
            for device, total in self.totals.items()
        ]
        return "\n".join([*lines, *([self.note] if self.note else [])])


def tensors(
    pattern: str | None = None,
    *,
    device: Any = None,
    sort: str = "name",
    descending: bool | None = None,
    limit: int | None = None,
    all: bool = False,
) -> Tensors:
    """The tensors and arrays that the notebook's variables reach, with shape, device and bytes."""
    if sort not in SORTS:
        raise DLKitError(f"Tensors cannot be sorted by {sort!r}.", f"Use {', '.join(SORTS)}.")
    from .looking import look

    seen = look()
    chosen = [row for row in seen.rows if _matches(row, pattern)]
    if device is not None:
        chosen = [row for row in chosen if row.device == str(device)]
    known = [row for row in chosen if getattr(row, sort) is not None]
    known.sort(key=_KEYS.get(sort, lambda row: getattr(row, sort)))
    if descending is None:
        descending = SORTS[sort]
    if descending:
        known.reverse()
    chosen = known + [row for row in chosen if getattr(row, sort) is None]
    return Tensors(
        tuple(chosen[:limit]),
        seen.groups,
        seen.totals,
        len(chosen),
        not seen.cut,
        seen.cut,
        seen.torch,
        seen.note,
        pattern,
        None if device is None else str(device),
        sort,
        descending,
        limit,
        all,
        seen.taken_at,
        seen.gradients_taken_at,
    )


def _matches(row: TensorRow, pattern: str | None) -> bool:
    if pattern is None:
        return True
    names = (row.name, *row.aliases)
    if re.search(r"[*?[]", pattern):
        return any(fnmatchcase(name, pattern) for name in names)
    return any(pattern.casefold() in name.casefold() for name in names)


def _natural(row: TensorRow) -> Any:
    """``layers[2]`` before ``layers[10]``."""
    parts = re.split(r"(\d+)", row.name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


_KEYS: dict[str, Any] = {
    "name": _natural,
    "shape": lambda row: [-1 if size is None else size for size in row.shape],
}
