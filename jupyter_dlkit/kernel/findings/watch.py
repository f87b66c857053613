"""What is remembered from cell to cell, for findings: numbers and texts, no object."""

from __future__ import annotations

from itertools import compress
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Set, Tuple

from .. import kinds as k
from .. import loaded
from .scene import LEAST

#: Variables that are watched, lists in one dict, parameters of a model, and what is remembered.
_MOST_VARIABLES, _MOST_LISTS, _MOST_PARAMETERS, _MOST_REMEMBERED = 2000, 20, 64, 200

_WATCHED = frozenset((k.LIST, k.DICT, k.MODULE, k.OPTIMIZER, k.FUNCTION))

Address = Tuple[str, int, int]


class Growth(NamedTuple):
    """A list that only ever grew."""

    first: int
    last: int
    cells: int  #: in which it grew


class Model(NamedTuple):
    """What a variable was bound to."""

    name: str
    type: str
    parameters: Tuple[Address, ...]  #: device, address, bytes


class Replaced(NamedTuple):
    """A model whose name was given to another."""

    model: Model
    number: int  #: its ``id``; another object's, when it is gone


class Trained(NamedTuple):
    """An optimizer: what changes with a backward, and with a step."""

    gradient: Tuple[int, int]  #: ``id`` of the first gradient, and its version; zeros: none
    parameter: int  #: version of its parameter
    stepped: bool  #: a step came after the last backward, as far as was seen


class Watch:
    """Looks at the end of each cell; main thread."""

    def __init__(self, everything_is_new: bool = False) -> None:
        """``everything_is_new``: torch was imported by the cell that just ended."""
        self.cells = 1 if everything_is_new else 0
        self._lengths: Dict[str, Tuple[int, List[int]]] = {}  # name → id, lengths that differ
        self._models: Dict[str, Tuple[int, Model]] = {}
        self.replaced: List[Replaced] = []
        self._trained: Dict[int, Trained] = {}
        self._closures: Dict[str, Tuple[int, FrozenSet[Address]]] = {}

    def look(self, shell: Any) -> None:
        """A cell has ended."""
        torch = loaded.torch()
        if torch is None:
            return
        space = shell.user_ns
        if type(space) is not dict or len(space) > _MOST_VARIABLES:
            return
        self.cells += 1
        kinds = k.Kinds()
        eyes = _Eyes(torch, kinds)
        by_kind = _by_kind(kinds, space, shell.user_ns_hidden)
        self._lists(kinds, by_kind.get(k.LIST, {}), by_kind.get(k.DICT, {}))
        self._modules(eyes, by_kind.get(k.MODULE, {}))
        optimizers = by_kind.get(k.OPTIMIZER, {})
        self._optimizers(eyes, optimizers, bool(optimizers) and "backward" in _last_cell(shell))
        self._functions(eyes, by_kind.get(k.FUNCTION, {}), space)

    # Lists -----------------------------------------------------------------------------

    def _lists(self, kinds: k.Kinds, lists: Dict[str, Any], dicts: Dict[str, Any]) -> None:
        every = {name: one for name, one in lists.items() if type(one) is list}
        for name, entries in dicts.items():
            if type(entries) is dict and len(entries) <= _MOST_LISTS:
                for key, one in list(entries.items()):
                    if type(one) is list and type(key) is str:
                        every[f"{name}[{key!r}]"] = one
        for name in [name for name in self._lengths if name not in every]:
            del self._lengths[name]
        for name, one in every.items():
            count = len(one)
            known = self._lengths.get(name)
            if known is None or known[0] != id(one):
                known = self._lengths[name] = (id(one), [])
            lengths = known[1]
            if not count or kinds.one(one[-1]) != k.TENSOR:
                lengths.clear()
            elif not lengths or count > lengths[-1]:
                lengths.append(count)
                del lengths[1:-20]
            elif count < lengths[-1]:
                lengths.clear()  # somebody empties it

    def growing(self) -> Dict[str, Growth]:
        """Lists that grew in two cells at least."""
        return {
            name: Growth(lengths[0], lengths[-1], len(lengths))
            for name, (_, lengths) in list(self._lengths.items())
            if len(lengths) > 2
        }

    # Models ----------------------------------------------------------------------------

    def _modules(self, eyes: _Eyes, modules: Dict[str, Any]) -> None:
        for name, module in modules.items():
            known = self._models.get(name)
            now = Model(name, k.type_name(type(module)), eyes.parameters(module))
            if known is not None and known[0] != id(module) and known[1].type == now.type:
                self.replaced.append(Replaced(known[1], known[0]))
                del self.replaced[:-_MOST_REMEMBERED]
            self._models[name] = id(module), now

    # Optimizers ------------------------------------------------------------------------

    def _optimizers(self, eyes: _Eyes, optimizers: Dict[str, Any], backward: bool) -> None:
        # A gradient that was made anew can have the number of the one before it.
        before, self._trained = self._trained, {}
        for optimizer in optimizers.values():
            found = eyes.trained(optimizer)
            if found is None:
                continue
            gradient, parameter, has_state = found
            last = before.get(id(optimizer))
            if gradient == (0, 0):
                stepped = False
            elif last is None:  # made in this cell, or before we looked
                stepped = has_state and self.cells > 1
            elif parameter == last.parameter:
                stepped = last.stepped and gradient == last.gradient and not backward
            else:
                stepped = True
            self._trained[id(optimizer)] = Trained(gradient, parameter, stepped)

    def stepped(self, optimizer: Any) -> bool:
        """Whether its gradients were there when it stepped the last time; main thread."""
        torch, found = loaded.torch(), self._trained.get(id(optimizer))
        if torch is None or found is None or not found.stepped:
            return False
        now = _Eyes(torch, k.Kinds()).trained(optimizer)  # a cell may be at it since
        return now is not None and now[:2] == (found.gradient, found.parameter)

    # Closures --------------------------------------------------------------------------

    def _functions(self, eyes: _Eyes, functions: Dict[str, Any], space: Dict[str, Any]) -> None:
        before, self._closures = self._closures, {}
        closed = {name: eyes.closed_over(function) for name, function in functions.items()}
        if not any(closed.values()):
            return
        here = eyes.addresses(list(space.values()))
        for name, function in functions.items():
            inside = closed[name]
            if not inside:
                continue
            number, once = before.get(name, (0, frozenset()))
            if number != id(function):
                once = frozenset()
            self._closures[name] = id(function), (once | (inside & here)) & inside

    def had_names(self, function: str) -> FrozenSet[Address]:
        """What a function of that name closes over that variables had too, in some cell."""
        return self._closures.get(function, (0, frozenset()))[1]


class _Eyes:
    """Reads tensors, modules and optimizers by their own C slots."""

    def __init__(self, torch: Any, kinds: k.Kinds) -> None:
        self._base = torch._C.TensorBase
        self._storage = torch._C.StorageBase
        self._kinds = kinds

    def address(self, tensor: Any) -> Optional[Address]:
        """None where it has no storage of its own."""
        try:
            storage = self._base.untyped_storage(tensor)
            device = str(self._base.device.__get__(tensor))
            return device, self._storage.data_ptr(storage), self._storage.nbytes(storage)
        except (RuntimeError, NotImplementedError):
            return None

    def addresses(self, values: List[Any]) -> Set[Optional[Address]]:
        """Of those that are tensors."""
        known = self._kinds.of(values)
        return {self.address(one) for one, kind in zip(values, known) if kind == k.TENSOR}

    def closed_over(self, function: Any) -> FrozenSet[Address]:
        """Large tensors in a function's closure."""
        found: List[Address] = []
        for cell in (function.__closure__ or ())[:_MOST_LISTS]:
            try:
                content = cell.cell_contents
            except ValueError:
                continue  # not bound yet
            address = self.address(content) if self._kinds.one(content) == k.TENSOR else None
            if address is not None and address[2] >= LEAST:
                found.append(address)
        return frozenset(found)

    def parameters(self, module: Any) -> Tuple[Address, ...]:
        """The first parameters of a module."""
        found: List[Address] = []
        waiting, seen = [module], {id(module)}
        while waiting and len(found) < _MOST_PARAMETERS:
            one = waiting.pop()
            own = k.instance_dict(one, self._kinds.layout(type(one))) or {}
            for value in _values(own.get("_parameters")):
                address = self.address(value) if self._kinds.one(value) == k.TENSOR else None
                if address is not None and address[1] and len(found) < _MOST_PARAMETERS:
                    found.append(address)
            for inner in _values(own.get("_modules")):
                if self._kinds.one(inner) == k.MODULE and id(inner) not in seen:
                    seen.add(id(inner))
                    waiting.append(inner)
        return tuple(found)

    def trained(self, optimizer: Any) -> Optional[Tuple[Tuple[int, int], int, bool]]:
        """Its first gradient, the version of that parameter, and whether it has state."""
        own = k.instance_dict(optimizer, self._kinds.layout(type(optimizer))) or {}
        state: Any = own.get("state")
        groups = own.get("param_groups")
        has_state = issubclass(type(state), dict) and bool(dict.__len__(state))
        first: Any = None
        for group in groups if type(groups) is list else ():
            members = group.get("params") if type(group) is dict else None
            for parameter in members if type(members) is list else ():
                if self._kinds.one(parameter) != k.TENSOR:
                    continue
                if not self._base.is_leaf.__get__(parameter):
                    continue
                first = parameter if first is None else first
                gradient = self._base.grad.__get__(parameter)
                if gradient is not None:
                    version = self._base._version.__get__
                    return (id(gradient), version(gradient)), version(parameter), has_state
        if first is None:
            return None
        return (0, 0), self._base._version.__get__(first), has_state


def _by_kind(
    kinds: k.Kinds, space: Dict[str, Any], hidden: Dict[str, Any]
) -> Dict[int, Dict[str, Any]]:
    """Variables of the kinds that are watched, without what IPython put there."""
    names, values = list(space), list(space.values())
    classes = list(map(id, map(type, values)))
    of_class = {n: kinds.of_type(type(one)) for n, one in dict(zip(classes, values)).items()}
    wanted = {number for number, kind in of_class.items() if kind in _WATCHED}
    found: Dict[int, Dict[str, Any]] = {}
    some = list(map(wanted.__contains__, classes))
    for name, value in zip(compress(names, some), compress(values, some)):
        if type(name) is not str or name.startswith("_") or name in ("In", "Out"):
            continue
        if name in hidden and hidden[name] is value:
            continue
        found.setdefault(of_class[id(type(value))], {})[name] = value
    return found


def _last_cell(shell: Any) -> str:
    inputs = shell.user_ns.get("In")
    last = list.__getitem__(inputs, slice(-1, None)) if issubclass(type(inputs), list) else []
    return last[0] if last and type(last[0]) is str else ""


def _values(entries: Any) -> List[Any]:
    return list(dict.values(entries)) if issubclass(type(entries), dict) else []


__all__ = ["Growth", "Model", "Replaced", "Watch"]
