"""The module's own ``.to``, inside the transaction.

It finds every tensor there already.  What overrides ``to`` or ``_apply`` (a
quantizing library, an RNN that flattens its weights) does its part or refuses.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ..columns import Describer
from ..kinds import Kinds, instance_dict
from .verify import Unlike

_REGISTRIES = ("_parameters", "_buffers")


class Registries:
    """What the modules had registered, so that it can be put back."""

    def __init__(self, modules: List[Any]) -> None:
        kinds = Kinds()
        self._before: List[Tuple[Dict[Any, Any], Dict[Any, Any]]] = []
        for module in modules:
            attributes = instance_dict(module, kinds.layout(type(module))) or {}
            for name in _REGISTRIES:
                registry = attributes.get(name)
                if isinstance(registry, dict):
                    self._before.append((registry, dict(registry)))

    def hold(self) -> None:
        """Raises ``Unlike`` when a parameter or buffer is another object than before."""
        for registry, before in self._before:
            for name, value in before.items():
                if registry.get(name) is not value:
                    raise Unlike(f"its .to() replaced {name} by another tensor")

    def put_back(self) -> None:
        """Register again what was registered."""
        for registry, before in self._before:
            if any(registry.get(name) is not value for name, value in before.items()):
                registry.clear()
                registry.update(before)


def own_to(describer: Describer, module: Any, device: Any) -> None:
    """``module.to(device)`` as the user would call it.  Raises what it raises."""
    future = getattr(describer.torch, "__future__", None)
    for ask in (
        "get_overwrite_module_params_on_conversion",
        "get_swap_module_params_on_conversion",
    ):
        function = getattr(future, ask, None)
        if function is not None and function():
            return  # it would replace parameters that are where they should be
    module.to(device)
