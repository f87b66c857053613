"""Gradients that are kept after the optimizer has used them, while nothing trains."""

from __future__ import annotations

from typing import Dict, Iterator, List, Set, Tuple

from ..kinds import OPTIMIZER, TENSOR, instance_dict
from ..memory.ledger import Holder
from . import cell_code
from .finding import Finding
from .scene import LEAST, Kept, Place, Scene, size_of
from .steps import are_used


def find(scene: Scene) -> Iterator[Finding]:
    """One for each optimizer whose last step came after the last backward."""
    whole, watch = scene.whole, scene.watch
    if whole is None or watch is None:
        return
    describer = whole.describer
    base, storage = describer.torch._C.TensorBase, describer.torch._C.StorageBase
    optimizers = scene.objects(OPTIMIZER)
    names = [name for name in map(scene.name, optimizers) if name is not None]
    for optimizer in optimizers:
        name = scene.name(optimizer)
        texts = watch.trained_by(optimizer)
        if name is None or not texts:
            continue
        if not are_used(texts, cell_code.cells(whole.roots.history.get("In")), names):
            continue
        own = instance_dict(optimizer, whole.kinds.layout(type(optimizer))) or {}
        groups = own.get("param_groups")
        places: Set[Place] = set()
        for group in groups if type(groups) is list else ():
            members = group.get("params") if type(group) is dict else None
            for one in members if type(members) is list else ():
                if whole.kinds.one(one) != TENSOR or not base.is_leaf.__get__(one):
                    continue
                gradient = base.grad.__get__(one)
                if gradient is None:
                    continue
                try:
                    start = storage.data_ptr(describer.storage(gradient))
                    places.add((str(describer.get["device"](gradient)), start))
                except (RuntimeError, NotImplementedError):
                    continue
        if not places:
            continue
        kept, models = _kept(scene, places)
        if kept.bytes < LEAST:
            continue
        yield Finding(
            "old_gradients",
            name,
            f"{' and '.join(models[:3])} {'keeps' if len(models) == 1 else 'keep'} gradients that"
            f" {name}.step() has used: {kept.said} between two phases of training.",
            kept.bytes,
            kept.device,
            f"gradients:{name}",
            f"Let them go after the last step: {name}.zero_grad(). The next backward makes them"
            " anew.",
        )


def _kept(scene: Scene, places: Set[Place]) -> Tuple[Kept, List[str]]:
    sizes: Dict[str, int] = {}
    models: Dict[str, None] = {}

    def mine(holder: Holder) -> bool:
        return holder.owner == "gradient"

    for group in scene.groups("gradient"):
        for device, piece in scene.of("gradient", group):
            if (device, piece.start) in places and all(map(mine, piece.others)):
                sizes[device] = sizes.get(device, 0) + size_of(device, piece)
                models[group] = None
    return Kept(sizes), list(models)
