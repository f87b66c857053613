"""The account of a running cell: in steps, between two of its bytecodes, without the heap.

A step is short, and nothing of the user's is kept from one to the next, only names and numbers:
a reference that waited for the next step would keep alive what the cell lets go meanwhile.
What changed between two steps is found as it is then; what was too much for one step is looked
at in parts, by the paths that lead to them, or left out and named.
"""

from __future__ import annotations

import gc
import re
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional

from .. import kinds as k
from .. import loaded
from ..chunks import CHUNKS
from ..columns import Describer
from ..errors import Refusal
from ..resolve import Resolver
from ..walk import Place
from . import allocator
from .closing import close
from .frames import failed, running, traced
from .graph import Graphs, Root
from .holdings import Holdings, Labels
from .ledger import Ledger
from .roots import Roots
from .search import SECONDS_PER_ROW, Kept, MemoryKinds, Search, pieces
from .values import Account

#: Seconds that a step works, of the 0.02 that it may take.
STEP = 0.01
#: And more for the rest of a graph, which each step has to pass again from its root: 2 µs a node.
_FOR_A_GRAPH = 0.005
#: Parts of one root that wait, and steps altogether.
_MOST_PARTS, _MOST_STEPS = 5000, 500


class Task(NamedTuple):
    """What a step does first: a root, a part of one, or the rest of a graph."""

    kind: str  #: ``variable``, ``part``, ``graph``, ``output``, ``frames``, ``errors``
    name: Any
    alone: bool = False  #: it was too much for the rest of a step
    part: Optional[Part] = None
    skip: int = 0  #: nodes of the graph that were read
    group: str = ""


class Part(NamedTuple):
    """Where a walk goes on."""

    name: str
    offset: int
    group: Optional[str]
    inside: int
    owner: str
    root: str


class Stepped:
    """An account in steps: ``step`` on the main thread until it says False, then ``account``."""

    def __init__(self, roots: Callable[[], Roots], seconds: float = STEP) -> None:
        """``roots`` is asked in each step."""
        from ..findings import find

        self._find = find  # imported here, on the thread that asks: that takes longer than a step
        torch = loaded.torch()
        self._roots = roots
        self._seconds = seconds
        self._describer = None if torch is None else Describer(torch)
        self._ledger = Ledger(self._describer, by_coverage=True)
        self._tasks: Deque[Task] = deque()
        self._started = False
        self._watch: Any = None  # what was remembered from cell to cell
        self._steps = 0
        self._spent = 0.0
        self._allocated: List[Dict[str, Optional[int]]] = []
        self._left_out: Dict[str, None] = {
            "Tensors that nothing of yours leads to are searched for when no cell runs.": None
        }
        self.last = 0.0  #: seconds of the last step
        self.longest = 0.0  #: and of the longest

    def step(self) -> bool:
        """Look a little further; whether there is more.  Main thread, not in a backward."""
        started = time.perf_counter()
        began = time.thread_time()
        collecting = gc.isenabled()
        gc.disable()  # a collection of the cell's whole heap takes longer than a step may
        roots = self._roots()
        kept = Kept()
        try:
            self._step(roots, kept, began + self._seconds)
        finally:
            roots.drop()
            kept.release()
            if collecting:
                gc.enable()
            self._spent += time.thread_time() - began
            self.last = time.perf_counter() - started
            self.longest = max(self.longest, self.last)
        return bool(self._tasks)

    def interrupted(self) -> None:
        """Say that the main thread could not be reached any more."""
        self._left_out["The kernel was busy outside of Python; not everything was looked at."] = (
            None
        )

    def account(self) -> Account:
        """What was found; any thread."""
        if len(self._allocated) == 2 and self._allocated[0] != self._allocated[1]:
            self._left_out["The cell went on while it was looked at; memory changed."] = None
        began = time.thread_time()
        found = self._find.in_a_cell(self._ledger, self._watch)
        self._left_out.update(dict.fromkeys(found.left_out))
        devices = close(self._ledger, {}, {})
        spent = self._spent + time.thread_time() - began
        left_out = tuple(self._left_out)
        return Account(devices, False, left_out, round(spent * 1000, 3), found.found)

    # A step -----------------------------------------------------------------------------

    def _step(self, roots: Roots, kept: Kept, deadline: float) -> None:
        self._steps += 1
        if not self._started:
            self._started = True
            self._watch = self._find.watch_of(roots.shell)
            self._allocated = [self._now()]
            self._tasks += [Task("variable", name) for name in roots.namespace]
            self._tasks += [Task("frames", "what is running")]
            self._tasks += [Task("output", number) for number in list(roots.outputs)]
            self._tasks += [Task("errors", "the last exception")]
            return
        if self._steps > _MOST_STEPS:
            self._left_out["There were too many parts to look at while the cell runs."] = None
            self._tasks.clear()
        first = True
        kinds = MemoryKinds()
        while self._tasks and (first or time.thread_time() < deadline):
            task = self._tasks[0]
            if task.alone and not first:
                break
            self._tasks.popleft()
            until = deadline + _FOR_A_GRAPH if task.kind == "graph" else deadline
            look = _Look(roots, kept, self._ledger, self._describer, until, task, kinds)
            rest = look.run()
            del look
            if rest.over and not first:
                self._tasks.appendleft(task._replace(alone=True))  # again, with time
            elif rest.over:
                self._tasks.extendleft(rest.parts)
                for text in rest.left_out:
                    self._left_out[text] = None
            first = False
        if not self._tasks:
            self._allocated.append(self._now())

    def _now(self) -> Dict[str, Optional[int]]:
        return {fact.device: fact.allocated for fact in allocator.accelerators(False)}


class _Rest(NamedTuple):
    """What was not done."""

    over: bool
    parts: List[Task]
    left_out: List[str]


class _Look:
    """One task in one step."""

    def __init__(
        self,
        roots: Roots,
        kept: Kept,
        ledger: Ledger,
        describer: Optional[Describer],
        deadline: float,
        task: Task,
        kinds: MemoryKinds,
    ) -> None:
        self.roots = roots
        self.kept = kept
        self.task = task
        self.deadline = deadline
        self.search = Search(kinds, kept, 0.0, thorough=False)
        self.search.deadline = deadline
        self.graphs = None if describer is None else Graphs(describer.torch, kinds)
        self.holdings = Holdings(ledger, self.search, self.graphs, self._goes_on)
        self.left_out: List[str] = []
        self.parts: List[Task] = []

    def _goes_on(self) -> bool:
        saved = 0 if self.graphs is None else len(self.graphs.saved)
        return time.thread_time() + saved * SECONDS_PER_ROW < self.deadline

    def run(self) -> _Rest:
        task = self.task
        getattr(self, f"_{task.kind}")(task)
        over = bool(self.search.waiting)
        for place, offset in self.search.waiting:
            if task.kind not in ("variable", "part") or len(self.parts) >= _MOST_PARTS:
                self.left_out.append(f"{place.root} was not looked at as a whole: it is too large.")
                break
            part = Part(place.name, offset, place.group, place.inside, place.owner, place.root)
            self.parts.append(Task("part", place.name, False, part))
        self.search.waiting.clear()
        if task.kind != "graph":
            over = self._graphs_of() or over
        if self.graphs is not None:
            if self.graphs.unknown:
                self.left_out.append("This version of torch does not show what graphs have saved.")
            self.graphs.drop()
        for root, why in self.search.cut.items():
            if why != "time budget":
                self.left_out.append(f"{root} was not looked at as a whole: {why}.")
        over = over or bool(self.parts or self.left_out)
        return _Rest(over, self.parts[::-1], self.left_out)

    def _graphs_of(self) -> bool:
        """What the graphs of the roots keep; True when there was no time for all."""
        roots = [(root.name, root.group) for root in self.holdings.roots]
        if not roots or self.holdings.graphs_of():
            return False
        for name, group in dict.fromkeys(roots):
            if self.task.kind in ("variable", "part"):
                self.parts.append(Task("graph", name, True, None, 0, group))
            else:
                self.left_out.append(f"The graph of {name} was not looked at as a whole.")
        self.holdings.roots.clear()
        return True

    # Kinds of tasks ---------------------------------------------------------------------

    def _variable(self, task: Task) -> None:
        absent = object()
        value = self.roots.namespace.get(task.name, absent)
        if value is absent:
            return  # it is gone
        kind = self.search.kinds.one(value)
        owner = "variable" if kind in k.ROWS else "container"
        self.search.reach(value, _name(task.name), owner)
        self.holdings.take(self.search.taken(), Labels("container"))

    def _part(self, task: Task) -> None:
        part = task.part
        assert part is not None
        value = self._resolved(part.name, part.root)
        if not value:
            return
        kind = self.search.kinds.one(value[0])
        if kind in k.ROWS or kind == k.ATOM:
            return
        rest = None
        if part.offset and kind in CHUNKS:
            until = (time.thread_time() + self.deadline) / 2
            rest = pieces(kind, value[0], part.offset, until)
            if rest is None:
                self.left_out.append(f"{part.root} was not looked at as a whole: it is too large.")
                return
        place = Place(
            kind, value[0], part.name, part.group, part.inside, part.owner, part.root, rest
        )
        self.kept.keep(value)
        self.search.go_on(place)
        self.holdings.take(self.search.taken(), Labels("container"))

    def _resolved(self, expression: str, root: str) -> List[Any]:
        try:
            found = Resolver(self.roots.namespace, self.roots.outputs).resolve(expression)
        except Refusal as refusal:
            gone = refusal.status == 404
            why = "it changed" if gone else "a part of it has no name to come back to"
            self.left_out.append(f"{_variable(root)} was not looked at as a whole: {why}.")
            return []
        return [found]

    def _graph(self, task: Task) -> None:
        """The rest of a graph."""
        value = self._resolved(task.name, task.name)
        if not value or self.graphs is None or self.search.kinds.one(value[0]) != k.TENSOR:
            return
        describer = self.holdings.ledger.describer
        assert describer is not None
        node = describer.torch._C.TensorBase.grad_fn.__get__(value[0])
        if node is None:
            return
        root = Root(node, task.name, task.group)
        count, whole = self.graphs.go_on_from(root, task.skip, self._goes_on)
        self.holdings.read()
        if whole:
            return
        if count > task.skip:
            self.parts.append(task._replace(skip=count))
            self.search.waiting.clear()
        else:
            self.left_out.append(
                f"The graph of {task.name} was not looked at as a whole: it is too large."
            )

    def _output(self, task: Task) -> None:
        absent = object()
        value = self.roots.outputs.get(task.name, absent)
        if value is not absent:
            name = f"Out[{task.name!r}]"
            self.search.reach(value, name, "output")
            self.holdings.take(self.search.taken(), Labels("output", name))

    def _frames(self, task: Task) -> None:
        for call in running(self.roots.scope):
            self._call(call, Labels("frame", call.name))

    def _errors(self, task: Task) -> None:
        for error in self.roots.errors:
            group = k.type_name(type(error))
            for call in failed(error, self.roots.scope):
                self._call(call, Labels("exception", group, call.name))
        for trace in self.roots.tracebacks():
            for call in traced(trace, self.roots.scope):
                self._call(call, Labels("exception", "the last traceback", call.name))

    def _call(self, call: Any, labels: Labels) -> None:
        for name, value in call.variables.items():
            self.search.reach(value, name, "container")
        self.holdings.take(self.search.taken(), labels)
        call.variables.clear()


def _name(variable: str) -> str:
    from ..names import variable as named

    return named(variable)


def _variable(path: str) -> str:
    """The variable where a path begins that has no name to come back to."""
    inner = path.rpartition("gc.get_referents(")[2]
    return re.split(r"[.\[()]", inner, maxsplit=1)[0] or path
