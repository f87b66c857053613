"""From what a search found to the ledger: storages, gradients, and graphs, with their holders."""

from __future__ import annotations

from itertools import compress
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from .. import arrays, loaded
from ..columns import TypeNames
from ..kinds import ARRAY, TENSOR
from ..singular import sparse_parts
from ..walk import Found
from .graph import Graphs, Root
from .ledger import Holder, Ledger
from .search import Search

#: Owners that a thing keeps wherever its path begins, as long as that is the user's own code.
_KEPT = ("parameter", "buffer", "gradient", "optimizer")


class Labels(NamedTuple):
    """How what a part of the search found is called."""

    owner: str  #: ``container`` for the namespace: as it was found
    group: str = ""
    within: str = ""

    def holder(self, owner: str, group: Optional[str], name: str) -> Holder:
        """Of a row."""
        if self.owner == "container":
            return Holder(owner, group or name, name)
        if self.owner == "frame" and owner in _KEPT:
            return Holder(owner, f"{group or name} in {self.group}", name)
        return Holder(self.owner, self.group, name, self.within)

    def root(self, name: str) -> str:
        """Of a result that keeps a graph."""
        where = self.within or self.group
        if self.owner in ("frame", "exception"):
            return f"{name} in {where}"
        return name

    def whole(self, name: str) -> Optional[Holder]:
        """Who has the graph that a result keeps, where it goes with more than the result: an
        exception, which is let go of as a whole."""
        if self.owner != "exception":
            return None
        return Holder(self.owner, self.group, f"the graph of {name}", self.within)


class Holdings:
    """Puts what was found into the ledger, and gathers the roots of graphs."""

    def __init__(
        self,
        ledger: Ledger,
        search: Search,
        graphs: Optional[Graphs],
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """``go_on`` tells whether there is time for more of a graph."""
        self.ledger = ledger
        self.search = search
        self.graphs = graphs
        self.roots: List[Root] = []
        self._go_on = go_on
        self._groups: Dict[str, Tuple[str, str]] = {}  # name of a root → its owner and group
        self._known: Set[int] = set()

    def knows(self, tensor: Any) -> bool:
        """Whether a path to the object was found."""
        return id(tensor) in self._known

    def take(self, found: Found, labels: Labels) -> None:
        """Rows, storages and nodes that the search found since the last time."""
        search = self.search
        if found.objects:
            groups: Iterable[Optional[str]] = found.groups
            holders = list(map(labels.holder, found.owners, groups, found.names))
            if found.aliases:
                self._aliases(found, labels, holders)
            self._known.update(found.position)
            self._rows(found.objects, found.kinds, holders, labels, found.groups)
        for reached in search.storages:
            self.add_storage(
                reached.value, labels.holder(reached.owner, reached.group, reached.name)
            )
        for reached in search.nodes:
            self.roots.append(self._root(reached.value, labels, reached.group, reached.name))
        search.storages.clear()
        search.nodes.clear()

    def _aliases(self, found: Found, labels: Labels, holders: List[Holder]) -> None:
        """Other names of the same objects; one under its owner's comes first."""
        for row, others in found.aliases.items():
            group, name = found.groups[row], found.names[row]
            if group is not None and not name.startswith(group):
                better = next((other for other in others if other.startswith(group)), None)
                if better is not None:
                    others = [name, *(other for other in others if other != better)]
                    holders[row] = holders[row]._replace(name=better)
            if found.kinds[row] == TENSOR:
                for other in others:
                    owner = "variable" if other.isidentifier() else "container"
                    self.add([found.objects[row]], [labels.holder(owner, None, other)])

    def _rows(
        self,
        objects: List[Any],
        kinds: List[int],
        holders: List[Holder],
        labels: Labels,
        groups: Sequence[Optional[str]],
    ) -> None:
        if kinds.count(TENSOR) == len(kinds):
            tensors = objects
        else:
            of_torch = [kind != ARRAY for kind in kinds]
            owned = [not other for other in of_torch]
            self._arrays(list(compress(objects, owned)), list(compress(holders, owned)))
            tensors = list(compress(objects, of_torch))
            holders = list(compress(holders, of_torch))
            groups = list(compress(groups, of_torch))
            kinds = list(compress(kinds, of_torch))
        self.add(tensors, holders)
        plain = [kind == TENSOR for kind in kinds]
        self._autograd(
            list(compress(tensors, plain)),
            list(compress(holders, plain)),
            list(compress(groups, plain)),
            labels,
        )

    def _arrays(self, objects: List[Any], holders: List[Holder]) -> None:
        numpy = loaded.numpy()
        if numpy is None or not objects:
            return
        _, owners = arrays.describe(numpy, objects, TypeNames())
        for owner, holder in zip(owners, holders):
            self.ledger.add("cpu", owner.address, owner.nbytes, holder)

    def _autograd(
        self,
        tensors: List[Any],
        holders: List[Holder],
        groups: List[Optional[str]],
        labels: Labels,
    ) -> None:
        """Gradients, and the nodes that made the tensors."""
        describer = self.ledger.describer
        if describer is None or not tensors:
            return
        base = describer.torch._C.TensorBase
        grad, grad_fn = base.grad.__get__, base.grad_fn.__get__
        retains = base.retains_grad.__get__
        leaf = list(map(describer.get["is_leaf"], tensors))
        gradients: List[Any] = []
        of_gradients: List[Holder] = []
        for tensor, is_leaf, holder, group in zip(tensors, leaf, holders, groups):
            if not is_leaf:
                node = grad_fn(tensor)
                if node is not None:
                    of = group if labels.owner == "container" else None
                    self.roots.append(self._root(node, labels, of, holder.name))
                if not retains(tensor):
                    continue  # asking would make torch warn
            gradient = grad(tensor)
            if gradient is not None:
                name = f"{holder.name}.grad"
                owner = "gradient" if labels.owner in ("container", "frame") else holder.owner
                gradients.append(gradient)
                of_gradients.append(holder._replace(owner=owner, name=name))
                node = grad_fn(gradient)
                if node is not None:  # create_graph=True
                    self.roots.append(self._root(node, labels, None, name))
        self.search.held.keep(gradients)
        self._known.update(map(id, gradients))
        self.add(gradients, of_gradients)

    def _root(self, node: Any, labels: Labels, group: Optional[str], name: str) -> Root:
        said = labels.root(name)
        return Root(node, said, group or said, labels.whole(name))

    # Tensors and storages ----------------------------------------------------------------

    def add(self, tensors: Sequence[Any], holders: Sequence[Holder]) -> None:
        """Tensors of any kind."""
        describer = self.ledger.describer
        if describer is None or not tensors:
            return
        try:
            if all(describer.is_plain(tensors)):
                self.ledger.add_tensors(tensors, holders)
                return
        except (RuntimeError, NotImplementedError):
            pass
        for tensor, holder in zip(tensors, holders):  # some are odd: one by one
            for part in _parts(describer, tensor):
                try:
                    self.ledger.add_tensors([part], [holder])
                except (RuntimeError, NotImplementedError):
                    continue  # it has no storage of its own

    def add_storage(self, storage: Any, holder: Holder) -> None:
        """A storage object."""
        describer = self.ledger.describer
        if describer is None:
            return
        try:
            device = describer.torch._C.StorageBase.device.__get__(storage)
            self.ledger.add_storages([device], [storage], [holder])
        except (RuntimeError, NotImplementedError):
            return

    def has_storage(self, storage: Any) -> bool:
        """Whether somebody was found who has a storage; True when it cannot be told."""
        describer = self.ledger.describer
        if describer is None:
            return True
        try:
            device = describer.torch._C.StorageBase.device.__get__(storage)
            return self.ledger.has(device, storage)
        except (RuntimeError, NotImplementedError):
            return True

    # Graphs ------------------------------------------------------------------------------

    def graphs_of(self) -> bool:
        """What the graphs keep whose roots were found since the last time; whether it is all."""
        graphs = self.graphs
        whole = True
        while self.roots and whole:
            roots, self.roots = self.roots, []
            if graphs is None:
                break
            for root in roots:
                of = ("graph", root.group) if root.whole is None else root.whole[:2]
                self._groups.setdefault(root.name, of)
            whole = graphs.add(roots, self._go_on)
            self.read()
        return whole

    def read(self) -> None:
        """Take what was read of graphs."""
        assert self.graphs is not None
        saved, beside = self.graphs.taken()
        self.add(
            [one.tensor for one in saved],
            [_holder(one.root, one.name) for one in saved],
        )
        self._leaves([one for one in saved if one.leaf])
        for other in beside:
            if not self.search.has_seen(other.value):
                self.search.reach(other.value, other.name, "container")
                self._beside(self.search.taken(), other.root)

    def _beside(self, found: Found, root: Root) -> None:
        """What hooks and custom functions keep."""
        labels = Labels("graph", root.group, root.name)
        if root.whole is not None:
            labels = Labels(root.whole.owner, root.whole.group, root.whole.within)
        search = self.search
        roots = [root._replace(node=reached.value) for reached in search.nodes]
        search.nodes.clear()
        before = len(self.roots)
        self.take(found, labels)
        self.roots[before:] = [root._replace(node=other.node) for other in self.roots[before:]]
        self.roots += roots

    def _leaves(self, leaves: List[Any]) -> None:
        """Gradients of what is only in graphs."""
        describer = self.ledger.describer
        assert describer is not None
        grad = describer.torch._C.TensorBase.grad.__get__
        for one in leaves:
            if id(one.tensor) in self._known:
                continue
            gradient = grad(one.tensor)
            if gradient is not None:
                self.search.held.keep([gradient])
                self._known.add(id(gradient))
                self.add([gradient], [_holder(one.root, "gradient of a leaf")])

    def shared(self) -> Dict[Tuple[str, str], List[str]]:
        """By owner and group: other roots that keep the same graph."""
        answer: Dict[Tuple[str, str], List[str]] = {}
        for name, others in (self.graphs.shared if self.graphs is not None else {}).items():
            own = self._groups.get(name, ("graph", name))
            if own[0] != "graph":  # others of the same exception are no others
                others = [other for other in others if self._groups.get(other) != own]
            answer.setdefault(own, []).extend(others)
        return answer


def _holder(root: Root, name: str) -> Holder:
    """Of something that a graph keeps."""
    return root.whole or Holder("graph", root.group, name, root.name)


def _parts(describer: Any, tensor: Any) -> List[Any]:
    """The tensors that lie in storages of their own: of a sparse one its indices and values."""
    try:
        parts = sparse_parts(describer.torch, tensor)
    except (RuntimeError, NotImplementedError):
        parts = []
    return parts or [tensor]
