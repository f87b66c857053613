"""A small view keeps all of the storage that it is a part of."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from .. import loaded
from ..columns import itemsize
from ..kinds import ARRAY, TENSOR
from ..memory.ledger import Piece
from ..transfer.sizes import binary
from .finding import Finding
from .scene import LEAST, Place, Scene, Walked

#: The storage is so many times what is used of it, at least.
_TIMES = 8

_OF = ("variable", "container", "frame", "output")


class Use(NamedTuple):
    """Of a piece of memory, by all that lies in it."""

    bytes: int = 0  #: together; at most, as they overlap
    tensors: int = 0
    arrays: int = 0


def find(scene: Scene) -> Iterator[Finding]:
    """One for each storage of which little is used."""
    whole = scene.whole
    if whole is None:
        return
    used = uses(scene)
    for device, pieces in scene.pieces.items():
        for piece in pieces:
            size = piece.end - piece.start
            if size < LEAST or piece.holder.owner not in ("variable", "container"):
                continue
            if any(other.owner not in _OF for other in piece.others):
                continue
            use = used.get((device, piece.start), Use())
            # Of arrays alone it is not known: what lies in a data frame is not walked.
            if not use.tensors or use.bytes * _TIMES > size:
                continue
            yield Finding(
                "small_view",
                piece.holder.name,
                _message(piece, use, device),
                size - use.bytes,
                device,
                None,
                _hint(whole, piece, use),
            )


def _names(piece: Piece) -> List[str]:
    others = [one.name for one in piece.others if one.owner in ("variable", "container")]
    return [piece.holder.name, *others[:3]]


def _message(piece: Piece, use: Use, device: str) -> str:
    name, *others = _names(piece)
    mine, size = binary(use.bytes), binary(piece.end - piece.start)
    if others:
        return (
            f"{name} and {', '.join(others)} are views of {mine} altogether, and keep all of the"
            f" storage: {size} on {device}."
        )
    return f"{name} is a view of {mine}, and keeps all of its storage: {size} on {device}."


def _hint(whole: Walked, piece: Piece, use: Use) -> str:
    copies = []
    for name in _names(piece):
        is_array = False
        if use.arrays:
            if name not in whole.roots.namespace:
                return "Copy the parts that are needed: clone() of a tensor, copy() of an array."
            is_array = whole.kinds.one(whole.roots.namespace[name]) == ARRAY
        copies.append(f"{name} = {name}.{'copy' if is_array else 'clone'}()")
    part = "part that is needed" if len(copies) == 1 else "parts that are needed"
    return f"Copy the {part}: {'; '.join(copies)}"


def uses(scene: Scene) -> Dict[Place, Use]:
    """What is used of the pieces in which large storages lie."""
    whole = scene.whole
    assert whole is not None
    starts = {device: [piece.start for piece in scene.pieces[device]] for device in scene.pieces}
    found: Dict[Place, Use] = {}
    for kind, spans in ((TENSOR, _tensors(whole, scene)), (ARRAY, _arrays(scene))):
        for device, address, size in spans:
            position = bisect_right(starts.get(device, []), address) - 1
            if position < 0:
                continue
            place = device, starts[device][position]
            use = found.get(place, Use())
            tensors, arrays = use.tensors + (kind == TENSOR), use.arrays + (kind == ARRAY)
            found[place] = Use(use.bytes + size, tensors, arrays)
    return found


def _tensors(whole: Walked, scene: Scene) -> Iterator[Tuple[str, int, int]]:
    """Device, address of the storage, and bytes of each tensor with a large one."""
    describer = whole.describer
    tensors: List[Any] = list(scene.objects(TENSOR))
    if whole.graphs is not None:
        known = set(map(id, tensors))
        tensors += [t for t in whole.graphs.saved_tensors() if id(t) not in known]
    data_ptr = describer.torch._C.StorageBase.data_ptr
    names: Dict[Any, str] = {}
    for tensor in large_storages(describer, tensors):
        try:
            device = describer.get["device"](tensor)
            name = names.get(device)
            if name is None:
                name = names[device] = str(device)
            count = describer.call["numel"](tensor)
            if type(count) is not int:
                continue  # a symbol, of a compiler's: to compare it would be recorded as a guard
            size = count * itemsize(describer.torch, describer.get["dtype"](tensor))
            start = data_ptr(describer.storage(tensor))
        except (RuntimeError, NotImplementedError):
            continue
        yield name, start, size


def _arrays(scene: Scene) -> Iterator[Tuple[str, int, int]]:
    """Address of the first item, and bytes of each array."""
    numpy = loaded.numpy()
    if numpy is None:
        return
    nbytes = numpy.ndarray.nbytes.__get__
    interface = numpy.ndarray.__array_interface__.__get__
    for array in scene.objects(ARRAY):
        yield "cpu", interface(array)["data"][0], nbytes(array)


def large_storages(describer: Any, tensors: List[Any]) -> List[Any]:
    """Those whose storage is large, and really there."""
    device_of = describer.torch._C.StorageBase.device.__get__
    found = []
    for tensor in tensors:
        try:
            storage = describer.storage(tensor)
            size = describer.nbytes(storage)
            # A compiler's fake ones claim a device, and torch warns of whoever asks where.
            if type(size) is int and size >= LEAST and device_of(storage).type != "meta":
                found.append(tensor)
        except (RuntimeError, NotImplementedError):
            continue  # it is odd
    return found
