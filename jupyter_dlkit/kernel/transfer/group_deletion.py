"""Deletes the names of a module, an optimizer or a container, and says what its tensors hold.

Its names are those that a user could delete by hand.  What it consists of is not
taken apart: its tensors go with it, save those that something else has.
"""

from __future__ import annotations

import gc
from typing import Any, Dict, List, NamedTuple, Optional

from . import belongings, holders, target_device, unbinding
from .around import Around
from .deletion import said
from .targets import Target
from .values import DONE, PREVIEW, Bytes, Deletion


class _Storage(NamedTuple):
    """Memory of the group; ``held_by`` names who else has it, as far as that is known."""

    storage: Any
    device: str
    nbytes: int
    held_by: List[str]


def delete(session: Any, targets: List[Target], id: Optional[str], dry_run: bool) -> Deletion:
    """Delete every name of the one target, or say what would happen.

    ``targets`` is empty afterwards.
    """
    target = targets.pop()
    path, value = target.path, [target.value]
    del target
    around = Around(session.heap.kinds, value[0])
    around.run(session.namespace, session.outputs)
    paths = list(dict.fromkeys([path, *around.reached_by]))
    steps: List[unbinding.Unbinding] = []
    kept: List[str] = []
    for name in paths:
        # A library's object may need its attribute: a scheduler its optimizer.
        step = unbinding.of_path(session, name, attributes=name == path)
        if step is not None:
            steps.append(step)
        elif not name.startswith("Out["):
            kept.append(name)
    steps += unbinding.of_history(session, value[0])
    storages = _storages(session, value[0], path, around.names())
    del around
    before = _allocated(session, storages)
    places = {place for step in steps for place in step.places} if dry_run else set()
    if not dry_run:
        for step in steps:
            step.run()
    steps.clear()
    session.drop()
    held = [*kept, *holders.of_object(value, places, containers=False)]
    value.clear()
    if not dry_run and any(_in_use(session.torch, one) for one in storages):
        gc.collect()  # a module in a cycle is not gone with its last name
    stays = bool(held) if dry_run else None
    freed = _freed(session.torch, storages, stays, held)
    gone = [name for name in paths if name not in kept]
    return Deletion(
        id,
        PREVIEW if dry_run else DONE,
        path,
        said(gone, kept, held, sum(freed.values()), dry_run),
        deleted=tuple(gone),
        kept=tuple(kept),
        still_held_by=tuple(held),
        bytes=_measured(session, before, freed, dry_run),
    )


def _storages(session: Any, value: Any, path: str, elsewhere: Dict[int, str]) -> List[_Storage]:
    """Memory of all tensors of the object, their gradients included."""
    heap, describer = session.heap, session.describer
    base = describer.torch._C.TensorBase
    reached = belongings.of(heap.kinds, value, path)
    own = {id(one.tensor): one.tensor for one in [*reached.tensors, *reached.others]}
    leaf_of: Dict[int, Any] = {}  # who has a leaf has its gradient
    for tensor in list(own.values()):
        if heap.storage(tensor) is not None and describer.get["is_leaf"](tensor):
            gradient = base.grad.__get__(tensor)
            if gradient is not None:
                own[id(gradient)] = gradient
                leaf_of[id(gradient)] = tensor
    graphs = holders.in_graphs(heap, own.keys() - elsewhere.keys())
    found: Dict[int, _Storage] = {}
    for tensor in own.values():
        address = heap.storage(tensor)
        if address is None:
            continue
        if address not in found:
            storage = describer.storage(tensor)
            device = str(describer.get["device"](tensor))
            found[address] = _Storage(storage, device, int(describer.nbytes(storage)), [])
        who = found[address].held_by
        for one in (tensor, leaf_of.get(id(tensor))):
            who += [elsewhere[id(one)]] if id(one) in elsewhere else []
            graph = None if one is None else graphs.by(one, heap.storage(one))
            who += [graph] if graph is not None else []
        for other in heap.by_storage.get(address, ()):
            if id(other) not in own and heap.is_reached(other):
                who.append(elsewhere.get(id(other), "a view that has no name"))
    return list(found.values())


def _freed(
    torch: Any, storages: List[_Storage], stays: Optional[bool], held: List[str]
) -> Dict[str, int]:
    """Bytes by device that nobody has any more, and into ``held`` who has the rest.

    ``stays``: for a preview, whether the object itself would stay.  ``storages`` is empty
    afterwards, so that what is measured then is without what we hold.
    """
    freed: Dict[str, int] = {}
    nameless = False
    while storages:
        one = storages.pop(0)
        still = _in_use(torch, one) if stays is None else stays or bool(one.held_by)
        if not still:
            freed[one.device] = freed.get(one.device, 0) + one.nbytes
            continue
        nameless = nameless or not (held or one.held_by)
        held += [who for who in one.held_by if who not in held]
    if nameless:
        held.append("something that has no name: a result's graph, or another library")
    return freed


def _in_use(torch: Any, one: _Storage) -> bool:
    """Whether somebody but us has it."""
    return bool(torch._C._storage_Use_Count(one.storage._cdata) > 1)


def _allocated(session: Any, storages: List[_Storage]) -> Dict[str, Optional[int]]:
    torch = session.torch
    found: Dict[str, Optional[int]] = {}
    for device in sorted({one.device for one in storages}):
        found[device] = (
            session.heap.host_bytes()
            if device == "cpu"
            else target_device.allocated_bytes(torch, torch.device(device))
        )
    return found


def _measured(
    session: Any, before: Dict[str, Optional[int]], freed: Dict[str, int], dry_run: bool
) -> Dict[str, Bytes]:
    """Of the host only what torch's storages have is known, and of a preview nothing else."""
    found: Dict[str, Bytes] = {}
    for device, was in before.items():
        after = None if was is None else was - freed.get(device, 0)
        if device != "cpu" and not dry_run:
            after = target_device.allocated_bytes(session.torch, session.torch.device(device))
        found[device] = Bytes(was, after)
    return found
