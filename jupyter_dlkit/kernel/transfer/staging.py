"""Copies storages to their target, and touches nothing else."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple

from . import target_device
from .plan import Group, Plan

#: A larger storage is copied in pieces, so that progress can be told and an interrupt be heard.
PIECE = 256 << 20


class Staged(NamedTuple):
    """A group, and its copy: a storage, or a tensor where it moves as a whole."""

    group: Group
    copy: Any


def stage(torch: Any, plan: Plan, progress: Callable[[int], None]) -> List[Staged]:
    """Copy everything; ``progress`` hears how many bytes are done.

    Raises what torch raises (out of memory, say); then nothing but the copies existed, and
    they are gone with the exception.
    """
    done = 0
    staged: List[Staged] = []
    for group in plan.groups:
        if group.storage is None:
            whole = group.members[0].tensor
            staged.append(Staged(group, torch._C.TensorBase.detach(whole).to(group.target)))
            done += group.nbytes
            progress(done)
            continue
        source = torch.empty(0, dtype=torch.uint8, device=group.source).set_(group.storage)
        copy = torch.empty(group.nbytes, dtype=torch.uint8, device=group.target)
        for start in range(0, group.nbytes, PIECE):
            piece = slice(start, start + PIECE)
            copy[piece].copy_(source[piece])
            done += min(PIECE, group.nbytes - start)
            progress(done)
        staged.append(Staged(group, copy.untyped_storage()))
    for device in {group.target for group in plan.groups}:
        target_device.synchronize(torch, device)
    return staged
