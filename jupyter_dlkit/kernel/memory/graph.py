"""What graphs of autograd keep: saved activations, by the root that keeps the graph.

What was saved is read as it lies there.  To unpack it would run the user's hooks, and that of a
checkpoint computes a forward again.  Main thread only, and not while a backward runs.
"""

from __future__ import annotations

import gc
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from .. import kinds as k
from ..kinds import type_name
from .ledger import Holder
from .search import NODE, MemoryKinds

#: Tells whether to go on; asked now and then.
GoOn = Callable[[], bool]


class Root(NamedTuple):
    """A result that keeps a graph."""

    node: Any
    name: str  #: ``loss``, ``outputs[3]``
    group: str  #: what it is shown under
    whole: Optional[Holder] = None  #: who is told to have the graph, where it is not the result


class Saved(NamedTuple):
    """A tensor that a graph keeps."""

    tensor: Any
    name: str  #: the node's class and what it calls it
    root: Root
    leaf: bool  #: into which a gradient goes


class Beside(NamedTuple):
    """Anything else that a node has: what a hook packed, its functions, attributes of ``ctx``."""

    value: Any
    name: str
    root: Root


class Graphs:
    """All graphs; each node is read once, for the first root that leads to it."""

    def __init__(self, torch: Any, kinds: MemoryKinds) -> None:
        self._tensor = torch._C.TensorBase
        self._kinds = kinds
        self._attributes: Dict[int, List[Tuple[str, Callable[[Any], Any]]]] = {}
        self._nexts: Dict[int, List[Any]] = {}
        self._nodes: List[Any] = []  # while a node is held its id is its own
        self._root_of: Dict[int, Root] = {}
        self.shared: Dict[str, List[str]] = {}  #: name of a root → others that lead into it
        self.saved: List[Saved] = []
        self.beside: List[Beside] = []
        self._kept: List[Any] = []
        self.unknown = False  #: this torch does not show what was saved

    def __len__(self) -> int:
        return len(self._root_of)

    def add(self, roots: Sequence[Root], go_on: GoOn = lambda: True) -> bool:
        """Read what ``roots`` keep; False when it was not all, because ``go_on`` said no.

        A root that no other leads to comes first: of ``logits`` and the ``loss`` made of them
        it is ``loss`` that keeps the graph.
        """
        before: Set[int] = set()
        for root in roots:
            if not self._learn(root.node, before, go_on):
                return False
        first = [root for root in roots if id(root.node) not in before]
        rest = [root for root in roots if id(root.node) in before]
        return all(self._read(root, go_on) for root in first + rest)

    def _learn(self, root: Any, before: Set[int], go_on: GoOn) -> bool:
        nexts, stack = self._nexts, [root]
        while stack:
            node = stack.pop()
            if id(node) in nexts:
                continue
            self._nodes.append(node)
            others = [other for other, _ in node.next_functions if other is not None]
            nexts[id(node)] = others
            before.update(map(id, others))
            stack += others
            if not len(nexts) & 127 and not go_on():
                return False
        return True

    def _read(self, root: Root, go_on: GoOn) -> bool:
        owned = self._root_of
        first = owned.get(id(root.node))
        if first is not None:
            if first.name != root.name:
                self.shared.setdefault(first.name, []).append(root.name)
            return True
        stack, count = [root.node], 0
        while stack:
            node = stack.pop()
            if id(node) in owned:
                continue
            owned[id(node)] = root
            self._node(node, root)
            stack += self._nexts.get(id(node), ())
            count += 1
            if not count & 63 and not go_on():
                return False
        return True

    def go_on_from(self, root: Root, skip: int, go_on: GoOn) -> Tuple[int, bool]:
        """Read a root's graph in the same order as before, without its first ``skip`` nodes.

        How many nodes it was, and whether that is all; ``skip`` when it was not got so far.
        """
        owned, stack, count = self._root_of, [root.node], 0
        keep = self._nodes.append
        while stack:
            node = stack.pop()
            number = id(node)
            if number in owned:
                continue
            owned[number] = root
            keep(node)
            for other, _ in node.next_functions:
                if other is not None:
                    stack.append(other)
            count += 1
            if count <= skip:  # it was read in another step
                if not count & 511 and not go_on():
                    return skip, False  # too far
                continue
            self._node(node, root)
            if not count & 31 and not go_on():
                return count, not stack
        return count, True

    def _node(self, node: Any, root: Root) -> None:
        cls = type(node)
        known = self._attributes.get(id(cls))
        if known is None:
            known = self._attributes[id(cls)] = self._of_class(cls)
            self._nodes.append(cls)
        for name, get in known:
            try:
                found = get(node)
            except Exception:  # a custom function's, when it has been freed
                continue
            if name == "variable":
                if found is not None:
                    self.saved.append(Saved(found, "leaf", root, True))
                continue
            label = f"{type_name(cls)}.{name}"
            if type(found) not in (tuple, list):
                self._slot(found, label, root)
                continue
            for position, one in enumerate(found):
                self._slot(one, f"{label}[{position}]", root)
        self._others(node, cls, root)

    def _of_class(self, cls: type) -> List[Tuple[str, Callable[[Any], Any]]]:
        found = []
        for name in dir(cls):
            if name.startswith("_raw_saved_"):
                found.append((name[len("_raw_saved_") :], k.in_class(cls, name).__get__))
        if type_name(cls) == "AccumulateGrad":
            found.append(("variable", k.in_class(cls, "variable").__get__))
        return found

    def _slot(self, slot: Any, label: str, root: Root) -> None:
        """A ``SavedTensor``."""
        if slot is None:
            return
        if not hasattr(type(slot), "data"):
            self.unknown = True
            return
        try:
            data, hook = slot.data, slot.unpack_hook
        except Exception:  # freed
            return
        if issubclass(type(data), self._tensor):
            self.saved.append(Saved(data, label, root, False))
        elif data is not None:
            self.beside.append(Beside(data, label, root))
        if hook is not None:
            self.beside.append(Beside(hook, f"{label} (its hook)", root))

    def _others(self, node: Any, cls: type, root: Root) -> None:
        """Attributes that a custom function set on ``ctx``, and hooks of any node."""
        referents = gc.get_referents(node)
        for other, kind in zip(referents, self._kinds.of(referents)):
            if kind in (k.ATOM, k.CLASS, k.OPAQUE, NODE):
                continue
            if type(other) is dict:
                for name, value in list(other.items()):
                    if type(name) is str:
                        self.beside.append(Beside(value, f"{type_name(cls)}.{name}", root))
            else:
                self.beside.append(Beside(other, f"{type_name(cls)} (its hooks)", root))

    def has(self, node: Any) -> bool:
        """Whether a root was found that leads to a node."""
        return id(node) in self._root_of

    def taken(self) -> Tuple[List[Saved], List[Beside]]:
        """What was read since the last time."""
        answer = self.saved, self.beside
        self._kept.append(answer)
        self.saved, self.beside = [], []
        return answer

    @property
    def nexts(self) -> Dict[int, List[Any]]:
        """Of each node that was read, by ``id``, those that come after it in a backward."""
        return self._nexts

    def roots(self) -> List[Root]:
        """Those that keep a graph of their own."""
        return list({id(root.node): root for root in self._root_of.values()}.values())

    def saved_tensors(self) -> List[Any]:
        """All that was read so far."""
        together = [*self.saved, *(one for saved, _ in self._kept for one in saved)]
        return [one.tensor for one in together]

    def drop(self) -> None:
        """Let go of every node and tensor."""
        self._nodes.clear()
        self._nexts.clear()
        self._root_of.clear()
        self._kept.clear()
