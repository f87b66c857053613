"""Optimizers and the state that they keep for parameters.

The state follows its parameter to the device without any change of dtype.
``load_state_dict`` would cast it; ``step`` stays on the CPU unless the group is
``fused`` or ``capturable``, which is what
``torch.optim.Optimizer._process_value_according_to_param_policy`` does.  The other
way round, a parameter follows its state: where the state of several parameters is
one flat storage, they go together, or the next step would find two devices.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from .. import names
from ..columns import Describer
from ..kinds import TENSOR, WRAPPED, Kinds, instance_dict, type_name

_DICTS = (dict, defaultdict, OrderedDict)


class State(NamedTuple):
    """A tensor of an optimizer's state."""

    tensor: Any
    name: str


class Membership(NamedTuple):
    """A parameter in an optimizer."""

    optimizer: Any
    name: str
    group: Dict[str, Any]  #: its parameter group
    kept: Dict[str, Any]  #: attribute of the optimizer → what it has for the parameter

    @property
    def state(self) -> Dict[Any, Any]:
        """Its entry of ``optimizer.state``; empty before the first step."""
        entry = self.kept.get("state")
        return entry if type(entry) is dict else {}


class Flat(NamedTuple):
    """What an optimizer keeps for all its parameters at once, by the key of none: flattened
    state, or copies of another precision."""

    tensors: List[State]
    parameters: List[Any]


class Optimizers:
    """Optimizers by the parameters they update."""

    def __init__(
        self, describer: Describer, kinds: Kinds, optimizers: Iterable[Any], named: Dict[int, str]
    ) -> None:
        """``named``: ``id`` of an optimizer → its name, where it has one."""
        self.kinds = kinds
        self._numel = describer.call["numel"]
        self._of: Dict[int, List[Membership]] = {}  # by id of a parameter
        self._parameter_of: Dict[int, Any] = {}  # by id of a tensor of its state
        self._flat: Dict[int, List[Flat]] = {}  # by id of a parameter, or of what is flat
        self._names: Dict[int, str] = {}  # by id of a parameter
        self.found: List[Tuple[Any, str]] = []
        for optimizer in optimizers:
            attributes = instance_dict(optimizer, kinds.layout(type(optimizer)))
            if attributes is not None:
                name = named.get(id(optimizer)) or type_name(type(optimizer))
                self.found.append((optimizer, name))
                self._learn(optimizer, name, attributes)

    def memberships(self, parameter: Any) -> List[Membership]:
        """Every optimizer that updates the parameter."""
        return self._of.get(id(parameter), [])

    def state(self, parameter: Any, path: str) -> Iterator[State]:
        """State tensors that go where ``parameter`` (reached by ``path``) goes."""
        for member in self.memberships(parameter):
            for attribute, entry in member.kept.items():
                yield from self._entry(member, entry, f"{member.name}.{attribute}[{path}]")

    def parameter(self, state: Any) -> Optional[Any]:
        """The parameter that goes where ``state`` goes; None for what is no state of one."""
        return self._parameter_of.get(id(state))

    def flat(self, tensor: Any) -> List[Flat]:
        """What goes together with ``tensor``, a parameter or part of what is flat."""
        return self._flat.get(id(tensor), [])

    def name(self, parameter: Any) -> str:
        """The parameter by its place in an optimizer."""
        return self._names.get(id(parameter), "a parameter of an optimizer")

    # Learning ----------------------------------------------------------------------------

    def _learn(self, optimizer: Any, name: str, attributes: Dict[str, Any]) -> None:
        groups = [g for g in _list(attributes.get("param_groups")) if type(g) is dict]
        attributes = {key: value for key, value in attributes.items() if key != "param_groups"}
        every = {id(p): p for group in groups for p in _list(group.get("params"))}
        entries = {key: _entries(value, every) for key, value in attributes.items()}
        for number, group in enumerate(groups):
            for position, parameter in enumerate(_list(group.get("params"))):
                kept = {
                    key: of[id(parameter)] for key, of in entries.items() if id(parameter) in of
                }
                member = Membership(optimizer, name, group, kept)
                place = f"{name}.param_groups[{number}]['params'][{position}]"
                self._names.setdefault(id(parameter), place)
                self._of.setdefault(id(parameter), []).append(member)
                for entry in kept.values():
                    for tensor, _ in self._entry(member, entry, ""):
                        if id(tensor) not in every:
                            self._parameter_of.setdefault(id(tensor), parameter)
        for key, value in attributes.items():
            rest = _others(value, every) if entries[key] else value
            self._learn_flat(rest, names.attribute(name, key), list(every.values()))
        for number, group in enumerate(groups):
            parameters = _list(group.get("params"))
            for position, (key, value) in enumerate(list(group.items())):
                if key != "params":
                    owner = names.key(f"{name}.param_groups[{number}]", key, position)
                    self._learn_flat(value, owner, parameters)

    def _learn_flat(self, value: Any, path: str, parameters: List[Any]) -> None:
        """Note what is as large as all the parameters; what is smaller is a mask, a history."""
        own: Set[int] = set(map(id, parameters))
        tensors = [
            state
            for state in self._tensors(value, path)
            if id(state.tensor) not in own and id(state.tensor) not in self._parameter_of
        ]
        whole = [*parameters, *(state.tensor for state in tensors)]
        if not tensors or any(self.kinds.one(tensor) != TENSOR for tensor in whole):
            return
        if sum(self._numel(s.tensor) for s in tensors) < sum(map(self._numel, parameters)):
            return
        flat = Flat(tensors, parameters)
        for tensor in whole:
            self._flat.setdefault(id(tensor), []).append(flat)

    def _entry(self, member: Membership, entry: Any, owner: str) -> Iterator[State]:
        """Tensors of what is kept for one parameter."""
        if type(entry) is not dict:
            yield from self._tensors(entry, owner)
            return
        moves_step = bool(member.group.get("fused") or member.group.get("capturable"))
        for position, (key, value) in enumerate(list(entry.items())):
            if key != "step" or moves_step:
                yield from self._tensors(value, names.key(owner, key, position))

    def _tensors(self, value: Any, path: str) -> Iterator[State]:
        kind = self.kinds.one(value)
        if kind in (TENSOR, WRAPPED):
            yield State(value, path)
        elif type(value) in (list, tuple, deque):  # LBFGS keeps lists of directions
            for position, item in enumerate(list(value)):
                yield from self._tensors(item, names.index(path, position))
        elif type(value) in _DICTS:
            for position, (key, item) in enumerate(list(dict.items(value))):
                yield from self._tensors(item, names.key(path, key, position))


def _entries(value: Any, parameters: Dict[int, Any]) -> Dict[int, Any]:
    """What a dict has for parameters, by their ``id``."""
    if type(value) not in _DICTS:
        return {}
    return {id(key): entry for key, entry in list(dict.items(value)) if id(key) in parameters}


def _others(value: Any, parameters: Dict[int, Any]) -> List[Any]:
    """What a dict has by other keys."""
    return [entry for key, entry in list(dict.items(value)) if id(key) not in parameters]


def _list(value: Any) -> List[Any]:
    return list(value) if type(value) is list else []
