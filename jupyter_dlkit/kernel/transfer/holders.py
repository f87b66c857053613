"""Who has an object, or memory, when its names are gone."""

from __future__ import annotations

import gc
import sys
import types
from typing import Any, Collection, Dict, List, NamedTuple, Optional, Set, Tuple

from ..kinds import TENSOR, type_name
from . import graphs
from .heap import Heap


class Held(NamedTuple):
    """What graphs hold: by ``id`` of a leaf, and by address of a storage that was saved."""

    leaves: Dict[int, str]
    storages: Dict[int, str]

    def by(self, tensor: Any, address: Optional[int]) -> Optional[str]:
        """Who holds a tensor, in words; None when no graph does."""
        who = self.leaves.get(id(tensor))
        if who is None and address is not None:
            who = self.storages.get(address)
        return None if who is None else f"the graph of {who}"


def in_graphs(heap: Heap, without: Collection[int] = ()) -> Held:
    """What the graphs of all results hold, save of those whose ``id`` is in ``without``.

    A graph that has been run backwards lets go of what it saved, and not of its leaves.
    """
    leaf = heap.describer.get["is_leaf"]
    results: List[Tuple[Any, Optional[str]]] = []
    for tensor in heap.tensors:
        if heap.kinds.one(tensor) == TENSOR and not leaf(tensor) and id(tensor) not in without:
            names = heap.names(tensor)
            results.append((tensor, names.name if names else None))
    grad_fn = heap.describer.torch._C.TensorBase.grad_fn.__get__
    found: Dict[int, str] = {}
    seen: Set[int] = set()
    nodes: List[Any] = []  # while a node is held its id is its own
    for tensor, name in results:
        stack = [grad_fn(tensor)]
        while stack:
            node = stack.pop()
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            nodes.append(node)
            variable = getattr(node, "variable", None)
            if variable is not None:
                found.setdefault(id(variable), name or graphs.UNNAMED)
            stack.extend([before for before, _ in node.next_functions])
    return Held(found, graphs.live(heap.describer, results).storages)


def of_object(value: List[Any], places: Collection[int], containers: bool = True) -> List[str]:
    """Who has the one object of ``value`` besides that list, as far as the collector sees.

    ``places``: ``id`` of what does not count.  ``containers``: whether a dict or list counts,
    of which nothing is known but that it exists.
    """
    ours = {id(value), id(sys._getframe()), *places}
    found: List[str] = []
    for referrer in gc.get_referrers(value[0]):
        if id(referrer) in ours:
            continue
        said = _called(referrer, containers)
        if said is not None and said not in found:
            found.append(said)
    return found


def _called(referrer: Any, containers: bool) -> Optional[str]:
    if isinstance(referrer, types.FrameType):
        code = referrer.f_code
        if "jupyter_dlkit" in code.co_filename:
            return None
        return f"a call of {code.co_name}() that is kept, by an exception perhaps"
    if isinstance(referrer, types.CellType):
        return "a variable that a function encloses"
    if isinstance(referrer, (types.GeneratorType, types.CoroutineType)):
        return f"the generator {referrer.__name__}"
    return f"a {type_name(type(referrer))}" if containers else None
