"""Deletes the names of a tensor as a user would by hand, and says what still holds it."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from ..kinds import ARRAY, TENSOR
from . import holders, target_device, unbinding
from .sizes import binary
from .targets import Target
from .values import DONE, PREVIEW, Bytes, Deletion

#: Owners whose tensors belong to something that would break without them.
_BELONGING = ("parameter", "buffer", "gradient", "optimizer")


def delete(session: Any, targets: List[Target], id: Optional[str], dry_run: bool) -> Deletion:
    """Delete every name of the one target, a tensor or an array; or say what would happen.

    ``targets`` is empty afterwards.
    """
    target = targets.pop()
    heap = session.heap
    names = heap.names(target.value)
    owner = names.owner if names else "variable"
    paths = [target.path] if names is None else [names.name, *names.aliases]
    steps: List[unbinding.Unbinding] = []
    kept: List[str] = []
    for path in dict.fromkeys([target.path, *paths]):
        step = None
        if owner not in _BELONGING or path.isidentifier():
            step = unbinding.of_path(session, path, attributes=True)
        if step is None:
            kept.append(path)
        else:
            steps.append(step)
    steps += unbinding.of_history(session, target.value)
    device, storage, shared = _memory(session, target.value)
    before = None
    if device is not None and device.type == "cpu":
        before = heap.host_bytes()
    elif device is not None:
        before = target_device.allocated_bytes(session.torch, device)
    path, value = target.path, [target.value]
    del target, names
    places = {place for step in steps for place in step.places} if dry_run else set()
    if not dry_run:
        for step in steps:
            step.run()
    steps.clear()
    session.drop()
    gone = [name for name in dict.fromkeys([path, *paths]) if name not in kept]
    held = [*kept, *shared]
    if not kept:
        held += [said for said in holders.of_object(value, places) if said not in held]
    freed = _would_free(session.torch, storage, value[0]) if dry_run and not held else 0
    value.clear()
    if not dry_run:
        freed = _freed(session.torch, storage)
    del storage  # measured without what we hold
    answer = Deletion(
        id,
        PREVIEW if dry_run else DONE,
        path,
        said(gone, kept, held, freed, dry_run),
        deleted=tuple(gone),
        kept=tuple(kept),
        still_held_by=tuple(held),
    )
    if device is None:
        return answer
    after = None if before is None else before - freed
    if device.type != "cpu" and not dry_run:
        after = target_device.allocated_bytes(session.torch, device)
    return answer._replace(bytes={str(device): Bytes(before, after)})


def said(gone: List[str], kept: List[str], held: List[str], freed: int, dry_run: bool) -> str:
    """How it went, or would go, in a sentence."""
    if not gone:
        was = "would be" if dry_run else "was"
        return f"Nothing {was} deleted: {kept[0]} belongs to something that would break without it."
    text = f"{'Would delete' if dry_run else 'Deleted'} {', '.join(gone)}"
    would = "would be" if dry_run else "are"
    if freed:
        text += f"; {binary(freed)} {would} free again"
    if held:
        whose = "some of its memory" if freed else "its memory"
        text += f"; {whose} {'would be' if dry_run else 'is'} still held by {', '.join(held[:3])}"
    return text + "."


def _memory(session: Any, value: Any) -> Tuple[Any, Any, List[str]]:
    """Device and storage of a tensor, and who else has that storage."""
    heap, describer = session.heap, session.describer
    kind = heap.kinds.one(value)
    if kind == ARRAY:
        return None, None, []
    device = describer.get["device"](value)
    address = heap.storage(value)
    if kind != TENSOR or address is None:
        return device, None, []
    shared: List[str] = []
    for other in heap.by_storage.get(address, ()):
        if other is not value and heap.is_reached(other):
            names = heap.names(other)
            shared.append(names.name if names else "a view that has no name")
    graph = holders.in_graphs(heap, {id(value)}).by(value, address)
    if graph is not None:
        shared.append(graph)
    return device, describer.storage(value), list(dict.fromkeys(shared))


def _freed(torch: Any, storage: Any) -> int:
    """Bytes that nobody but us holds any more."""
    if storage is None or torch._C._storage_Use_Count(storage._cdata) > 1:
        return 0
    return int(storage.nbytes())


def _would_free(torch: Any, storage: Any, tensor: Any) -> int:
    """Bytes that nobody would hold but us, were ``tensor`` (and its base) gone."""
    if storage is None:
        return 0
    its = 1 + bool(torch._C.TensorBase._is_view(tensor))
    count = torch._C._storage_Use_Count(storage._cdata) - its
    return int(storage.nbytes()) if count <= 1 else 0
