"""Graphs that variables keep, and how much of each nothing else keeps."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Set

from ..memory.graph import Graphs, Root
from ..memory.ledger import Holder
from .scene import Kept, Place, Scene


class Keeper(NamedTuple):
    """A variable with results that keep graphs."""

    group: str  #: ``total_loss``, ``losses``
    roots: List[Root]  #: those of the group that keep a graph of their own


def keepers(scene: Scene) -> List[Keeper]:
    """By what they are shown under, as the account read them."""
    whole = scene.whole
    if whole is None:
        return []
    by_group: Dict[str, Dict[int, Root]] = {}
    for root in whole.graphs.roots():
        by_group.setdefault(root.group, {})[id(root.node)] = root
    return [Keeper(group, list(roots.values())) for group, roots in by_group.items()]


def freed(scene: Scene, keeper: Keeper) -> Kept:
    """What would be free again without the variable: its tensors and what their graphs keep, less
    what other results keep that lead into the same graphs."""
    whole = scene.whole
    assert whole is not None
    group = keeper.group
    names = {root.name for root in keeper.roots}

    def mine(holder: Holder) -> bool:
        if holder.owner == "graph":
            return holder.group == group or holder.within in names
        return holder.group == group or holder.name == group

    owners = ("graph", "variable", "container")
    return scene.freed(owners, group, mine, _others(scene, keeper, names))


def _others(scene: Scene, keeper: Keeper, names: Set[str]) -> Set[Place]:
    """Where lies what other variables' results keep of the same graphs."""
    whole = scene.whole
    assert whole is not None
    describer = whole.describer
    shared: Dict[str, Any] = {}
    for name in names:
        for other in whole.graphs.shared.get(name, ()):
            tensor = whole.roots.namespace.get(other)
            if other != keeper.group and tensor is not None:
                shared[other] = tensor
    grad_fn = describer.torch._C.TensorBase.grad_fn.__get__
    base = describer.torch._C.StorageBase
    roots = []
    for name, tensor in shared.items():
        try:
            node = grad_fn(tensor)
        except TypeError:
            continue  # no tensor
        if node is not None:
            roots.append(Root(node, name, name))
    if not roots:
        return set()
    graphs = Graphs(describer.torch, whole.kinds)
    graphs.add(roots)
    places: Set[Place] = set()
    for tensor in graphs.saved_tensors():
        try:
            device = str(describer.get["device"](tensor))
            places.add((device, base.data_ptr(describer.storage(tensor))))
        except (RuntimeError, NotImplementedError):
            continue
    graphs.drop()
    return places
