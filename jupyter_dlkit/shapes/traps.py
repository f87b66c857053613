"""What runs, and may not be what was meant."""

from __future__ import annotations

from .call import Call, shape_text
from .values import Shape, Trap


def mismatched_loss(call: Call, shape: Shape) -> None:
    """A loss whose target is not shaped like its input: it compares every one with every one."""
    x, y = call.tensor(0), call.tensor(1)
    if x.shape == y.shape:
        return
    call.traps.append(
        Trap(
            "loss_broadcast",
            f"{call.named(0)} has shape {shape_text(x.shape)} and {call.named(1)} "
            f"{shape_text(y.shape)}: {call.operation} broadcasts them to {shape_text(shape)} and "
            "compares elements that do not belong together.",
            (0, 1),
        )
    )
