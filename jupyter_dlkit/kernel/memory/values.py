"""What an account says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from ...hardware.beside import Other
from ..findings.finding import Finding

#: Who is given a storage that several hold: the first of these.
OWNERS = (
    "parameter",
    "buffer",
    "gradient",
    "optimizer",
    "variable",
    "container",
    "frame",
    "graph",
    "output",
    "exception",
    "unreachable",
    "workspace",
)
RANK = {owner: rank for rank, owner in enumerate(OWNERS)}


@dataclass(frozen=True)
class Owner:
    """A part of a device's memory, by who has it."""

    owner: str  #: one of ``OWNERS``
    name: str  #: ``model``, ``loss``, ``Out[7]``, ``train()``; of a child, the path to a tensor
    bytes: int
    storages: int
    children: Tuple[Owner, ...] = ()
    also: Tuple[str, ...] = ()  #: who else holds it
    hint: Optional[str] = None  #: a sentence on why it is there

    def to_dict(self) -> Dict[str, Any]:
        """As the API answers."""
        return {
            "owner": self.owner,
            "name": self.name,
            "bytes": self.bytes,
            "storages": self.storages,
            "children": [child.to_dict() for child in self.children],
            "also": list(self.also),
            "hint": self.hint,
        }


@dataclass(frozen=True)
class DeviceAccount:
    """One device's memory; bytes, None where the device does not say."""

    device: str
    allocated: Optional[int]  #: what the allocator has given out; None for the host
    reserved: Optional[int]  #: what the allocator has taken from the device
    total: Optional[int]
    free: Optional[int]
    attributed: int  #: what the owners have, together
    unaccounted: Optional[int]  #: allocated, and nobody was found who has it
    cache: Optional[int]  #: reserved and not given out
    fragmentation: Optional[int]  #: of the cache, in segments of which a part is in use
    largest_free: Optional[int]  #: the largest piece of the cache
    process: Optional[int]  #: of the host: this process's resident memory
    owners: Tuple[Owner, ...]
    uuid: Optional[str] = None  #: the driver's name of it
    used: Optional[int] = None  #: by all processes, as the driver says
    others: Tuple[Other, ...] = ()  #: what else is on it, where the driver was asked

    def to_dict(self) -> Dict[str, Any]:
        """As the API answers."""
        answer = dict(vars(self))
        answer["owners"] = [owner.to_dict() for owner in self.owners]
        answer["others"] = [other.to_dict() for other in self.others]
        return answer


@dataclass(frozen=True)
class Account:
    """The memory of a kernel's devices, the host among them."""

    devices: Tuple[DeviceAccount, ...]
    complete: bool
    left_out: Tuple[str, ...]  #: what was not looked at, in sentences
    cost_ms: float  #: processor time of the main thread
    findings: Tuple[Finding, ...] = ()  #: the worst first

    def device(self, name: str) -> DeviceAccount:
        """The account of one device; raises ``KeyError``."""
        for device in self.devices:
            if device.device == name:
                return device
        raise KeyError(name)

    def to_dict(self) -> Dict[str, Any]:
        """As the API answers."""
        return {
            "devices": [device.to_dict() for device in self.devices],
            "complete": self.complete,
            "left_out": list(self.left_out),
            "cost_ms": self.cost_ms,
            "findings": [finding.to_dict() for finding in self.findings],
        }
