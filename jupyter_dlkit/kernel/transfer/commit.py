"""Points tensor objects at their copies, and back again when anything fails.

Decides nothing: it does what it is given, and remembers what was.
"""

from __future__ import annotations

from typing import Any, List, Tuple

from ..columns import Describer
from .plan import Member
from .staging import Staged


class Journal:
    """What was before: each tensor with an alias of its old data."""

    def __init__(self, describer: Describer) -> None:
        self._data = describer.torch._C.TensorBase.data
        self._entries: List[Tuple[Any, Any]] = []

    def point(self, tensor: Any, data: Any) -> None:
        """Let ``tensor`` have the data, sizes and strides of ``data``."""
        before = self._data.__get__(tensor)
        self._data.__set__(tensor, data)
        self._entries.append((tensor, before))

    def roll_back(self) -> None:
        """Give every tensor what it had."""
        while self._entries:
            tensor, before = self._entries.pop()
            self._data.__set__(tensor, before)

    def forget(self) -> None:
        """Keep the change; lets go of what was before."""
        self._entries.clear()


def commit(describer: Describer, journal: Journal, staged: List[Staged]) -> None:
    """Point every member of every group at its copy.

    Raises what torch raises; the caller rolls the journal back.
    """
    for group, copy in staged:
        for member in group.members:
            if group.storage is None:
                journal.point(member.tensor, copy)
            else:
                journal.point(member.tensor, _alike(describer, member, copy, group.target))


def _alike(describer: Describer, member: Member, storage: Any, device: Any) -> Any:
    """A tensor like the member, on the copy of its storage."""
    torch = describer.torch
    inference = torch._C.TensorBase.is_inference(member.tensor)
    with torch.inference_mode(inference):  # what is made in it has no version, and stays so
        return _made(describer, member, storage, device)


def _made(describer: Describer, member: Member, storage: Any, device: Any) -> Any:
    torch, base = describer.torch, describer.torch._C.TensorBase
    tensor = member.tensor
    data = torch.empty(0, dtype=describer.get["dtype"](tensor), device=device)
    data.set_(
        storage,
        describer.call["storage_offset"](tensor),
        describer.get["shape"](tensor),
        describer.call["stride"](tensor),
    )
    # ``set_`` knows nothing of these bits: without them the values would be wrong.
    if base.is_conj(tensor):
        data = torch._conj(data)
    if base.is_neg(tensor):
        data = torch._neg_view(data)
    has_names = getattr(base, "has_names", None)  # gone in torch 2.13
    if has_names is not None and has_names(tensor):
        data = data.refine_names(*base.names.__get__(tensor))
    return data
