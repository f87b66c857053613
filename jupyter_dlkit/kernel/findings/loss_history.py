"""``total_loss += loss``: the sum keeps the graph of every iteration."""

from __future__ import annotations

from typing import Iterator

from ..kinds import TENSOR
from . import graphs, terms
from .finding import Finding
from .scene import LEAST_GROWING, Scene

#: Terms of a sum that was made in place, and of another: ``loss = a + b + c`` is one loss.
_IN_PLACE, _OTHERWISE = 3, 5


def find(scene: Scene) -> Iterator[Finding]:
    """One for each sum."""
    whole = scene.whole
    if whole is None:
        return
    for keeper in graphs.keepers(scene):
        name = keeper.group
        total = whole.roots.namespace.get(name)
        if whole.kinds.one(total) != TENSOR or whole.describer.call["numel"](total) != 1:
            continue
        node = whole.describer.torch._C.TensorBase.grad_fn.__get__(total)
        if node is None or name not in [root.name for root in keeper.roots]:
            continue
        summands = terms.summands(node, whole.graphs.nexts)
        if len(summands) < _IN_PLACE:
            continue
        count = terms.alike(summands, whole.graphs.nexts)
        in_place = (whole.describer.version_or_none(total) or 0) >= len(summands) - 2
        if count < (_IN_PLACE if in_place else _OTHERWISE):
            continue
        kept = graphs.freed(scene, keeper)
        if kept.bytes < LEAST_GROWING:
            continue
        yield Finding(
            "loss_history",
            name,
            f"{name} keeps the graphs of {count:,} iterations that were added to it: {kept.said},"
            " and more with each.",
            kept.bytes,
            kept.device,
            f"name:{name}",
            f"Add a number, not the tensor: {name} += loss.item(), or loss.detach() to stay on"
            " the device.",
        )
