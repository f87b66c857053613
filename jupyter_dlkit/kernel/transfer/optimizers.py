"""Optimizers and the state that they keep for parameters.

The state follows its parameter to the device without any change of dtype.
``load_state_dict`` would cast it; ``step`` stays on the CPU unless the group is
``fused`` or ``capturable``, which is what
``torch.optim.Optimizer._process_value_according_to_param_policy`` does.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple

from .. import names
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
    state: Dict[Any, Any]  #: what is kept for it; empty before the first step


class Optimizers:
    """Optimizers by the parameters they update."""

    def __init__(self, kinds: Kinds, optimizers: Iterable[Any], named: Dict[int, str]) -> None:
        """``named``: ``id`` of an optimizer → its name, where it has one."""
        self.kinds = kinds
        self._of: Dict[int, List[Membership]] = {}  # by id of a parameter
        self.found: List[Tuple[Any, str]] = []
        for optimizer in optimizers:
            attributes = instance_dict(optimizer, kinds.layout(type(optimizer)))
            if attributes is None:
                continue
            name = named.get(id(optimizer)) or type_name(type(optimizer))
            self.found.append((optimizer, name))
            entries = _entries(attributes.get("state"))
            for group in _list(attributes.get("param_groups")):
                if type(group) is not dict:
                    continue
                for parameter in _list(group.get("params")):
                    entry = entries.get(id(parameter), {})
                    self._of.setdefault(id(parameter), []).append(
                        Membership(optimizer, name, group, entry)
                    )

    def memberships(self, parameter: Any) -> List[Membership]:
        """Every optimizer that updates the parameter."""
        return self._of.get(id(parameter), [])

    def state(self, parameter: Any, path: str) -> Iterator[State]:
        """State tensors that go where ``parameter`` (reached by ``path``) goes."""
        for member in self.memberships(parameter):
            moves_step = bool(member.group.get("fused") or member.group.get("capturable"))
            owner = f"{member.name}.state[{path}]"
            for position, (key, value) in enumerate(list(member.state.items())):
                if key == "step" and not moves_step:
                    continue
                yield from self._tensors(value, names.key(owner, key, position))

    def _tensors(self, value: Any, path: str) -> Iterator[State]:
        kind = self.kinds.one(value)
        if kind in (TENSOR, WRAPPED):
            yield State(value, path)
        elif type(value) in (list, tuple, deque):  # LBFGS keeps lists of directions
            for position, item in enumerate(list(value)):
                yield from self._tensors(item, names.index(path, position))
        elif type(value) is dict:
            for position, (key, item) in enumerate(list(value.items())):
                yield from self._tensors(item, names.key(path, key, position))


def _entries(state: Any) -> Dict[int, Dict[Any, Any]]:
    """State by ``id`` of its parameter."""
    if not any(type(state) is kind for kind in _DICTS):
        return {}
    return {id(p): entry for p, entry in list(dict.items(state)) if type(entry) is dict}


def _list(value: Any) -> List[Any]:
    return list(value) if type(value) is list else []
