"""What is remembered from cell to cell, for findings: numbers, texts, and weak references to
modules; nothing is kept alive, and what is gone is forgotten."""

from __future__ import annotations

from itertools import compress
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, NamedTuple, Tuple
from weakref import ref

from .. import kinds as k
from .. import loaded
from .eyes import Address, Eyes, Numbers

#: Variables that are watched, lists in one dict, and models that are remembered.
_MOST_VARIABLES, _MOST_LISTS, _MOST_REMEMBERED = 2000, 20, 200

#: Cells since an optimizer's step whose texts are remembered.
_MOST_TEXTS = 50

_WATCHED = frozenset((k.LIST, k.DICT, k.MODULE, k.OPTIMIZER, k.FUNCTION))


class Growth(NamedTuple):
    """A list that only ever grew."""

    first: int  #: tensors when it was seen first
    last: int
    cells: int  #: in which it grew from the one to the other


class Model(NamedTuple):
    """A module that a variable was bound to."""

    name: str
    type: str
    module: Callable[[], Any]  #: a weak reference


class Trained(NamedTuple):
    """An optimizer at the end of the last cell that changed it."""

    numbers: Numbers
    texts: Tuple[str, ...]  #: of that cell, if it changed parameters, and of those after it


class Watch:
    """Looks at the end of each cell; main thread, unseen by torch."""

    def __init__(self, everything_is_new: bool = False) -> None:
        """``everything_is_new``: torch was imported by the cell that just ended."""
        self.cells = 1 if everything_is_new else 0
        # Dicts that other threads read are made anew each time, not changed.
        self._lists: Dict[str, Tuple[int, Growth]] = {}
        self._models: Dict[str, Model] = {}
        self._replaced: List[Model] = []
        self._trained: Dict[int, Trained] = {}
        self._closures: Dict[str, Tuple[int, FrozenSet[Address]]] = {}

    def look(self, shell: Any, text: str = "", failed: bool = False) -> None:
        """A cell with that text has ended, by an exception or not."""
        torch = loaded.torch()
        if torch is None:
            return
        space = shell.user_ns
        if type(space) is not dict or len(space) > _MOST_VARIABLES:
            return
        self.cells += 1
        kinds = k.Kinds()
        eyes = Eyes(torch, kinds)
        by_kind = _by_kind(kinds, space, shell.user_ns_hidden)
        self._look_at_lists(kinds, by_kind.get(k.LIST, {}), by_kind.get(k.DICT, {}))
        self._look_at_modules(by_kind.get(k.MODULE, {}))
        self._look_at_optimizers(eyes, by_kind.get(k.OPTIMIZER, {}), text, failed)
        self._look_at_functions(eyes, by_kind.get(k.FUNCTION, {}), space)

    # Lists -----------------------------------------------------------------------------

    def _look_at_lists(self, kinds: k.Kinds, lists: Dict[str, Any], dicts: Dict[str, Any]) -> None:
        every = {name: one for name, one in lists.items() if type(one) is list}
        for name, entries in dicts.items():
            if type(entries) is dict and len(entries) <= _MOST_LISTS:
                for key, one in list(entries.items()):
                    if type(one) is list and type(key) is str:
                        every[f"{name}[{key!r}]"] = one
        now: Dict[str, Tuple[int, Growth]] = {}
        for name, one, count in _read(every, lambda one: _tensors(kinds, one)):
            if not count:
                continue
            number, growth = self._lists.get(name, (0, None))
            if growth is None or number != id(one):
                growth = Growth(count, count, 0)
            elif count < growth.last:
                continue  # somebody empties it
            elif count > growth.last:
                growth = Growth(growth.first, count, growth.cells + 1)
            now[name] = id(one), growth
        self._lists = now

    def growing(self) -> Dict[str, Growth]:
        """Lists that grew in two cells at least; any thread."""
        lists = self._lists
        return {name: growth for name, (_, growth) in lists.items() if growth.cells > 1}

    # Models ----------------------------------------------------------------------------

    def _look_at_modules(self, modules: Dict[str, Any]) -> None:
        for name, module, weak in _read(modules, ref):
            known = self._models.get(name)
            now = Model(name, k.type_name(type(module)), weak)
            if known is not None and known.module is not weak and known.type == now.type:
                self._replaced.append(known)
            self._models[name] = now
        self._models = {name: one for name, one in self._models.items() if _is_there(one)}
        self._replaced = list(filter(_is_there, self._replaced))[-_MOST_REMEMBERED:]

    def replaced(self) -> List[Model]:
        """Models whose names were given to others, and that are there still; main thread."""
        self._replaced = list(filter(_is_there, self._replaced))
        return list(self._replaced)

    # Optimizers ------------------------------------------------------------------------

    def _look_at_optimizers(
        self, eyes: Eyes, optimizers: Dict[str, Any], text: str, failed: bool
    ) -> None:
        now: Dict[int, Trained] = {}
        for _, optimizer, numbers in _read(optimizers, eyes.numbers):
            if numbers is None or id(optimizer) in now:
                continue
            last = self._trained.get(id(optimizer))
            if last is not None and numbers == last.numbers:
                # The same, or made anew where the one before it was: the texts tell.
                known = last.texts and not failed and len(last.texts) < _MOST_TEXTS
                last = Trained(numbers, (*last.texts, text) if known else ())
            else:
                stepped = last is None or numbers.parameter != last.numbers.parameter
                known = stepped and numbers.gradient[0] and not failed
                last = Trained(numbers, (text,) if known else ())
            now[id(optimizer)] = last
        self._trained = now

    def trained_by(self, optimizer: Any) -> Tuple[str, ...]:
        """The text of the cell that left an optimizer's gradients and parameters as they are,
        and those of the cells after it; none where they are not known.  Main thread, unseen."""
        torch, found = loaded.torch(), self._trained.get(id(optimizer))
        if torch is None or found is None or not found.texts:
            return ()
        now = Eyes(torch, k.Kinds()).numbers(optimizer)  # a cell may be at it since
        return found.texts if now == found.numbers else ()

    # Closures --------------------------------------------------------------------------

    def _look_at_functions(
        self, eyes: Eyes, functions: Dict[str, Any], space: Dict[str, Any]
    ) -> None:
        closed = [one for one in _read(functions, eyes.closed_over) if one[2]]
        now: Dict[str, Tuple[int, FrozenSet[Address]]] = {}
        here = eyes.addresses(list(space.values())) if closed else set()
        for name, function, inside in closed:
            number, once = self._closures.get(name, (0, frozenset()))
            if number != id(function):
                once = frozenset()
            now[name] = id(function), (once | (inside & here)) & inside
        self._closures = now

    def had_names(self, function: str) -> FrozenSet[Address]:
        """What a function of that name closes over that variables had too, in some cell; any
        thread."""
        return self._closures.get(function, (0, frozenset()))[1]


def _read(variables: Dict[str, Any], read: Callable[[Any], Any]) -> Iterator[Tuple[str, Any, Any]]:
    """Variables with what ``read`` says of each, without those that cannot be read."""
    for name, value in variables.items():
        try:
            found = read(value)
        except Exception:
            continue
        yield name, value, found


def _tensors(kinds: k.Kinds, one: List[Any]) -> int:
    """How long a list of tensors is; 0 where it is none."""
    return len(one) if one and kinds.one(one[-1]) == k.TENSOR else 0


def _is_there(model: Model) -> bool:
    return model.module() is not None


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


__all__ = ["Growth", "Model", "Trained", "Watch"]
