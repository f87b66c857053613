"""What refers to tensors that no path from the user's namespace leads to.

From the tensors upwards, by the collector: to a container that the walk has named, to a global
of an imported module, or to what can only be described.  Main thread, between cells, only.
"""

from __future__ import annotations

import gc
import sys
import time
import types
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .. import kinds as k
from .. import names
from ..kinds import type_name

#: Objects that the collector is asked about at a time, and steps upwards.
_TOGETHER, _DEEPEST = 32, 10
#: Larger containers are not searched for the position of what they hold.
_LARGEST = 1 << 20


#: Numbers of objects that are asked about, each with the rest of the path to it.
Targets = List[Tuple[int, str]]


class Hint(NamedTuple):
    """Who holds an object."""

    name: Optional[str]  #: the path to it, when there is one
    group: str  #: the variable or module where the path begins, or a description
    text: str  #: a sentence


class Hints:
    """Searches for the holders of some objects; drop it when done."""

    def __init__(self, seen_names: Dict[int, str], ours: Set[int], seconds: float) -> None:
        """``ours``: ``id`` of containers of the account, which do not count."""
        self._seen_names = seen_names
        self._ours = ours
        self._deadline = time.thread_time() + seconds
        self._positions: Dict[int, Dict[int, int]] = {}  # of a list: of what is in it
        self.out_of_time = False

    def of(self, objects: List[Any]) -> List[Optional[Hint]]:
        """A hint for each, as far as there was time; the first are asked for first."""
        self._ours.add(id(objects))
        answer: Dict[int, Hint] = {}
        place = {id(value): number for number, value in enumerate(objects)}
        for start in range(0, len(objects), _TOGETHER):
            batch = [value for value in objects[start : start + _TOGETHER] if id(value) in place]
            batch = [value for value in batch if place[id(value)] not in answer]
            if not batch:
                continue
            if time.thread_time() > self._deadline:
                self.out_of_time = True
                break
            self._up(batch, place, answer)
            batch.clear()
        return [answer.get(number) for number in range(len(objects))]

    def _up(self, batch: List[Any], place: Dict[int, int], answer: Dict[int, Hint]) -> None:
        # Of each object on the way up: the targets below it that were not there before, each
        # with the rest of its path; and all that were.  Several ways may meet in one object.
        new: Dict[int, Targets] = {id(value): [(place[id(value)], "")] for value in batch}
        passed: Dict[int, Set[int]] = {id(value): {place[id(value)]} for value in batch}
        nearest: Dict[int, Tuple[int, str]] = {}  # the most telling so far
        held: Set[int] = set()  # targets that something refers to
        level: List[Any] = list(batch)
        whole: List[List[Any]] = []  # keeps what was visited, so that an id is its own
        self._ours.add(id(batch))
        left: Set[int] = set()  # targets of which not all ways were followed
        for depth in range(_DEEPEST):
            if not level or (depth and time.thread_time() > self._deadline):
                break
            referrers = gc.get_referrers(*level)
            whole += [level, referrers]
            self._ours.update((id(level), id(referrers), id(whole)))
            following: Dict[int, Any] = {}
            waiting: Dict[int, Targets] = {}
            self._ours.add(id(following))
            for referrer in referrers:
                if id(referrer) in self._ours or _is_ours(referrer):
                    continue
                inside = gc.get_referents(referrer)
                for value in inside:
                    if id(value) in new:
                        targets = new[id(value)]
                    elif not depth and id(value) in place:
                        targets = [(place[id(value)], "")]
                    else:
                        continue
                    held.update(number for number, _ in targets)
                    seen = passed.setdefault(id(referrer), set())
                    targets = [
                        one for one in targets if one[0] not in answer and one[0] not in seen
                    ]
                    if not targets:
                        continue
                    seen.update(number for number, _ in targets)
                    further = self._edge(referrer, value, targets, answer, nearest)
                    if further:
                        following[id(referrer)] = referrer
                        waiting.setdefault(id(referrer), []).extend(further)
                del inside
            level = list(following.values())
            for other in level[_TOGETHER:]:
                left.update(number for number, _ in waiting.pop(id(other)))
            level, new = level[:_TOGETHER], waiting
            following.clear()
        left.update(number for targets in new.values() for number, _ in targets if level)
        for value in batch:
            number = place[id(value)]
            if number not in held:
                answer.setdefault(number, _OUTSIDE)
            elif number not in nearest:
                nearest[number] = 9, "a container"
        for number, (_, said) in nearest.items():
            if number in left:
                hint = Hint(None, f"held by {said}", f"It is held by {said}.")
            else:  # all that leads to it was seen, and it leads nowhere but to itself
                hint = Hint(
                    None,
                    f"a cycle with {said}",
                    f"It is in a reference cycle with {said}, which gc.collect() frees unless "
                    "something outside of Python has it.",
                )
            answer.setdefault(number, hint)
        self._positions.clear()
        whole.clear()

    def _edge(
        self,
        referrer: Any,
        value: Any,
        targets: Targets,
        answer: Dict[int, Hint],
        nearest: Dict[int, Tuple[int, str]],
    ) -> Targets:
        """One object that refers to another on the way up; the targets with which to go on."""
        base = self._seen_names.get(id(referrer))
        if base is not None:
            step = self._step(referrer, value)
            for number, rest in targets:
                name = (step[1:] if base == "globals()" else base + step) + rest
                root = name.partition("[")[0].partition(".")[0] if base == "globals()" else base
                answer[number] = Hint(name, root, f"It is reached from {base}.")
            return []
        module = _module_of(referrer)
        if module is not None:
            key = _key(referrer, value)
            path = f"{module}.{key}" if key is not None else module
            for number, rest in targets:
                answer[number] = Hint(
                    path + rest, path, f"It is reached from a global of the module {module}."
                )
            return []
        said = _described(referrer)
        for number, _ in targets:
            if said is not None and (number not in nearest or said < nearest[number]):
                nearest[number] = said
        if type(referrer) is types.FrameType or issubclass(type(referrer), type):
            return []
        step = self._step(referrer, value)
        return [(number, step + rest) for number, rest in targets]

    def _step(self, referrer: Any, value: Any) -> str:
        """The rest of the path, from what refers to it."""
        # Classes are compared by identity: a metaclass may define __eq__.
        kind = type(referrer)
        if issubclass(kind, dict):
            key = _key(referrer, value) if dict.__len__(referrer) < _LARGEST else _ELSEWHERE
            return f"[{key!r}]" if names.is_plain_key(key) else "[…]"
        if (kind is list or kind is tuple) and len(referrer) < _LARGEST:
            known = self._positions.get(id(referrer))
            if known is None:  # it is held until the search for these objects ends
                known = dict(zip(map(id, reversed(referrer)), reversed(range(len(referrer)))))
                self._positions[id(referrer)] = known
            if id(value) in known:
                return f"[{known[id(value)]}]"
        if id(kind) in _CALLED:
            return ""
        return "[…]" if id(kind) in _CONTAINERS else ".…"


def _is_ours(referrer: Any) -> bool:
    if type(referrer) is types.FrameType:
        name: Any = dict.get(referrer.f_globals, "__name__")
        return type(name) is str and name.startswith(_PACKAGE)
    return k.module_of(type(referrer)).startswith(_PACKAGE)


_PACKAGE = __name__.partition(".")[0]


def _module_of(referrer: Any) -> Optional[str]:
    """The name of the module whose globals it is."""
    if type(referrer) is not dict:
        return None
    name = referrer.get("__name__")
    if type(name) is not str:
        return None
    module = sys.modules.get(name)
    if type(module) is not types.ModuleType or module.__dict__ is not referrer:
        return None
    return name


def _key(entries: Any, value: Any) -> Any:
    """The key of a value in a dict, by identity."""
    for key, other in list(dict.items(entries)):
        if other is value:
            return key
    return None


_ELSEWHERE = object()
_CONTAINERS = frozenset(map(id, (list, tuple, set, frozenset)))
_CALLED = frozenset(map(id, (types.CellType, types.FunctionType, types.MethodType)))
_ATTRIBUTES = frozenset((id(dict), id(tuple), id(types.CellType)))
_COROUTINES = frozenset(
    map(id, (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType))
)


def _described(referrer: Any) -> Optional[Tuple[int, str]]:
    """A referrer in words, with how little that says; None for attributes and the like."""
    kind = type(referrer)
    if kind is types.FrameType:
        return 0, f"a call of {referrer.f_code.co_name}() that is kept, by an exception perhaps"
    if id(kind) in _COROUTINES:
        what = "generator" if kind is types.GeneratorType else "coroutine"
        return 1, f"the {what} {referrer.__qualname__}()"
    if kind is types.FunctionType:
        return 2, f"the function {referrer.__qualname__}()"
    if id(kind) in _ATTRIBUTES:
        return None
    name = type_name(kind)
    article = "an" if name[:1] in "AEIOUaeiou" else "a"
    return 4 if id(kind) in _CONTAINERS else 3, f"{article} {name}"


_OUTSIDE = Hint(
    None,
    "held from outside of Python",
    "No Python object refers to it: an operation in place in a graph, or an extension, has it.",
)
