"""The same change as code for a cell, because a notebook should be re-runnable.

``x = x.to(device)`` only where that is the same: a leaf that requires a gradient
would become a non-leaf, and aliases would stay behind.
"""

from __future__ import annotations

from typing import Any, List

from ..kinds import MODULE
from ..names import is_name
from .optimizers import Optimizers
from .plan import Group, Plan
from .targets import Target


def move(
    session: Any, targets: List[Target], plan: Plan, where: Any, optimizers: Optimizers
) -> str:
    """One or more statements."""
    if len(targets) == 1 and plan.groups:
        target, device = targets[0], str(where)
        if session.heap.kinds.one(target.value) == MODULE:
            if all(_is_registered(group) for group in plan.groups) and is_name(target.path):
                return f"{target.path}.to({device!r})"
        elif len(plan.groups) == 1 and _is_plain(session, plan.groups[0], target):
            return f"{target.path} = {target.path}.to({device!r})"
    paths = ", ".join(repr(target.path) for target in targets)
    return f"import jupyter_dlkit as dlkit\ndlkit.move({paths}, device={str(where)!r})"


def _is_registered(group: Group) -> bool:
    """Whether ``Module.to`` would do the same with this storage."""
    if group.storage is None or len(group.members) != 1:
        return False
    member = group.members[0]
    return member.owner == "parameter" or (member.owner == "buffer" and not member.aliases)


def _is_plain(session: Any, group: Group, target: Target) -> bool:
    if len(group.members) != 1 or group.members[0].aliases or not is_name(target.path):
        return False
    tensor = group.members[0].tensor
    get = session.describer.get
    whole = group.storage is None or group.members[0].bytes == group.nbytes
    return bool(
        tensor is target.value
        and whole
        and not get["requires_grad"](tensor)
        and type(tensor) is session.torch.Tensor
    )
