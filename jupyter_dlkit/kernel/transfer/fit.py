"""Will training fit?  What a module needs on the target, against what is free there."""

from __future__ import annotations

from typing import Optional

from ..columns import Describer, itemsize
from ..kinds import type_name
from .optimizers import Membership, Optimizers
from .plan import Plan
from .sizes import binary
from .values import Fit

#: Tensors of a parameter's size that an optimizer makes at its first step
#: (the ``state`` of each class in ``torch.optim``); the others are taken to make two.
_STATES = {"SGD": 0, "Adagrad": 1, "RMSprop": 1, "Rprop": 2, "ASGD": 1, "Adafactor": 0, "LBFGS": 0}
_OTHERS = 2


def training(describer: Describer, plan: Plan, optimizers: Optimizers, free: Optional[int]) -> Fit:
    """Bytes.  Gradients are counted for every parameter that requires one."""
    get, numel = describer.get, describer.call["numel"]
    gradients = state = 0
    names = []
    for group in plan.groups:
        for member in group.members:
            tensor = member.tensor
            if not get["requires_grad"](tensor) or member.owner == "gradient":
                continue
            nbytes = int(numel(tensor)) * itemsize(describer.torch, get["dtype"](tensor))
            gradients += nbytes
            for membership in optimizers.memberships(tensor):
                state += _state(describer, membership, nbytes)
                if membership.name not in names:
                    names.append(membership.name)
    kept = {"gradient", "optimizer"}
    parameters = sum(
        group.nbytes for group in plan.groups if not {m.owner for m in group.members} <= kept
    )
    needed = parameters + gradients + state + (plan.activations or 0)
    fits = None if free is None else needed <= free
    said = f"Training needs {binary(needed)}"
    said += " and its activations" if plan.activations is None else ""
    said += f"; {binary(free)} are free." if free is not None else "; the device does not say."
    if not names:
        said += " No optimizer was found, so none is counted."
    return Fit(parameters, gradients, state, plan.activations, needed, free, fits, said)


def _state(describer: Describer, membership: Membership, nbytes: int) -> int:
    """What the optimizer keeps for a parameter, or will after its first step."""
    base = describer.torch._C.TensorBase
    have = 0
    for value in membership.state.values():
        if isinstance(value, base):
            size = itemsize(describer.torch, describer.get["dtype"](value))
            have += int(describer.call["numel"](value)) * size
    if have:
        return have
    name, group = type_name(type(membership.optimizer)), membership.group
    count = _STATES.get(name, _OTHERS)
    count += bool(group.get("momentum")) + bool(group.get("centered")) + bool(group.get("amsgrad"))
    return count * nbytes
