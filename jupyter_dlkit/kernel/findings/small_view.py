"""A small view keeps all of the storage that it is a part of."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

from ..columns import itemsize
from ..kinds import TENSOR
from ..transfer.sizes import binary
from .finding import Finding
from .scene import LEAST, Place, Scene

#: The storage is so many times what is used of it, at least.
_TIMES = 8

_OF = ("variable", "container", "frame", "output")


def find(scene: Scene) -> Iterator[Finding]:
    """One for each storage of which little is used."""
    whole = scene.whole
    if whole is None:
        return
    used = covered(scene)
    for device, pieces in scene.pieces.items():
        for piece in pieces:
            size = piece.end - piece.start
            if size < LEAST or piece.holder.owner not in ("variable", "container"):
                continue
            if any(other.owner not in _OF for other in piece.others):
                continue
            mine = used.get((device, piece.start))
            if mine is None or mine * _TIMES > size:
                continue
            name = piece.holder.name
            others = [one.name for one in piece.others if one.owner in ("variable", "container")]
            those = f"{name} and {', '.join(others[:3])} are views" if others else f"{name} is"
            what = those if others else f"{name} is a view"
            yield Finding(
                "small_view",
                name,
                f"{what} of {binary(mine)} altogether, and {'keep' if others else 'keeps'} all of"
                f" the storage: {binary(size)} on {device}."
                if others
                else f"{what} of {binary(mine)}, and keeps all of its storage: {binary(size)}"
                f" on {device}.",
                size - mine,
                device,
                None,
                f"Copy the part that is needed: {name} = {name}.clone()",
            )


def covered(scene: Scene) -> Dict[Place, int]:
    """Bytes of the tensors that lie in each large storage, together; at most, as they overlap."""
    whole = scene.whole
    assert whole is not None
    describer = whole.describer
    tensors: List[Any] = list(scene.objects(TENSOR))
    if whole.graphs is not None:
        known = set(map(id, tensors))
        tensors += [t for t in whole.graphs.saved_tensors() if id(t) not in known]
    large = large_storages(describer, tensors)
    found: Dict[Place, int] = {}
    base = describer.torch._C.StorageBase
    names: Dict[Any, str] = {}
    for tensor in large:
        try:
            device = describer.get["device"](tensor)
            name = names.get(device)
            if name is None:
                name = names[device] = str(device)
            place = name, base.data_ptr(describer.storage(tensor))
            count = describer.call["numel"](tensor)
            if type(count) is not int:
                continue  # a symbol, of a compiler's: to compare it would be recorded as a guard
            size = count * itemsize(describer.torch, describer.get["dtype"](tensor))
        except (RuntimeError, NotImplementedError):
            continue
        found[place] = found.get(place, 0) + size
    return found


def large_storages(describer: Any, tensors: List[Any]) -> List[Any]:
    """Those whose storage is large."""
    try:
        sizes = list(map(describer.nbytes, map(describer.storage, tensors)))
        return [t for t, size in zip(tensors, sizes) if type(size) is int and size >= LEAST]
    except (RuntimeError, NotImplementedError):
        pass
    found = []
    for tensor in tensors:  # some are odd: one by one
        try:
            size = describer.nbytes(describer.storage(tensor))
            if type(size) is int and size >= LEAST:
                found.append(tensor)
        except (RuntimeError, NotImplementedError):
            continue
    return found
