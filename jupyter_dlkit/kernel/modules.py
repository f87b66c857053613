"""How modules and optimizers of torch keep their tensors."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import loaded, names
from .kinds import in_class

if TYPE_CHECKING:
    from .walk import Found

#: Attributes of every ``torch.nn.Module`` that are walked on their own or hold hooks.
MODULE_INTERNALS = frozenset(
    """
    training _parameters _buffers _modules _non_persistent_buffers_set
    _backward_pre_hooks _backward_hooks _is_full_backward_hook _forward_hooks
    _forward_hooks_with_kwargs _forward_hooks_always_called _forward_pre_hooks
    _forward_pre_hooks_with_kwargs _state_dict_hooks _state_dict_pre_hooks
    _load_state_dict_pre_hooks _load_state_dict_post_hooks _compiled_call_impl
    """.split()  # noqa: SIM905
)


def index_style(cls: type) -> str:
    """How children of a module of this class are written: ``m[0]``, ``m['key']``, ``m.key``."""
    torch = loaded.torch()
    getter = in_class(cls, "__getitem__")
    for style, known in (
        ("list", ("Sequential", "ModuleList", "ParameterList")),
        ("dict", ("ModuleDict", "ParameterDict")),
    ):
        for name in known:
            base = getattr(torch.nn, name, None)
            if base is not None and getter is not None and getter is in_class(base, "__getitem__"):
                return style
    return ""


class Parameters(NamedTuple):
    """Parameters of an optimizer."""

    named: Dict[int, str]  #: ``id`` → expression
    unnamed: List[Tuple[Any, str]]  #: those that only the optimizer holds


def parameter_names(attributes: Dict[str, Any], optimizer: str, found: Found) -> Parameters:
    """How each parameter of the optimizer is reached: as it was found, else by its group."""
    named: Dict[int, str] = {}
    unnamed: List[Tuple[Any, str]] = []
    for number, group in enumerate(_list(attributes.get("param_groups"))):
        members = group.get("params") if type(group) is dict else None
        for position, parameter in enumerate(_list(members)):
            row = found.position.get(id(parameter))
            if row is None:
                name = f"{optimizer}.param_groups[{number}]['params'][{position}]"
                unnamed.append((parameter, name))
            else:
                name = found.names[row]
            named[id(parameter)] = name
    return Parameters(named, unnamed)


def state_entries(
    attributes: Dict[str, Any], optimizer: str, parameters: Dict[int, str]
) -> Iterator[Tuple[List[Any], List[str]]]:
    """Values and expressions of the state kept for each parameter."""
    state = attributes.get("state")
    if not any(type(state) is kind for kind in (dict, defaultdict, OrderedDict)):
        return
    for position, (parameter, entry) in enumerate(list(dict.items(state or {}))):
        name: Optional[str] = parameters.get(id(parameter))
        owner = (
            f"list({optimizer}.state.values())[{position}]"
            if name is None
            else f"{optimizer}.state[{name}]"
        )
        if type(entry) is dict:
            items = list(entry.items())
            yield (
                [value for _, value in items],
                [names.key(owner, key, i) for i, (key, _) in enumerate(items)],
            )


def _list(value: Any) -> List[Any]:
    return list(value) if type(value) is list else []
