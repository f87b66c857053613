"""The account between cells: everything at once, the heap included."""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import Any, Dict, List, Optional, Tuple

from .. import kinds as k
from .. import loaded
from ..columns import Describer
from ..unseen import unseen
from .closing import close
from .frames import failed, running, traced
from .graph import Graphs, Root
from .hints import Hint, Hints
from .holdings import Holdings, Labels
from .ledger import Holder, Ledger
from .roots import Roots
from .search import NODE, STORAGE, Kept, MemoryKinds, Search
from .tracked import tracked
from .values import OWNERS, Account

#: Seconds of CPU for naming what the variables reach, and for who refers to the rest.
_WALK, _HINTS = 2.0, 0.3


def account(roots: Roots, heap: bool = True, findings: bool = True) -> Account:
    """Each device's memory by owner; main thread, between cells.

    ``heap``: search the whole heap for tensors that nothing of the user's leads to; not in a
    running cell.  ``findings``: and what need not be taken.
    """
    from ..findings import find as of_account

    started = time.thread_time()
    held = Kept()
    collecting = gc.isenabled()
    # What is made here and dropped again would let it run several times, over a large heap.
    gc.disable()
    try:
        whole = Whole(roots, held, heap)
        unseen(whole.look)
        found = of_account.Findings()
        if findings:
            found = unseen(partial(of_account.between_cells, whole))
        devices = whole.close()
        left_out = (*whole.left_out, *found.left_out)
        del whole
    finally:
        roots.drop()
        held.release()
        if collecting:
            gc.enable()
    cost = round((time.thread_time() - started) * 1000, 3)
    return Account(devices, not left_out, left_out, cost, found.found)


class Whole:
    """One account, in one go; holds what it found until it is dropped."""

    def __init__(self, roots: Roots, held: Kept, heap: bool) -> None:
        torch = loaded.torch()
        self.roots = roots
        self.held = held
        self.heap = heap
        self.left_out: List[str] = []
        self.kinds = MemoryKinds()
        self.describer = None if torch is None else Describer(torch)
        self.graphs = None if torch is None else Graphs(torch, self.kinds)
        self.search = Search(self.kinds, held, _WALK)
        self.ledger = Ledger(self.describer)
        self.holdings = Holdings(self.ledger, self.search, self.graphs)
        self.hints: Dict[Tuple[str, str], str] = {}

    def look(self) -> None:
        """Everything that memory.md lists, in its order."""
        search, holdings = self.search, self.holdings
        holdings.take(search.variables(self.roots.namespace), Labels("container"))
        holdings.graphs_of()
        self._frames()
        holdings.graphs_of()
        self._outputs()
        holdings.graphs_of()
        self._scripts()
        holdings.graphs_of()
        self._errors()
        holdings.graphs_of()
        if self.heap:
            self._unreachable()
        else:
            self.left_out.append("Tensors that nothing of yours leads to were not searched for.")
        for root, why in search.cut.items():
            self.left_out.append(f"{root} was not looked at as a whole: {why}.")
        if self.graphs is not None and self.graphs.unknown:
            self.left_out.append("This version of torch does not show what graphs have saved.")

    def close(self) -> Any:
        """The devices' accounts."""
        shared = {} if self.graphs is None else self.holdings.shared()
        devices = close(self.ledger, shared, self.hints)
        if self.graphs is not None:
            self.graphs.drop()
        return devices

    def _frames(self) -> None:
        for call in running(self.roots.scope):
            for name, value in call.variables.items():
                self.search.reach(value, name, "container")
            self.holdings.take(self.search.taken(), Labels("frame", call.name))
            call.variables.clear()

    def _outputs(self) -> None:
        search, holdings = self.search, self.holdings
        for number, value in list(self.roots.outputs.items()):
            name = f"Out[{number!r}]"
            search.reach(value, name, "output")
            holdings.take(search.taken(), Labels("output", name))
        for name, value in self.roots.history.items():
            if name not in ("In", "Out", "_ih", "_oh"):
                search.reach(value, name, "output")
                holdings.take(search.taken(), Labels("output", name))

    def _scripts(self) -> None:
        """IPython keeps them; their names are the user's too, until ``del``."""
        search, holdings = self.search, self.holdings
        for script, variables in self.roots.scripts.items():
            for name, value in variables.items():
                if type(name) is str and not name.startswith("__"):
                    path = f"{script}: {name}"
                    search.reach(value, path, "container")
                    self.hints.update({(owner, path): _KEPT_SCRIPT for owner in OWNERS})
            holdings.take(search.taken(), Labels("container"))
            variables.clear()

    def _errors(self) -> None:
        search, holdings, roots = self.search, self.holdings, self.roots
        for error in roots.errors:
            group = k.type_name(type(error))
            for call in failed(error, roots.scope):
                self._call(call, group)
            search.reach(error, group, "container")
            holdings.take(search.taken(), Labels("exception", group))
        for trace in roots.tracebacks():
            for call in traced(trace, roots.scope):
                self._call(call, "the last traceback")

    def _call(self, call: Any, group: str) -> None:
        for name, value in call.variables.items():
            self.search.reach(value, name, "container")
        self.holdings.take(self.search.taken(), Labels("exception", group, call.name))
        call.variables.clear()

    # What nothing leads to -------------------------------------------------------------

    def _unreachable(self) -> None:
        if self.describer is None or self.graphs is None:
            return
        found = tracked(self.kinds, (k.TENSOR, STORAGE, NODE))
        tensors = [t for t in found[k.TENSOR] if not self.holdings.knows(t)]
        sizes = [self._size(tensor) for tensor in tensors]
        order = sorted(range(len(tensors)), key=lambda i: -(sizes[i] or 0))
        lost = [tensors[i] for i in order if sizes[i]]
        nodes = [node for node in found[NODE] if not self.graphs.has(node)]
        ours = {id(lost), id(tensors), id(nodes), *map(id, found.values())}
        ours.update(self.held.ids())
        hints = Hints(self.search.seen_names, ours, _HINTS)
        said = hints.of(lost)
        if hints.out_of_time:
            self.left_out.append("There was no time to find out who has all that is unreachable.")
        self._place(lost, said)
        grad_fn = self.describer.torch._C.TensorBase.grad_fn.__get__
        named = dict(zip(map(id, lost), said))
        for tensor in tensors:
            node = grad_fn(tensor)
            if node is not None and not self.graphs.has(node):
                hint = named.get(id(tensor))
                name = (hint.name if hint else None) or NAMELESS
                self.holdings.roots.append(Root(node, name, hint.group if hint else name))
        self.holdings.roots += [Root(node, NAMELESS, NAMELESS) for node in nodes]
        self.holdings.graphs_of()
        self._storages(found[STORAGE])
        for members in found.values():
            members.clear()

    def _size(self, tensor: Any) -> Optional[int]:
        """Bytes, if nobody was found who has them."""
        assert self.describer is not None
        try:
            storage = self.describer.storage(tensor)
            nbytes = int(self.describer.nbytes(storage))
            if nbytes and not self.ledger.has(self.describer.get["device"](tensor), storage):
                return nbytes
        except (RuntimeError, NotImplementedError):
            pass
        return None

    def _place(self, lost: List[Any], said: List[Optional[Hint]]) -> None:
        holders = []
        for tensor, hint in zip(lost, said):
            if hint is not None and hint.name is not None:
                holders.append(Holder("container", hint.group, hint.name))
                continue
            group = NAMELESS_GROUP if hint is None else hint.group
            holders.append(Holder("unreachable", group, self._shape(tensor)))
            if hint is not None:
                self.hints["unreachable", group] = hint.text
        self.holdings.add(lost, holders)
        self._gradients(lost, holders)

    def _gradients(self, lost: List[Any], holders: List[Holder]) -> None:
        """Those of lost tensors."""
        assert self.describer is not None
        base = self.describer.torch._C.TensorBase
        for tensor, holder in zip(lost, holders):
            if not base.is_leaf.__get__(tensor) and not base.retains_grad.__get__(tensor):
                continue
            gradient = base.grad.__get__(tensor)
            if gradient is not None:
                self.held.keep([gradient])
                owner = "gradient" if holder.owner == "container" else holder.owner
                of = holder._replace(owner=owner, name=f"{holder.name}.grad")
                self.holdings.add([gradient], [of])

    def _shape(self, tensor: Any) -> str:
        assert self.describer is not None
        get = self.describer.get
        return f"{str(get['dtype'](tensor)).partition('.')[2]} {list(get['shape'](tensor))}"

    def _storages(self, storages: List[Any]) -> None:
        for storage in storages:
            if self.holdings.has_storage(storage):
                continue
            self.holdings.add_storage(
                storage, Holder("unreachable", "storages without a tensor", "a storage")
            )


_KEPT_SCRIPT = (
    "IPython keeps the variables of a script that %run ran until it is run again, or %reset."
)
NAMELESS = "a result that has no name"
NAMELESS_GROUP = "not looked for"
