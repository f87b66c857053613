"""Works out what moves together, and what refuses.  Changes nothing."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Set, Tuple

from ..columns import itemsize
from ..kinds import TENSOR
from ..walk import MOST_ALIASES
from . import graphs, refusals
from .heap import Heap
from .optimizers import Optimizers
from .values import Moved, Refused


class Member(NamedTuple):
    """A tensor object that is to be pointed at another storage."""

    tensor: Any
    name: str
    aliases: List[str]
    owner: str
    bytes: int


class Group(NamedTuple):
    """A storage, with every tensor object that moves with it.

    ``storage`` is None for a tensor without strides: it moves as a whole, alone.
    """

    storage: Any  #: torch.UntypedStorage; True when it was let go, after the move
    address: int
    nbytes: int
    source: Any  #: torch.device
    target: Any  #: torch.device
    members: List[Member]


class Plan(NamedTuple):
    """What a move does, in the order in which it is done."""

    groups: List[Group]
    already_there: List[str]
    refused: List[Refused]
    leaves: List[Any]  #: parameters and other leaves among the members
    activations: Optional[int]  #: bytes that live graphs saved; None when there is none
    dragged: List[str]  #: parameters that nobody asked for, which share an optimizer's state

    def let_go(self) -> None:
        """Drop the source storages: they are not needed any more, and are to be freed."""
        self.groups[:] = [
            group if group.storage is None else group._replace(storage=True)
            for group in self.groups
        ]

    @property
    def total_bytes(self) -> int:
        """Of all storages."""
        return sum(group.nbytes for group in self.groups)


class _Wanted(NamedTuple):
    tensor: Any
    name: str
    owner: str
    target: Any


class Planner:
    """Takes tensors, adds what has to go with them, and makes a plan."""

    def __init__(self, heap: Heap, optimizers: Optimizers, force: bool) -> None:
        self.heap = heap
        self.optimizers = optimizers
        self.force = force
        self.describer = heap.describer
        self._base = self.describer.torch._C.TensorBase
        self._queue: Deque[_Wanted] = deque()
        self._groups: Dict[int, Group] = {}
        self._whole: List[Group] = []
        self._seen: Set[int] = set()
        self._already: List[str] = []
        self._refused: Dict[Tuple[str, str], Refused] = {}
        self._gradients: List[Any] = []  # held, so that each keeps its id
        self._leaf_of = self._leaves_of_gradients()
        self._asked: Set[int] = set()
        self._dragged: Dict[int, str] = {}
        self._joined: Set[int] = set()

    def want(self, tensor: Any, name: str, owner: str, target: Any) -> None:
        """Move ``tensor`` to ``target`` (torch.device), and all that goes with it."""
        self._queue.append(_Wanted(tensor, name, owner, target))

    def refuse(self, refused: Refused) -> None:
        """Note why something cannot be moved."""
        self._refused.setdefault((refused.name, refused.code), refused)

    def plan(self) -> Plan:
        """Everything that was wanted."""
        self._asked = {id(wanted.tensor) for wanted in self._queue}
        while self._queue:
            self._take(self._queue.popleft())
        groups = [group for group in [*self._groups.values(), *self._whole] if group.members]
        self._groups.clear()  # the plan alone holds the storages, and lets go of them
        self._whole.clear()
        held = self._graphs()
        if not self.force:
            for group in groups:
                for member in group.members:
                    holder = held.leaves.get(id(member.tensor)) or held.storages.get(group.address)
                    if holder is not None:
                        self.refuse(refusals.needed_by_graph(member.name, holder))
        leaves = [member.tensor for group in groups for member in group.members]
        activations = held.saved_bytes if held.leaves or held.storages else None
        moving = set(map(id, leaves))
        dragged = [name for number, name in self._dragged.items() if number in moving]
        refused = list(self._refused.values())
        return Plan(groups, self._already, refused, leaves, activations, dragged)

    def _take(self, wanted: _Wanted) -> None:
        tensor = wanted.tensor
        if id(tensor) in self._seen:
            return
        self._seen.add(id(tensor))
        kind = self.heap.kinds.one(tensor)
        refused = refusals.of(self.describer, tensor, kind, wanted.name, wanted.target)
        if refused is not None:
            self.refuse(refused)
            return
        source = self.describer.get["device"](tensor)
        if source == wanted.target:
            self._already.append(wanted.name)
        address = self.heap.storage(tensor)
        if address is None:
            if source != wanted.target:
                self._alone(wanted, source)
        elif address in self._groups:
            if source != self._groups[address].target:
                self._groups[address].members.append(self._member(wanted))
        else:
            storage = self.describer.storage(tensor)
            nbytes = int(self.describer.nbytes(storage))
            self._groups[address] = Group(
                storage,
                address,
                nbytes,
                source,
                wanted.target,
                [] if source == wanted.target else [self._member(wanted)],
            )
            if source != wanted.target:
                for other in self.heap.by_storage.get(address, ()):
                    if self.heap.is_reached(other):
                        self._follow(other, wanted)
        self._attached(wanted)

    def _follow(self, other: Any, wanted: _Wanted) -> None:
        """Another tensor object of the same storage."""
        names = self.heap.names(other)
        name = names.name if names else f"a tensor that shares memory with {wanted.name}"
        owner = names.owner if names else "unreachable"
        self._queue.appendleft(_Wanted(other, name, owner, wanted.target))

    def _attached(self, wanted: _Wanted) -> None:
        """Base, gradient and optimizers' state go where their tensor goes."""
        tensor, name, target = wanted.tensor, wanted.name, wanted.target
        if self._base._is_view(tensor):
            base = self._base._base.__get__(tensor)
            if base is not None:
                names = self.heap.names(base)
                said = names.name if names else f"the base of {name}"
                self.want(base, said, names.owner if names else "unreachable", target)
        leaf = self.describer.get["is_leaf"](tensor)
        gradient = self._base.grad.__get__(tensor) if leaf else None
        if gradient is not None:
            self.want(gradient, f"{name}.grad", "gradient", target)
        parent = self._leaf_of.get(id(tensor))
        if parent is not None:  # a gradient elsewhere than its leaf would be none
            names = self.heap.names(parent)
            said = names.name if names else f"the leaf of {name}"
            self.want(parent, said, names.owner if names else "unreachable", target)
        self._optimized(wanted)

    def _optimized(self, wanted: _Wanted) -> None:
        """State goes where its parameter goes, and a parameter where its state goes."""
        tensor, target = wanted.tensor, wanted.target
        for state in self.optimizers.state(tensor, wanted.name):
            self.want(state.tensor, state.name, "optimizer", target)
        parameter = self.optimizers.parameter(tensor)
        if parameter is not None:
            self._drag(parameter, target)
        for flat in self.optimizers.flat(tensor):
            if id(flat) not in self._joined:
                self._joined.add(id(flat))
                for state in flat.tensors:
                    self.want(state.tensor, state.name, "optimizer", target)
                for parameter in flat.parameters:
                    self._drag(parameter, target)

    def _drag(self, parameter: Any, target: Any) -> None:
        """A parameter without which its state would be elsewhere."""
        if id(parameter) in self._seen:
            return
        names = self.heap.names(parameter)
        said = names.name if names else self.optimizers.name(parameter)
        if id(parameter) not in self._asked:
            self._dragged[id(parameter)] = said
        self.want(parameter, said, names.owner if names else "unreachable", target)

    def _leaves_of_gradients(self) -> Dict[int, Any]:
        """By ``id`` of a gradient: the leaf that has it."""
        found: Dict[int, Any] = {}
        leaf = self.describer.get["is_leaf"]
        for tensor in self.heap.tensors:
            if self.heap.kinds.one(tensor) == TENSOR and leaf(tensor):
                gradient = self._base.grad.__get__(tensor)
                if gradient is not None:
                    self._gradients.append(gradient)
                    found[id(gradient)] = tensor
        return found

    def _alone(self, wanted: _Wanted, source: Any) -> None:
        """Sparse, nested, quantized and the like: as a whole."""
        member = self._member(wanted)
        self._whole.append(
            Group(None, 0, self._whole_bytes(wanted.tensor), source, wanted.target, [member])
        )

    def _whole_bytes(self, tensor: Any) -> int:
        torch = self.describer.torch
        parts = [tensor]
        layout = self.describer.get["layout"](tensor)
        if layout == torch.sparse_coo:
            parts = [tensor._indices(), tensor._values()]
        elif layout in (torch.sparse_csr, torch.sparse_bsr):
            parts = [tensor.crow_indices(), tensor.col_indices(), tensor.values()]
        elif layout in (torch.sparse_csc, torch.sparse_bsc):
            parts = [tensor.ccol_indices(), tensor.row_indices(), tensor.values()]
        try:
            return sum(map(self._bytes, parts))
        except RuntimeError:  # a nested tensor does not count its elements
            return 0

    def _bytes(self, tensor: Any) -> int:
        size = itemsize(self.describer.torch, self.describer.get["dtype"](tensor))
        return int(self.describer.call["numel"](tensor)) * size

    def _member(self, wanted: _Wanted) -> Member:
        names = self.heap.names(wanted.tensor)
        aliases = [] if names is None else [names.name, *names.aliases]
        return Member(
            wanted.tensor,
            wanted.name,
            [alias for alias in aliases if alias != wanted.name],
            names.owner if names is not None and wanted.owner == "container" else wanted.owner,
            self._bytes(wanted.tensor),
        )

    def _graphs(self) -> graphs.Held:
        leaf = self.describer.get["is_leaf"]
        results = []
        for tensor in self.heap.tensors:
            if self.heap.kinds.one(tensor) == TENSOR and not leaf(tensor):
                names = self.heap.names(tensor)
                results.append((tensor, names.name if names else None))
        return graphs.live(self.describer, results)


def moved(groups: List[Group], row_id: Any) -> List[Moved]:
    """Rows for an answer.  ``row_id``: from an object to the id of its row, or None."""
    rows = []
    for group in groups:
        together = [member.name for member in group.members[: MOST_ALIASES + 1]]
        for member in group.members:
            rows.append(
                Moved(
                    member.name,
                    row_id(member.tensor),
                    str(group.source),
                    str(group.target),
                    member.bytes,
                    group.nbytes,
                    member.aliases,
                    member.owner,
                    [name for name in together if name != member.name][:MOST_ALIASES],
                )
            )
    return rows
