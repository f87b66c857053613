"""Which module of torch's it was that failed, and how the user reaches it."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ...shapes.source.values import Layer
from .. import kinds as k
from .frame_names import Step, global_names, local_names
from .look import Look
from .seen import Seer

#: Modules that are looked at for one that is wanted, and names for a variable.
_MOST = 20_000
_MOST_NAMES = 5_000


class Running(NamedTuple):
    """A module whose ``forward`` was running in a library."""

    module: Any
    arguments: Tuple[Any, ...]  #: what it was called with, as its frame has it


class LayerSeen(NamedTuple):
    """What is told of it.  ``value``: None where the rules do not know it."""

    name: str  #: how the failing line reaches it: ``self.fc1``
    path: Optional[str]  #: from a variable of the user's: ``net.fc1``; None where none leads there
    text: str  #: ``Linear(in_features=400, out_features=120)``
    value: Optional[Layer]


def running(seer: Seer, inner: Sequence[Step]) -> Optional[Running]:
    """The innermost module among the library's frames."""
    found: Any = None
    for step in inner:
        module = own_module(seer, step)
        found = found if module is None else module
    if found is None:
        return None
    # Its `forward`, not what that calls on the module, or what called it.
    for step in inner:
        if step.frame.f_code.co_name == "forward" and own_module(seer, step) is found:
            return Running(found, _arguments(step))
    return Running(found, ())


def own_module(seer: Seer, step: Step) -> Any:
    """The ``self`` of a method of a module, or None."""
    code = step.frame.f_code
    if not code.co_argcount or not code.co_varnames or code.co_varnames[0] != "self":
        return None
    module = local_names(step.frame).get("self")
    return module if module is not None and seer.kinds.one(module) == k.MODULE else None


def _arguments(step: Step) -> Tuple[Any, ...]:
    """What stands in the parameters after ``self``; those that are None are left out."""
    code = step.frame.f_code
    names = local_names(step.frame)
    given = [names.get(name) for name in code.co_varnames[1 : code.co_argcount]]
    return tuple(one for one in given if one is not None)


def path_from_variable(seer: Seer, steps: Sequence[Step], module: Any) -> Optional[str]:
    """How the module is reached from a variable of the user's, such as ``net.fc1``.

    Looked for from the outermost frame in: what the cell itself calls it.
    """
    seen: Set[int] = set()
    for step in steps:
        for names in (local_names(step.frame), global_names(step.frame)):
            if id(names) in seen or len(names) > _MOST_NAMES:
                continue
            seen.add(id(names))
            path = _below(seer, names, module)
            if path is not None:
                return path
    return None


def _below(seer: Seer, names: Dict[str, Any], module: Any) -> Optional[str]:
    roots: List[Tuple[Any, str]] = []
    for name, value in list(names.items()):
        if type(name) is not str or name == "self" or name.startswith("_"):
            continue
        if seer.kinds.one(value) == k.MODULE:
            roots.append((value, name))
    return path_below(seer, roots, module)


def path_below(seer: Seer, roots: Sequence[Tuple[Any, str]], module: Any) -> Optional[str]:
    """The shortest path to the module from modules that have one."""
    waiting: Deque[Tuple[Any, str]] = deque(roots)
    met: Set[int] = set()
    while waiting and len(met) < _MOST:
        one, path = waiting.popleft()
        if one is module:
            return path
        if id(one) in met:
            continue
        met.add(id(one))
        waiting.extend(seer.children(one, path))
    return None


def described(module: Any, seer: Seer) -> str:
    """``Linear(in_features=784, out_features=10)``, from its plain settings."""
    cls = type(module)
    attributes = k.instance_dict(module, seer.kinds.layout(cls)) or {}
    words = []
    for name in _SHOWN:
        value = attributes.get(name)
        if type(value) is int or (
            type(value) is tuple and value and all(type(one) is int for one in value)
        ):
            words.append(f"{name}={value}")
    return f"{k.type_name(cls)}({', '.join(words)})"


#: Settings on which shapes depend.
_SHOWN = (
    "in_features",
    "out_features",
    "in_channels",
    "out_channels",
    "kernel_size",
    "num_features",
    "num_embeddings",
    "embedding_dim",
    "normalized_shape",
    "num_groups",
    "num_channels",
    "input_size",
    "hidden_size",
    "embed_dim",
    "num_heads",
)


def look_of(seer: Seer, step: Step) -> Look:
    """The names of a frame, and of the modules and builtins around it."""
    return Look(seer, local_names(step.frame), global_names(step.frame))
