"""What autograd knows of the rows: gradients and backward nodes.

Main thread, between cells, only: backward runs without the GIL and writes what
is read here.  A second thread that read ``.grad`` while backward ran crashed
the kernel within ten seconds (``architecture.md``, decision 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import loaded
from .columns import Columns, TypeNames
from .held import Held
from .kinds import TENSOR, Kinds, type_name
from .walk import Found

if TYPE_CHECKING:
    from .scan import Gradients, Scanner


def look(
    scanner: Scanner,
    held: Held,
    found: Found,
    rows: List[int],
    described: Columns,
    type_names: TypeNames,
) -> Gradients:
    """Gradients and backward nodes of the rows; fills the ``grad_fn`` column.

    ``rows`` says which object of ``found`` each described row is.
    """
    base = loaded.torch()._C.TensorBase
    grad, grad_fn = base.grad.__get__, base.grad_fn.__get__
    retains = base.retains_grad.__get__
    nodes: Dict[int, Tuple[str, str]] = {}
    gradients: List[Any] = []
    parents: List[int] = []
    leaf, needs = described["is_leaf"], described["requires_grad"]
    objects, kinds = found.objects, found.kinds
    tensors = [position for position, row in enumerate(rows) if kinds[row] == TENSOR]
    leaves = [rows[position] for position in tensors if leaf[position] == "true"]
    for row, gradient in zip(leaves, map(grad, map(objects.__getitem__, leaves))):
        if gradient is not None:
            gradients.append(gradient)
            parents.append(row)
    for position in tensors if len(leaves) < len(tensors) else ():
        if leaf[position] == "true":
            continue
        row = rows[position]
        tensor = objects[row]
        # Asking a non-leaf that does not retain its gradient makes torch warn.
        gradient = grad(tensor) if retains(tensor) else None
        if gradient is not None:
            gradients.append(gradient)
            parents.append(row)
        if needs[position] == "true":
            node = type_name(type(grad_fn(tensor)))
            described["grad_fn"][position] = node
            nodes[id(tensor)] = (found.names[row], node)
    held.keep(gradients)
    return _rows(scanner, found, gradients, parents, nodes, type_names)


def _rows(
    scanner: Scanner,
    found: Found,
    gradients: List[Any],
    parents: List[int],
    nodes: Dict[int, Tuple[str, str]],
    type_names: TypeNames,
) -> Gradients:
    from .scan import Gradients

    fresh: List[int] = []
    named: Dict[int, Tuple[str, str, Optional[str]]] = {}
    for number, (gradient, parent) in enumerate(zip(gradients, parents)):
        row = found.position.get(id(gradient))
        if row is not None:
            expression = found.names[parent] + ".grad"
            named[id(gradient)] = (found.names[row], expression, found.groups[parent])
        else:
            fresh.append(number)
    own = [gradients[number] for number in fresh]
    order, described_gradients = scanner.describe(
        own, Kinds().of(own), list(map(id, own)), type_names, False
    )
    columns = dict(described_gradients)
    own_parents = [parents[fresh[position]] for position in order]
    columns["name"] = [found.names[parent] + ".grad" for parent in own_parents]
    columns["aliases"] = ["[]"] * len(order)
    columns["owner"] = ["gradient"] * len(order)
    columns["group"] = [found.groups[parent] for parent in own_parents]
    columns["grad_fn"] = [None] * len(order)
    return Gradients(
        nodes,
        [id(own[position]) for position in order],
        columns,
        [id(found.objects[parent]) for parent in own_parents],
        named,
    )
