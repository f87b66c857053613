"""Optimizer state that lies on another device than the parameters that it is for."""

from __future__ import annotations

from typing import Any, Dict, Iterator, NamedTuple

from ..columns import itemsize
from ..kinds import OPTIMIZER, TENSOR, instance_dict, module_of
from ..memory.ledger import Holder
from ..transfer.sizes import binary
from .finding import Finding
from .scene import Scene


class _Where(NamedTuple):
    parameter: str
    state: str


def find(scene: Scene) -> Iterator[Finding]:
    """One for each optimizer, whatever its size: its next step fails."""
    whole = scene.whole
    if whole is None:
        return
    for optimizer in scene.objects(OPTIMIZER):
        name = scene.name(optimizer)
        if name is None or not module_of(type(optimizer)).startswith(("torch.optim", "__main__")):
            continue  # another library's may keep it elsewhere on purpose
        sizes = _elsewhere(whole, optimizer)
        if not sizes:
            continue
        where = max(sizes, key=lambda one: sizes[one])
        size = sizes[where]
        yield Finding(
            "optimizer_device",
            name,
            f"{name} keeps {binary(size)} of its state on {where.state}, and the parameters are"
            f" on {where.parameter}: its next step fails, or is slow.",
            _freed(scene, name, where.state, size),
            where.state,
            None,
            f"Bring the state to its parameters: {name}.load_state_dict({name}.state_dict()). Make"
            " an optimizer after model.to(device), not before.",
        )


def _elsewhere(whole: Any, optimizer: Any) -> Dict[_Where, int]:
    describer, kinds = whole.describer, whole.kinds
    attributes = instance_dict(optimizer, kinds.layout(type(optimizer))) or {}
    state: Any = attributes.get("state")
    sizes: Dict[_Where, int] = {}
    if not issubclass(type(state), dict):
        return sizes
    device, dtype = describer.get["device"], describer.get["dtype"]
    for parameter, entry in list(dict.items(state)):
        if kinds.one(parameter) != TENSOR or type(entry) is not dict:
            continue
        here = str(device(parameter))
        for value in list(entry.values()):
            if kinds.one(value) != TENSOR:
                continue
            count = describer.call["numel"](value)
            there = str(device(value))
            if count > 1 and there != here and "meta" not in (here, there):  # steps are counted
                where = _Where(here, there)  # on the CPU
                size = count * itemsize(describer.torch, dtype(value))
                sizes[where] = sizes.get(where, 0) + size
    return sizes


def _freed(scene: Scene, name: str, device: str, most: int) -> int:
    def mine(holder: Holder) -> bool:
        return holder.owner == "optimizer"

    return min(most, scene.freed(["optimizer"], name, mine).sizes.get(device, 0))
