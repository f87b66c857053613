"""Every tensor object of the process, and who has it.

A whole-heap scan: on the main thread, between cells, only (``facts-kernel.md``:
``gc.get_objects`` from another thread broke users' ``tuple(generator)``).
"""

from __future__ import annotations

import gc
from contextlib import suppress
from itertools import compress
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Set, Tuple

from ..columns import Describer
from ..held import Held
from ..kinds import OPTIMIZER, ROWS, TENSOR, WRAPPED, Kinds
from ..names import Paths
from ..walk import Walk

#: Seconds of CPU that naming what is found may take.
_BUDGET = 5.0


class Names(NamedTuple):
    """How an object is reached from the user's namespace."""

    name: str
    aliases: List[str]
    owner: str
    group: Optional[str]


class Heap:
    """Tensor objects by storage, optimizers, and names; holds what it found until dropped."""

    def __init__(
        self, describer: Describer, namespace: Dict[str, Any], outputs: Dict[Any, Any]
    ) -> None:
        self.describer = describer
        self.namespace = namespace
        self.outputs = outputs
        self.kinds = Kinds()
        self.walk = Walk(self.kinds, Held(list.clear), _BUDGET, Paths())
        self.walk.run(namespace, outputs)
        self._position = self.walk.found.position
        found = gc.get_objects()
        # One C call each for 10⁵ objects; each more pass over them costs 10 ms.
        classes = list(map(type, found))
        numbers = list(map(id, classes))
        kinds = {n: self.kinds.of_type(cls) for n, cls in dict(zip(numbers, classes)).items()}
        self.tensors = _of(found, numbers, [n for n, k in kinds.items() if k in (TENSOR, WRAPPED)])
        self.optimizers = _of(found, numbers, [n for n, k in kinds.items() if k == OPTIMIZER])
        #: ``id`` of the class of every object.
        self.types = frozenset(kinds)
        del found, classes
        known = set(map(id, self.tensors))
        # Those of a frozen generation are not among the tracked ones.
        for value, kind in zip(self.walk.found.objects, self.walk.found.kinds):
            if kind in (TENSOR, WRAPPED) and id(value) not in known:
                self.tensors.append(value)
        self.by_storage: Dict[int, List[Any]] = {}
        for tensor in self.tensors:
            address = self.storage(tensor)
            if address is not None:
                self.by_storage.setdefault(address, []).append(tensor)
        self._reached = self._seen_by_collector()

    def drop(self) -> None:
        """Let go of every object."""
        self.tensors.clear()
        self.optimizers.clear()
        self.by_storage.clear()
        del self.walk, self.namespace, self.outputs

    def storage(self, tensor: Any) -> Optional[int]:
        """Address of the storage; None for a tensor that has none to share."""
        if self.kinds.one(tensor) != TENSOR:
            return None
        try:
            if not self.describer.is_plain([tensor])[0]:
                return None
            if self.describer.torch._C.TensorBase.is_quantized.__get__(tensor):
                return None  # its scales are not in its storage
            return int(self.describer.address(tensor))
        except RuntimeError:
            return None

    def host_bytes(self) -> int:
        """Bytes of all storages in the host's memory, as far as Python knows them."""
        total = 0
        for tensors in self.by_storage.values():
            if self.describer.get["device"](tensors[0]).type == "cpu":
                total += int(self.describer.nbytes(self.describer.storage(tensors[0])))
        return total

    def names(self, tensor: Any) -> Optional[Names]:
        """How the user reaches a tensor; None when no path was found."""
        row = self._position.get(id(tensor))
        if row is None:
            return None
        found = self.walk.found
        return Names(
            found.names[row], list(found.aliases.get(row, ())), found.owners[row], found.groups[row]
        )

    def arrays(self) -> Iterable[Tuple[str, Any]]:
        """NumPy arrays that have a name."""
        found = self.walk.found
        for name, value, kind in zip(found.names, found.objects, found.kinds):
            if kind in ROWS and kind not in (TENSOR, WRAPPED):
                yield name, value

    def is_reached(self, tensor: Any) -> bool:
        """Whether Python code can come to it.

        An array of ``tensor.numpy()`` keeps its memory alive by a tensor object that nothing
        else has: were that one moved too, the array would be left without its memory.
        """
        return id(tensor) in self._position or id(tensor) in self._reached

    def _seen_by_collector(self) -> FrozenSet[int]:
        """Tensors without a name that some tracked object refers to."""
        unnamed = [t for t in self.tensors if id(t) not in self._position]
        if not unnamed:
            return frozenset()
        ours = {id(unnamed), id(self.tensors), *map(id, self.by_storage.values())}
        wanted = set(map(id, unnamed))
        reached: Set[int] = set()
        for referrer in gc.get_referrers(*unnamed):
            if id(referrer) not in ours:
                reached.update(wanted.intersection(map(id, gc.get_referents(referrer))))
        return frozenset(reached)


def _of(found: List[Any], numbers: List[int], wanted: List[int]) -> List[Any]:
    """The objects whose class has a wanted number; ``numbers`` are those of their classes."""
    if len(wanted) > _FEW:
        return list(compress(found, map(set(wanted).__contains__, numbers)))
    objects = []
    for number in wanted:
        place = -1
        with suppress(ValueError):  # ``index`` ends the search so
            while True:
                place = numbers.index(number, place + 1)
                objects.append(found[place])
    return objects


#: Searching a list of numbers for one of them is five times as quick as asking a set for each.
_FEW = 5
