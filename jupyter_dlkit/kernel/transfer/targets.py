"""From what a request names to the objects, as they are now."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Optional, Sequence

from ..errors import Refusal
from ..kinds import ARRAY, ATOM, CLASS, type_name
from ..resolve import Resolver
from .heap import Heap


class Target(NamedTuple):
    """An object, and the path that reaches it."""

    path: str
    value: Any


class Targets:
    """Resolves targets; parses paths and never evaluates them."""

    def __init__(self, heap: Heap, is_row: Optional[Callable[[str, Any], bool]]) -> None:
        self._heap = heap
        self._is_row = is_row or _same_address
        self._resolver = Resolver(heap.namespace, heap.outputs)

    def find(self, targets: Sequence[Any]) -> List[Target]:
        """Every target.  Raises ``Refusal``: 400, 404 or 409."""
        found = [self.one(target) for target in targets]
        for target in found:
            self._check(target)
        return found

    def one(self, asked: Any) -> Target:
        """A target, be it something that can be moved or not.  Raises ``Refusal``."""
        identity: Optional[str] = None
        if type(asked) is str:
            path, value = asked, self._resolver.resolve(asked)
        elif type(asked) is dict and type(asked.get("path")) is str and len(asked) <= 2:
            identity, path = asked.get("id"), asked["path"]
            value = self._resolver.resolve(path)
        else:
            names = self._heap.names(asked)
            path, value = (names.name if names else self._called(asked)), asked
        if identity is not None and not self._is_row(identity, value):
            raise Refusal(
                "changed",
                f"{path} is another object now than when it was listed.",
                "Refresh the list, and look again.",
                409,
            )
        return Target(path, value)

    def _check(self, target: Target) -> None:
        """Refuses what has no tensors to move."""
        path, value = target
        kind = self._heap.kinds.one(value)
        if kind == ARRAY:
            raise Refusal(
                "array",
                f"{path} is a NumPy array, which always lives in the host's memory.",
                f"Make a tensor of it: torch.from_numpy({path}).",
                409,
            )
        if kind in (ATOM, CLASS):
            raise Refusal(
                "nothing_to_move",
                f"{path} is of type {type_name(type(value))}, which has no tensors.",
                "Choose a tensor, a module, an optimizer, or a container of tensors.",
                404,
            )

    def _called(self, value: Any) -> str:
        """The variable that is the object, else its class."""
        for name, other in self._heap.namespace.items():
            if other is value:
                return str(name)
        return f"a {type_name(type(value))} without a name"


def _same_address(identity: str, value: Any) -> bool:
    return identity.partition("-")[0] == f"{id(value):x}"
