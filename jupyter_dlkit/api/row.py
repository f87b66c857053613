"""One tensor of a list, without the tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from .result import Result

#: Fields that are lists in JSON, and tuples here.
LISTS = ("aliases", "shape", "strides")


@dataclass(frozen=True, slots=True)
class Storage:
    """The memory that a tensor looks at: ``bytes`` of all of it, None where not known.

    ``id`` is equal for tensors and arrays that share it; ``shared_by`` counts the other rows.
    """

    id: str
    bytes: int | None
    shared_by: int


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
        for name in LISTS:
            row[name] = None if row[name] is None else list(row[name])
        return row

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> TensorRow:
        """The row whose fields those of a ``Tensor`` of the REST API are; others are left out."""
        values = {name: fields[name] for name in cls.__slots__}
        for name in LISTS:
            if values[name] is not None:
                values[name] = tuple(values[name])
        if values["storage"] is not None:
            values["storage"] = Storage(**values["storage"])
        return cls(**values)
