"""Graphs that autograd still holds, and the tensors that they need.

A graph that has been run backwards is freed: torch itself refuses to run it
again, so it does not mind that a tensor goes elsewhere.  One that has not would
find a tensor on another device than the one it recorded; and since pointing a
tensor at other data does not bump its version, autograd would not notice.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Set, Tuple

from ..columns import Describer

#: Who holds a graph, when no path to it was found.
UNNAMED = "a result that has no name"


class Held(NamedTuple):
    """What a live graph needs: by leaf object and by storage."""

    leaves: Dict[int, str]  #: id of a leaf → name of the result that holds the graph
    storages: Dict[int, str]  #: address of a storage that was saved → the same
    saved_bytes: int  #: of storages that were saved


class _Node(NamedTuple):
    dead: bool  #: it, or one before it, has been freed
    leaf: Any  #: the variable of an ``AccumulateGrad``
    saved: Tuple[Any, ...]
    before: Tuple[Any, ...]


def live(describer: Describer, results: Iterable[Tuple[Any, Optional[str]]]) -> Held:
    """What the graphs of ``results`` (tensors with their names) need.

    Main thread, between cells, only.  A graph is live when none of its nodes has been freed:
    running it backwards would go through all of them.
    """
    grad_fn = describer.torch._C.TensorBase.grad_fn.__get__
    nodes: Dict[int, _Node] = {}
    kept: List[Any] = []  # while a node is held its id is its own
    roots: List[Tuple[Any, str]] = []
    for tensor, name in results:
        root = grad_fn(tensor)
        if root is not None:
            roots.append((root, name or UNNAMED))
            _learn(describer, root, nodes, kept)
    roots.sort(key=lambda root: root[1] == UNNAMED)  # what has a name is what a person can drop
    leaves: Dict[int, str] = {}
    storages: Dict[int, str] = {}
    sizes: Dict[int, int] = {}
    done: Set[int] = set()
    for root, who in roots:
        stack = [root]
        while stack:
            number = id(stack.pop())
            node = nodes[number]
            if node.dead or number in done:
                continue
            done.add(number)
            if node.leaf is not None:
                leaves.setdefault(id(node.leaf), who)
            for saved in node.saved:
                try:
                    address = int(describer.address(saved))
                    sizes[address] = int(describer.nbytes(describer.storage(saved)))
                except RuntimeError:
                    continue  # sparse, say: it has no storage of its own
                storages.setdefault(address, who)
            stack.extend(node.before)
    return Held(leaves, storages, sum(sizes.values()))


def _learn(describer: Describer, root: Any, nodes: Dict[int, _Node], kept: List[Any]) -> None:
    """Describe ``root`` and all before it, those before it first."""
    stack = [(root, False)]
    while stack:
        node, opened = stack.pop()
        number = id(node)
        if number in nodes:
            continue
        if not opened:
            kept.append(node)
            before = [other for other, _ in node.next_functions if other is not None]
            stack.append((node, True))
            stack.extend([(other, False) for other in before if id(other) not in nodes])
            continue
        before = [other for other, _ in node.next_functions if other is not None]
        leaf = getattr(node, "variable", None)
        freed, saved = (False, ()) if leaf is not None else _saved(describer, node)
        kept.append((leaf, saved))
        dead = freed or any(nodes[id(o)].dead for o in before if id(o) in nodes)
        nodes[number] = _Node(dead, leaf, saved, tuple(before))


def _saved(describer: Describer, node: Any) -> Tuple[bool, Tuple[Any, ...]]:
    """Whether a node has been freed, and the tensors that it saved.

    Reads what was saved as it lies there: to unpack it would run the user's hooks, and a
    checkpoint's hook computes its whole forward again.
    """
    saved: List[Any] = []
    for attribute in dir(type(node)):
        if not attribute.startswith("_raw_saved_"):
            continue
        try:
            raw = getattr(node, attribute)
        except RuntimeError:  # a freed node of a custom function
            return True, ()
        undefined = hooked = False
        for one in raw if type(raw) in (tuple, list) else (raw,):
            data = getattr(one, "data", None)  # older versions of torch do not show it
            hooked = hooked or getattr(one, "unpack_hook", None) is not None
            undefined = undefined or data is None
            saved.extend(_tensors(describer, data))
        if undefined and not hooked:
            freed, data = _unpacked(node, attribute[len("_raw") :])
            if freed:
                return True, ()
            saved.extend(_tensors(describer, data))
    return False, tuple(saved)


def _tensors(describer: Describer, data: Any) -> List[Any]:
    """Tensors in what was saved: itself, or what a hook that packs made of it."""
    base = describer.torch._C.TensorBase
    parts = data if type(data) in (tuple, list) else (data,)
    return [part for part in parts if issubclass(type(part), base)]


def _unpacked(node: Any, attribute: str) -> Tuple[bool, Any]:
    """Where nothing lies: whether it has been let go; it may also never have been (a bias that
    is None), and an older torch shows it only so."""
    try:
        return False, getattr(node, attribute)
    except RuntimeError:  # "Trying to backward through the graph a second time"
        return True, None
    except Exception:  # no such name, or a hook that fails as it likes
        return False, None
