"""Which devices a process sees, from its ``CUDA_VISIBLE_DEVICES``.

CUDA's rules, as its programming guide gives them ("CUDA Environment Variables")
and torch.cuda applies them: the list ends at the first entry that names no
device, and a device named twice leaves none at all.
"""

from __future__ import annotations

import re
from typing import List, Optional, Sequence


def visible(value: Optional[str], uuids: Sequence[str]) -> List[str]:
    """The UUIDs that a process sees, in the order of its `cuda:0`, `cuda:1`, ...

    `value` is the variable's, None when it is not set. `uuids` are the machine's
    devices in CUDA's order, which is NVML's when CUDA_DEVICE_ORDER is PCI_BUS_ID
    or all devices are alike; instances of MIG (`MIG-...`) may be among them and
    have no ordinal. Of instances a process sees only the first that it names.
    """
    cards = [uuid for uuid in uuids if not uuid.startswith("MIG-")]
    if value is None:
        return cards
    for kind in ("GPU-", "MIG-"):
        if value.startswith(kind):
            seen = _by_prefix(value.split(","), kind, uuids)
            return seen[:1] if kind == "MIG-" else seen
    return _by_ordinal(value.split(","), cards)


def _by_ordinal(entries: Sequence[str], cards: Sequence[str]) -> List[str]:
    ordinals: List[int] = []
    for entry in entries:
        # What follows the digits is ignored: CUDA reads `1gpu` as 1.
        match = re.match(r"[+-]?[0-9]+", entry.strip())
        ordinal = int(match.group()) if match else -1
        if ordinal in ordinals:
            return []
        if ordinal < 0:
            break
        ordinals.append(ordinal)
    seen: List[str] = []
    for ordinal in ordinals:
        if ordinal >= len(cards):
            break
        seen.append(cards[ordinal])
    return seen


def _by_prefix(entries: Sequence[str], kind: str, uuids: Sequence[str]) -> List[str]:
    prefixes: List[str] = []
    for entry in entries:
        if entry in prefixes:
            return []
        if not entry.startswith(kind):
            break
        prefixes.append(entry)
    seen: List[str] = []
    for prefix in prefixes:
        matches = [uuid for uuid in uuids if uuid.startswith(prefix)]
        if len(matches) != 1:  # none, or ambiguous
            break
        if matches[0] in seen:
            return []
        seen.append(matches[0])
    return seen
