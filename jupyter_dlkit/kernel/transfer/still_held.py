"""Who still has the old memory after a move."""

from __future__ import annotations

import sys
from typing import Any, List, Tuple

from .plan import Group, Plan


def after(session: Any, plan: Plan) -> Tuple[List[str], int]:
    """Who holds source storages that were expected to be freed, and how many bytes of the
    host's memory nobody holds."""
    torch, heap = session.torch, session.heap
    held: List[str] = []
    freed = 0
    arrays = list(heap.arrays())
    for group in plan.groups:
        on_host = group.source.type == "cpu"
        if group.storage is None:
            freed += group.nbytes * on_host
            continue
        who = _holders(torch, session, group, arrays)
        if who:
            held.extend(name for name in who if name not in held)
        else:
            freed += group.nbytes * on_host
    return held, freed


def _holders(torch: Any, session: Any, group: Group, arrays: List[Tuple[str, Any]]) -> List[str]:
    names = [f"{name} (a NumPy array)" for name in sharing_arrays(session, group, arrays)]
    if names:
        return names
    count = torch._C._storage_Use_Count(group.storage._cdata)
    if count > 1:
        moved = {id(member.tensor) for member in group.members}
        others = [t for t in session.heap.by_storage.get(group.address, ()) if id(t) not in moved]
        if others:
            return [
                f"an array or another library that was given the memory of {group.members[0].name}"
            ]
        return [f"something outside of Python, of {group.members[0].name}"]
    if sys.getrefcount(group.storage) > _ALONE:
        return [f"a storage object (untyped_storage()) of {group.members[0].name}"]
    return []


def sharing_arrays(session: Any, group: Group, arrays: List[Tuple[str, Any]]) -> List[str]:
    """Names of NumPy arrays in the storage's memory."""
    if group.source.type != "cpu" or not arrays:
        return []
    start = int(session.torch._C.StorageBase.data_ptr(group.storage))
    interface = _interface(arrays[0][1])
    return [
        name
        for name, array in arrays
        if group.nbytes and start <= interface(array)["data"][0] < start + group.nbytes
    ]


def _interface(array: Any) -> Any:
    for base in type(array).__mro__:
        if base.__name__ == "ndarray" and base.__module__ == "numpy":
            return base.__dict__["__array_interface__"].__get__
    raise TypeError(type(array).__name__)


class _Probe:
    """Counts the references that a group itself has to its storage."""

    def __init__(self) -> None:
        group = Group(object(), 0, 0, None, None, [])
        self.count = self._count(group)

    def _count(self, group: Group) -> int:
        return sys.getrefcount(group.storage)


_ALONE = _Probe().count
