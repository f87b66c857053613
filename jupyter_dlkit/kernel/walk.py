"""Finds tensors and arrays from the user's namespace, by the shortest path.

Breadth first, over exact built-in accessors only: nothing of the user's is
called.  What autograd writes (``.grad``, graphs) is not touched here, so the
walk may run on any thread (``architecture.md``, decision 2).
"""

from __future__ import annotations

import gc
import time
from collections import OrderedDict, deque
from functools import partial
from itertools import compress
from typing import Any, Deque, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from . import names
from .chunks import CHUNK, CHUNKS
from .held import Held
from .kinds import (
    ATOM,
    CLASS,
    DEQUE,
    DICT,
    FUNCTION,
    LIST,
    MODULE,
    OBJECT,
    OPAQUE,
    OPTIMIZER,
    PARTIAL,
    ROWS,
    TENSOR,
    TUPLE,
    Kinds,
    class_namespace,
    instance_dict,
    module_of,
    type_name,
)
from .modules import MODULE_INTERNALS, index_style, parameter_names, state_entries

#: Other expressions kept for a row.
MOST_ALIASES = 20

#: Who has a row when several do: the first of these (``memory.md``).
PRECEDENCE = {
    owner: rank
    for rank, owner in enumerate(
        ("parameter", "buffer", "gradient", "optimizer", "variable", "container", "output")
    )
}


class Place(NamedTuple):
    """A container that waits to be looked into."""

    kind: int
    value: Any
    name: str
    group: Optional[str]  #: the row that its tensors fold into
    inside: int  #: kind of that group: MODULE, OPTIMIZER, or something else
    owner: str  #: of tensors found in it
    root: str  #: the variable where the path began
    rest: Optional[Iterator[List[Any]]]  #: what is left of it


class Found:
    """Rows, by columns: one entry per tensor or array."""

    def __init__(self) -> None:
        self.objects: List[Any] = []
        self.kinds: List[int] = []
        self.names: List[str] = []
        self.owners: List[str] = []
        self.groups: List[Optional[str]] = []
        self.aliases: Dict[int, List[str]] = {}
        self.position: Dict[int, int] = {}

    def add(self, value: Any, kind: int, name: str, owner: str, group: Optional[str]) -> None:
        """A path to a row; the first one names it."""
        number = id(value)
        row = self.position.get(number)
        if row is None:
            self.position[number] = len(self.objects)
            self.objects.append(value)
            self.kinds.append(kind)
            self.names.append(name)
            self.owners.append(owner)
            self.groups.append(group)
            return
        if name != self.names[row]:
            others = self.aliases.setdefault(row, [])
            if len(others) < MOST_ALIASES:
                others.append(name)
        if PRECEDENCE[owner] < PRECEDENCE[self.owners[row]]:
            self.owners[row] = owner
            self.groups[row] = group

    def add_all(
        self, values: List[Any], kind: int, expressions: List[str], owner: str, group: Optional[str]
    ) -> bool:
        """The same for many rows at once, if none of them was found before."""
        start, count = len(self.objects), len(values)
        rows = dict(zip(map(id, values), range(start, start + count)))
        if len(rows) < count or not self.position.keys().isdisjoint(rows):
            return False
        self.position.update(rows)
        self.objects.extend(values)
        self.kinds.extend([kind] * count)
        self.names.extend(expressions)
        self.owners.extend([owner] * count)
        self.groups.extend([group] * count)
        return True


class Walk:
    """One walk over a namespace, bounded by ``budget`` seconds of CPU time."""

    def __init__(self, kinds: Kinds, held: Held, budget: float, paths: names.Paths) -> None:
        self.kinds = kinds
        self.held = held
        self.paths = paths
        self.deadline = time.thread_time() + budget
        self.found = Found()
        self.groups: Dict[str, Tuple[str, str]] = {}  # name → kind, class
        self.cut: Dict[str, str] = {}  # root → why
        self._queue: Deque[Place] = deque()
        self._later: List[Place] = []  # optimizers: their state is named by parameters
        self._seen: Set[int] = set()
        self._styles: Dict[int, str] = {}
        self._single: List[Any] = []  # held one by one
        held.keep(self._single)

    def run(self, namespace: Dict[str, Any], outputs: Dict[Any, Any]) -> None:
        """Walk ``namespace`` and the outputs (``Out``).

        A variable that is a tensor is never left out; a root that the budget cut
        is named in ``cut``.
        """
        variables, values = list(namespace), list(namespace.values())  # a copy made for us
        self.held.keep(values)
        known = self.kinds.of(values)
        self._seen.add(id(outputs))
        tensors = list(map(TENSOR.__eq__, known))
        own, labels = list(compress(values, tensors)), list(compress(variables, tensors))
        expressions = self.paths.of(
            "", 0, labels, len(own), lambda: list(map(names.variable, labels))
        )
        if not self.found.add_all(own, TENSOR, expressions, "variable", None):
            for value, name in zip(own, expressions):  # one object has two names
                self.found.add(value, TENSOR, name, "variable", None)
        others = [row for row, kind in enumerate(known) if kind != ATOM and kind != TENSOR]
        for row in others:
            if known[row] in ROWS:
                name = names.variable(variables[row])
                self.found.add(values[row], known[row], name, "variable", None)
        for row in others:
            if known[row] not in ROWS:
                name = names.variable(variables[row])
                self._visit(values[row], known[row], name, None, ATOM, "container", name)
        items = list(outputs.items())
        numbers, results = [number for number, _ in items], [value for _, value in items]
        del items
        self.held.keep(results)
        for number, value, kind in zip(numbers, results, self.kinds.of(results)):
            if kind != ATOM:
                self._visit(value, kind, f"Out[{number}]", None, ATOM, "output", f"Out[{number}]")
        self._drain()

    def inside(self, value: Any, expression: str) -> None:
        """Walk what is behind one object, which ``expression`` reaches."""
        kind = self.kinds.one(value)
        if kind != ATOM:
            self._visit(value, kind, expression, None, ATOM, "container", expression)
            self._drain()

    # The queue -----------------------------------------------------------------

    def _drain(self) -> None:
        queue = self._queue
        steps = 0
        while queue or self._later:
            if not queue:
                queue.append(self._later.pop(0))
            steps += 1
            if not steps & 31 and time.thread_time() > self.deadline:
                for place in [*queue, *self._later]:
                    self.cut.setdefault(place.root, "time budget")
                queue.clear()
                self._later.clear()
                return
            place = queue.popleft()
            try:
                self._open(place)
            except RuntimeError:
                # "changed size during iteration": the cell was at it.
                self.cut.setdefault(place.root, "it was changing while it was read")

    def _visit(
        self,
        value: Any,
        kind: int,
        name: str,
        group: Optional[str],
        inside: int,
        owner: str,
        root: str,
    ) -> None:
        """A path to anything that is not an atom."""
        if kind in ROWS:
            self.found.add(value, kind, name, owner, group)
            return
        if kind == OPAQUE or id(value) in self._seen:
            return
        self._seen.add(id(value))
        if kind == CLASS and module_of(value) != "__main__":
            return
        folds = kind in (MODULE, OPTIMIZER)
        if group is None or (folds and inside not in (MODULE, OPTIMIZER)):
            group, inside = name, kind
        place = Place(kind, value, name, group, inside, owner, root, None)
        if kind == OPTIMIZER:
            self._later.append(place)
        else:
            self._queue.append(place)

    def _open(self, place: Place) -> None:
        kind, value = place.kind, place.value  # held with its siblings
        if kind == MODULE:
            self._module(place)
        elif kind == OPTIMIZER:
            self._optimizer(place)
        elif kind == FUNCTION:
            self._closure(place)
        elif kind == PARTIAL:
            self._group(place, "container")
            for name, get in _PARTIAL_EDGES:
                self._edges(place, [get(value)], [names.attribute(place.name, name)])
        elif kind == CLASS:
            self._attributes(place, class_namespace(value))
        elif kind == OBJECT:
            self._object(place)
        else:
            if place.rest is None and id(type(value)) not in _EXACT:
                self._object(place)  # a subclass may have attributes beside its items
            self._items(place)

    def _edges(
        self,
        place: Place,
        values: List[Any],
        expressions: List[str],
        owner: Optional[str] = None,
    ) -> None:
        """Named children of ``place``."""
        known = self.kinds.of(values)
        self.held.keep([value for value, kind in zip(values, known) if kind != ATOM])
        for value, kind, name in zip(values, known, expressions):
            if kind != ATOM:
                self._visit(
                    value, kind, name, place.group, place.inside, owner or place.owner, place.root
                )

    # Containers ------------------------------------------------------------------

    def _items(self, place: Place) -> None:
        """The next chunk of a dict, list, tuple, set or deque."""
        rest = place.rest
        if rest is None:
            rest = CHUNKS[place.kind](place.value)
        chunk = next(rest, None)
        if chunk is None:
            return
        self._chunk(place, chunk)
        if len(chunk[2]) == CHUNK:
            self._queue.append(place._replace(rest=rest))  # the rest after the others

    def _chunk(self, place: Place, chunk: List[Any]) -> None:
        start, keys, values = chunk
        known = self.kinds.of(values)
        if not known:
            return
        if known.count(ATOM):
            self.held.keep([value for value, kind in zip(values, known) if kind != ATOM])
        else:
            self.held.keep(values)
        if keys and self.kinds.of(keys):
            self.held.keep(keys)
        group = place.name if place.group is None else place.group
        base = place.name

        def make(i: int) -> str:
            if place.kind == DICT:
                return names.key(base, keys[i], start + i)
            if place.kind in (LIST, TUPLE, DEQUE):
                return f"{base}[{start + i}]"
            return names.member(base, start + i)

        add, owner = self.found.add, place.owner
        if not start and group == place.name:
            self._group(place, "container")
        if known.count(TENSOR) == len(known):
            end = start + len(values)
            if place.kind in (LIST, TUPLE, DEQUE):
                expressions = self.paths.of(
                    base, start, None, len(values), lambda: names.indices(base, start, end)
                )
            elif keys and set(map(id, map(type, keys))) == _TEXT:
                expressions = self.paths.of(
                    base, start, keys, len(values), lambda: list(map(make, range(len(values))))
                )
            else:
                expressions = list(map(make, range(len(values))))
            if self.found.add_all(values, TENSOR, expressions, owner, group):
                return
        for i, (value, kind) in enumerate(zip(values, known)):
            if kind in ROWS:
                add(value, kind, make(i), owner, group)
            elif kind != ATOM:
                self._visit(value, kind, make(i), group, place.inside, owner, place.root)

    def _group(self, place: Place, kind: str) -> None:
        if place.group == place.name and place.name not in self.groups:
            self.groups[place.name] = (kind, type_name(type(place.value)))

    # Objects -----------------------------------------------------------------------

    def _object(self, place: Place) -> None:
        """Attributes of an instance, where something may be behind them.

        ``__dict__`` is asked for only then: on Python 3.11 asking makes one, for good.
        """
        value = place.value
        referents = gc.get_referents(value)
        kinds = self.kinds.of(referents)
        if not kinds:
            return
        self.held.keep([other for other, kind in zip(referents, kinds) if kind != ATOM])
        if all(kind in (ATOM, CLASS, OPAQUE) for kind in kinds):
            return
        where = self.kinds.layout(type(value))
        attributes = instance_dict(value, where)
        if attributes is not None:
            self._attributes(place, attributes)
        if where.slots:
            self._group(place, "container")
        for name, slot in where.slots:
            try:
                self._edges(place, [slot.__get__(value)], [names.attribute(place.name, name)])
            except AttributeError:
                continue  # not set

    def _attributes(self, place: Place, attributes: Dict[str, Any]) -> None:
        if not self.kinds.of(list(attributes.values())):
            return
        self._seen.add(id(attributes))
        pairs = [item for item in list(attributes.items()) if type(item[0]) is str]
        self._group(place, "container")
        self._edges(
            place,
            [value for _, value in pairs],
            [names.attribute(place.name, name) for name, _ in pairs],
        )

    def _closure(self, place: Place) -> None:
        cells = place.value.__closure__
        for position, cell in enumerate(cells or ()):
            try:
                content = cell.cell_contents
            except ValueError:
                continue  # not bound yet
            self._group(place, "container")
            self._edges(place, [content], [names.cell(place.name, position)])

    # Modules and optimizers --------------------------------------------------------

    def _module(self, place: Place) -> None:
        attributes = instance_dict(place.value, self.kinds.layout(type(place.value)))
        if attributes is None:
            return
        self._group(place, "module")
        cls = type(place.value)
        style = self._styles.get(id(cls))
        if style is None:
            style = self._styles[id(cls)] = index_style(cls)
        base, group, root = place.name, place.group, place.root
        kind_of, held = self.kinds.one, self._single
        for registry, owner in _REGISTRIES:
            entries = attributes.get(registry)
            if not entries or id(type(entries)) not in _PLAIN_DICTS:
                continue
            for name, value in list(entries.items()):
                kind = kind_of(value)
                if kind == ATOM:
                    continue
                held.append(value)
                expression = names.submodule(base, name, style)
                if kind in ROWS:
                    self.found.add(value, kind, expression, owner, group)
                else:
                    self._visit(value, kind, expression, group, place.inside, owner, root)
        others = attributes.keys() - MODULE_INTERNALS
        if others:
            self._attributes(place, {k: v for k, v in list(attributes.items()) if k in others})

    def _optimizer(self, place: Place) -> None:
        attributes = instance_dict(place.value, self.kinds.layout(type(place.value)))
        if attributes is None:
            return
        self._group(place, "optimizer")
        self._seen.update((id(attributes.get("state")), id(attributes.get("param_groups"))))
        parameters = parameter_names(attributes, place.name, self.found)
        for value, name in parameters.unnamed:
            self._edges(place, [value], [name], "optimizer")
        for values, expressions in state_entries(attributes, place.name, parameters.named):
            self._edges(place, values, expressions, "optimizer")
        others = {k: v for k, v in list(attributes.items()) if k not in ("state", "param_groups")}
        self._attributes(place, others)


_REGISTRIES = (("_parameters", "parameter"), ("_buffers", "buffer"), ("_modules", "container"))

_PLAIN_DICTS = frozenset(map(id, (dict, OrderedDict)))

_TEXT = {id(str)}

_EXACT = frozenset(map(id, (dict, list, tuple, set, frozenset, deque)))

_PARTIAL_EDGES = tuple(
    (name, partial.__dict__[name].__get__) for name in ("func", "args", "keywords")
)
