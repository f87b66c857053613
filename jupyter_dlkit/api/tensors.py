"""``dlkit.tensors``: every tensor that the notebook reaches, by its expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, overload

from .choosing import SORTS, Choice
from .errors import DLKitError
from .nearest import offer
from .result import ByDevice, Result, frame
from .row import Storage, TensorRow

__all__ = ["SORTS", "Group", "Storage", "TensorRow", "Tensors", "Total", "tensors"]


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
        names = [row.name for row in self.rows]
        raise DLKitError(
            f"No tensor of this list is called {which[:100]!r}.",
            offer(which, names, "Its rows say how they are called."),
        )

    def __contains__(self, what: object) -> bool:
        if isinstance(what, str):
            return any(row.name == what or what in row.aliases for row in self.rows)
        return what in self.rows

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


def tensors(
    pattern: str | None = None,
    *,
    device: Any = None,
    sort: str = "name",
    descending: bool | None = None,
    limit: int | None = None,
    all: bool = False,
) -> Tensors:
    """The tensors and NumPy arrays that the notebook's variables reach, and what they cost.

    Listed are variables, parameters and buffers of modules, the state of optimizers, what is in
    containers and in attributes of objects, outputs (``Out``), and, on the main thread,
    gradients.  Without IPython the variables are those of the main script.  Local variables of
    functions are not listed.  Nothing of the user's is run, nothing is kept alive, and no
    accelerator is brought up.

    Parameters
    ----------
    pattern
        Text that is in the name, class, dtype or device; or with ``*`` and ``?`` a pattern of
        the whole name, such as ``"model.*.weight"``.  Brackets stand for themselves.
    device
        A device (``"cuda:0"``, ``torch.device("cuda", 0)``), or all of a kind (``"cuda"``).
    sort
        ``name``, ``bytes``, ``shape``, ``dtype``, ``device`` or ``rank``.
    descending
        The largest first; by default for ``bytes``, ``shape`` and ``rank``.
    limit
        As many rows at most; ``total`` says how many there are.
    all
        Show every row; else modules, optimizers and containers are shown folded into one.

    Returns
    -------
    Tensors
        Rows with ``name``, ``shape``, ``dtype``, ``device``, ``bytes`` and more.

    Raises
    ------
    DLKitError
        No such device, no such sort key, no such limit.

    Examples
    --------
    >>> x = torch.zeros(3, 4)
    >>> model = torch.nn.Linear(4, 2)
    >>> for row in dlkit.tensors():
    ...     print(row.name, row.shape, row.dtype, row.device, row.bytes)
    model.bias (2,) float32 cpu 8
    model.weight (2, 4) float32 cpu 32
    x (3, 4) float32 cpu 48
    >>> dlkit.tensors(sort="bytes", limit=1)[0].name
    'x'
    >>> [row.name for row in dlkit.tensors("model.*")]
    ['model.bias', 'model.weight']
    >>> t = dlkit.tensors()
    >>> t["x"].shape, t.totals["cpu"].bytes
    ((3, 4), 88)
    >>> dlkit.tensors(device="cuda:7")
    Traceback (most recent call last):
        ...
    jupyter_dlkit.DLKitError: There is no device 'cuda:7' here. There is cpu...
    """
    from ..kernel.devices import devices
    from .choosing import choice, chosen
    from .looking import look

    there = () if device is None else (one["id"] for one in devices()["devices"])
    asked = choice(pattern, device, sort, descending, limit, there)
    seen = look()
    found = chosen(seen.rows, asked)
    return Tensors(
        tuple(found[: asked.limit]),
        seen.groups,
        seen.totals,
        len(found),
        not seen.cut,
        seen.cut,
        seen.torch,
        seen.note if not seen.rows or found else _nothing(asked, len(seen.rows)),
        **asked._asdict(),
        all=bool(all),
        taken_at=seen.taken_at,
        gradients_taken_at=seen.gradients_taken_at,
    )


def _nothing(asked: Choice, count: int) -> str:
    """Why there is nothing to show, where there is something else."""
    of = f"of the {count} tensors here" if count > 1 else "of the one tensor here"
    where = f" is on {asked.device}" if asked.device else ""
    what = f" is like {asked.pattern!r}" if asked.pattern else ""
    return f"None {of}{where}{' and' if where and what else ''}{what}."
