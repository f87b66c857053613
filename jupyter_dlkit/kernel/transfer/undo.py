"""One step back.  Remembers numbers only: nothing is kept alive for it."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..columns import Describer
from .plan import Plan, Planner


class Record(NamedTuple):
    """Where the tensors of the last move came from."""

    id: Optional[str]
    device: str
    #: ``id`` of a tensor object → device it came from, address of its storage now, its name.
    tensors: Dict[int, Tuple[str, Optional[int], str]]


def record(describer: Describer, move_id: Optional[str], plan: Plan) -> Record:
    """What is needed to put a finished move back."""
    tensors: Dict[int, Tuple[str, Optional[int], str]] = {}
    for group in plan.groups:
        for member in group.members:
            address = None
            if group.storage is not None:
                address = int(describer.address(member.tensor))
            tensors[id(member.tensor)] = (str(group.source), address, member.name)
    return Record(move_id, str(plan.groups[0].target), tensors)


def want(session: Any, planner: Planner, record: Record) -> List[str]:
    """Ask the planner to put back what is still there; what is not, in words."""
    torch, heap = session.torch, session.heap
    found = 0
    for tensor in heap.tensors:
        known = record.tensors.get(id(tensor))
        if known is None:
            continue
        source, address, name = known
        if address is not None and heap.storage(tensor) != address:
            continue  # another object came to its place, or it has other data since
        found += 1
        names = heap.names(tensor)
        owner = names.owner if names else "unreachable"
        planner.want(tensor, names.name if names else name, owner, torch.device(source))
    missing = len(record.tensors) - found
    if not missing:
        return []
    if missing == 1:
        return ["1 tensor that was moved is gone, or has other data by now; it stays as it is."]
    return [f"{missing} tensors that were moved are gone, or have other data by now."]
