"""Points tensor objects at their copies, and back again when anything fails.

Decides nothing: it does what it is given, and remembers what was.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

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
    torch, tensor = describer.torch, member.tensor
    # What is made in inference mode has no version, and stays so.
    with torch.inference_mode(torch._C.TensorBase.is_inference(tensor)):
        data = torch.empty(0, dtype=describer.get["dtype"](tensor), device=device)
        data.set_(
            storage,
            describer.call["storage_offset"](tensor),
            describer.get["shape"](tensor),
            describer.call["stride"](tensor),
        )
        return _with_bits(torch, tensor, data)


def _with_bits(torch: Any, tensor: Any, data: Any) -> Any:
    """``set_`` knows nothing of these bits: without them the values would be wrong."""
    base = torch._C.TensorBase
    if base.is_conj(tensor):
        data = torch._conj(data)
    if base.is_neg(tensor):
        data = torch._neg_view(data)
    has_names = getattr(base, "has_names", None)  # gone in torch 2.13
    if has_names is not None and has_names(tensor):
        data = data.refine_names(*base.names.__get__(tensor))
    return data


class Probes:
    """Tells whether a tensor object can be pointed at memory of a device."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._empty: Dict[Tuple[str, bool, bool, bool], Any] = {}

    def can_point(self, tensor: Any, device: Any) -> bool:
        """Makes an empty tensor there, once for each kind of tensor."""
        torch, base = self._torch, self._torch._C.TensorBase
        inference, conj, neg = base.is_inference(tensor), base.is_conj(tensor), base.is_neg(tensor)
        key = (str(device), inference, conj, neg)
        if key not in self._empty:
            with torch.inference_mode(inference):
                empty = torch.empty(0, dtype=torch.complex64 if conj else None, device=device)
                empty = torch._conj(empty) if conj else empty
                self._empty[key] = torch._neg_view(empty) if neg else empty
        return bool(torch._has_compatible_shallow_copy_type(tensor, self._empty[key]))
