"""One look at the namespace: from objects to columns of plain values.

After it nothing of the scan refers to a tensor.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import arrays, columns, loaded, singular
from .columns import Columns, Describer, Placed, TypeNames
from .held import Held
from .kinds import ARRAY, TENSOR, Kinds
from .names import Paths
from .walk import Walk


class Scan(NamedTuple):
    """What a look found: columns with one entry per row."""

    addresses: List[int]  #: ``id`` of each object
    columns: Columns  #: the described fields, and name, aliases, owner, group, grad_fn
    groups: Dict[str, Tuple[str, str]]  #: name → kind, class
    cut: Dict[str, str]  #: root → why
    gradients: Optional[Gradients]  #: when autograd was read


class Gradients(NamedTuple):
    """What autograd said, between two cells; plain values."""

    grad_fn: Dict[int, Tuple[str, str]]  #: address of a row → its name, class of its node
    addresses: List[int]
    columns: Columns
    parents: List[int]  #: address of the row whose gradient it is
    #: Gradients that are rows: name, expression, group of the parent.
    named: Dict[int, Tuple[str, str, Optional[str]]]


class Last(NamedTuple):
    """What was seen of plain tensors; numbers and texts."""

    addresses: List[int]  #: ``id`` of each
    guards: Optional[Callable[[Sequence[Any]], bool]]  #: made before they were described
    shaped: Columns
    placed: Placed
    columns: Columns  #: both


class Scanner:
    """Scans a namespace; remembers what it saw, as numbers and texts, between scans."""

    def __init__(self, drop: Callable[[List[Any]], None]) -> None:
        self._drop = drop
        self._describer: Optional[Describer] = None
        self._last: Optional[Last] = None
        self._paths = Paths()

    def describer(self) -> Optional[Describer]:
        """For tensors; None while the kernel has no torch."""
        torch = loaded.torch()
        if torch is not None and self._describer is None:
            self._describer = Describer(torch)
        return self._describer if torch is not None else None

    def scan(
        self,
        namespace: Dict[str, Any],
        outputs: Dict[Any, Any],
        budget: float,
        autograd: bool,
    ) -> Scan:
        """Walk and describe.  ``autograd`` only on the main thread, between cells.

        ``namespace`` is a copy made for the scan, and empty afterwards.
        """
        held = Held(self._drop)
        torch = loaded.torch()
        try:
            if torch is None:
                return self._scan(held, namespace, outputs, budget, False)
            with torch._C.DisableTorchFunctionSubclass():
                return self._scan(held, namespace, outputs, budget, autograd)
        finally:
            namespace.clear()  # else it would be the last to hold what the cell has dropped
            held.release()

    def _scan(
        self,
        held: Held,
        namespace: Dict[str, Any],
        outputs: Dict[Any, Any],
        budget: float,
        autograd: bool,
    ) -> Scan:
        walk = Walk(Kinds(), held, budget, self._paths)
        found = walk.found
        walk.run(namespace, outputs)
        self._paths = walk.paths.seen
        type_names = TypeNames()
        addresses = list(found.position)
        rows, described = self.describe(found.objects, found.kinds, addresses, type_names)
        names, owners, groups = found.names, found.owners, found.groups
        if rows != list(range(len(found.objects))):  # described in another order than found
            addresses = list(map(addresses.__getitem__, rows))
            names = list(map(names.__getitem__, rows))
            owners = list(map(owners.__getitem__, rows))
            groups = list(map(groups.__getitem__, rows))
        aliases = ["[]"] * len(rows)
        for position, row in enumerate(rows if found.aliases else ()):
            if row in found.aliases:
                aliases[position] = json.dumps(found.aliases[row])
        result: Columns = {
            "name": names,
            "aliases": aliases,
            "owner": owners,
            "group": groups,
            "grad_fn": [None] * len(rows),
            **described,
        }
        gradients = None
        if autograd:
            from .autograd import look

            gradients = look(self, held, found, rows, result, type_names)
        return Scan(addresses, result, walk.groups, walk.cut, gradients)

    def describe(
        self,
        objects: List[Any],
        kinds: List[int],
        addresses: List[int],
        type_names: TypeNames,
        remember: bool = True,
    ) -> Tuple[List[int], Columns]:
        """Described columns, and which object each of their rows is.

        ``addresses`` are the objects' ``id``s.  ``remember``: the next scan is likely to find
        the same objects.
        """
        describer = self.describer()
        result = columns.empty()
        order: List[int] = []
        if kinds.count(TENSOR) == len(kinds):
            plain, strange, tensors = list(range(len(kinds))), [], objects
        else:
            plain = [row for row, kind in enumerate(kinds) if kind == TENSOR]
            strange = [row for row, kind in enumerate(kinds) if kind not in (TENSOR, ARRAY)]
            tensors = list(map(objects.__getitem__, plain))
            addresses = list(map(addresses.__getitem__, plain))
        pointers: List[int] = []
        if describer is not None and (plain or strange):
            described = self._plain(describer, tensors, addresses, type_names, remember)
            if described is None:
                plain, odd = _split(describer, objects, plain)
                strange += odd
                tensors = list(map(objects.__getitem__, plain))
                try:
                    described = describer.describe(tensors, type_names)
                except RuntimeError:
                    # One without a storage that can be asked (a lazy device): each on its own.
                    strange, plain, tensors = sorted(strange + plain), [], []
                    described = columns.empty()
            if len(plain) == len(kinds):
                return plain, described
            columns.extend(result, described)
            order += plain
            owned = [row for row, kind in enumerate(kinds) if kind == ARRAY]
            if owned:
                pointers = describer.pointers(tensors)
            if strange:
                wrapped = [objects[row] for row in strange]
                columns.extend(
                    result, singular.describe(describer, wrapped, [kinds[r] for r in strange])
                )
                order += strange
                pointers += [0] * (len(strange) if owned else 0)
        numpy = loaded.numpy()
        rows = [row for row, kind in enumerate(kinds) if kind == ARRAY]
        if numpy is not None and rows:
            described, owners = arrays.describe(numpy, [objects[row] for row in rows], type_names)
            arrays.share(owners, described, result, pointers)
            columns.extend(result, described)
            order += rows
        return order, result

    def _plain(
        self,
        describer: Describer,
        tensors: List[Any],
        addresses: List[int],
        type_names: TypeNames,
        remember: bool,
    ) -> Optional[Columns]:
        """Columns of tensors that are all plain; None when one of them is not.

        Those of the last scan, when the same objects still look the same.
        """
        last = self._last
        try:
            if last is None or not remember or addresses != last.addresses:
                shaped = describer.shaped(tensors, type_names)
                placed = describer.placed(tensors)
                described = describer.complete(tensors, shaped, placed)
                if remember:
                    self._last = Last(addresses, None, shaped, placed, described)
                return described
            guards, shaped = last.guards, last.shaped
            if guards is None or not guards(tensors):
                guards = describer.guards(tensors)  # first: what changes meanwhile is seen next
                shaped = describer.shaped(tensors, type_names)
                if shaped == last.shaped:
                    shaped = last.shaped
            placed = describer.placed(tensors)
            described = last.columns
            if shaped is not last.shaped or placed != last.placed:
                described = describer.complete(tensors, shaped, placed)
        except RuntimeError:
            return None
        self._last = Last(last.addresses, guards, shaped, placed, described)
        return described


def _split(
    describer: Describer, objects: List[Any], rows: List[int]
) -> Tuple[List[int], List[int]]:
    plain = describer.is_plain([objects[row] for row in rows])
    if all(plain):
        return rows, []
    return (
        [row for row, ok in zip(rows, plain) if ok],
        [row for row, ok in zip(rows, plain) if not ok],
    )
