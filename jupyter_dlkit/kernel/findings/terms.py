"""Results of many iterations that one variable keeps: their graphs look alike, and share nothing.

The terms of one loss (a trunk with several heads, a penalty for each parameter, the steps of a
recurrent network) share parts of the graph, or come from other parameters.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Set, Tuple

from ..kinds import type_name

#: Nodes that are looked at, for all graphs together.
_MOST_NODES = 20_000

_ADD = ("AddBackward0", "AddBackward1")
_LEAF = "AccumulateGrad"

Nexts = Dict[int, List[Any]]


class Look(NamedTuple):
    """What a term is made of: parameters, and kinds of operations."""

    leaves: FrozenSet[int]
    operations: Tuple[Tuple[str, int], ...]


def summands(node: Any, nexts: Nexts) -> List[Any]:
    """The terms of ``total += term``, the last first; fewer than two where it is no such sum."""
    found: List[Any] = []
    while type_name(type(node)) in _ADD and len(found) < _MOST_NODES:
        inputs = nexts.get(id(node)) or []
        if len(inputs) == 1:  # 0 + term
            node = inputs[0]
            break
        if len(inputs) != 2:
            break
        left, right = inputs
        if type_name(type(left)) not in _ADD and type_name(type(right)) in _ADD:
            left, right = right, left  # total = term + total
        found.append(right)
        node = left
    if found:
        found.append(node)
    return found


def alike(terms: List[Any], nexts: Nexts) -> int:
    """How many of the terms look the same and share no operation with another; 0 if some do."""
    seen: Set[int] = set()
    looks: Dict[Look, int] = {}
    for term in terms:
        look = _look(term, nexts, seen)
        if look is None:
            return 0
        if look.leaves:
            looks[look] = looks.get(look, 0) + 1
        if len(seen) > _MOST_NODES:
            break
    return max(looks.values(), default=0)


def _look(term: Any, nexts: Nexts, seen: Set[int]) -> Optional[Look]:
    leaves: Set[int] = set()
    operations: Counter[str] = Counter()
    own: Set[int] = set()
    stack = [term]
    while stack:
        node = stack.pop()
        number = id(node)
        if number in own or number in leaves:
            continue
        name = type_name(type(node))
        if name == _LEAF:
            leaves.add(number)
            continue
        if number in seen:
            return None
        own.add(number)
        operations[name] += 1
        stack += nexts.get(number) or ()
    seen |= own
    return Look(frozenset(leaves), tuple(sorted(operations.items())))
