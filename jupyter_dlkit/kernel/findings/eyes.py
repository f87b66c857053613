"""What tensors, modules and optimizers are, read by their own C slots: numbers and texts.

Main thread, between cells, unseen by torch.
"""

from __future__ import annotations

from typing import Any, FrozenSet, List, NamedTuple, Optional, Set, Tuple

from .. import kinds as k
from .scene import LEAST

#: Parameters of a module, and cells of a closure, that are looked at.
_MOST_PARAMETERS, _MOST_CELLS = 64, 20

#: Where a storage lies: device, address, bytes.
Address = Tuple[str, int, int]


class Numbers(NamedTuple):
    """Of an optimizer: what changes with a backward, and with a step."""

    gradient: Tuple[int, int]  #: ``id`` of the first gradient, and its version; zeros: none
    parameter: int  #: version of its parameter


class Eyes:
    """Reads tensors, modules and optimizers by their own C slots."""

    def __init__(self, torch: Any, kinds: k.Kinds) -> None:
        self._base = torch._C.TensorBase
        self._storage = torch._C.StorageBase
        self._kinds = kinds

    def address(self, tensor: Any) -> Optional[Address]:
        """None where it has no storage of its own, or cannot be read."""
        try:
            storage = self._base.untyped_storage(tensor)
            if self._storage.device.__get__(storage).type == "meta":
                return None  # a compiler's fake one too: torch warns of whoever asks where it is
            device = str(self._base.device.__get__(tensor))
            return device, self._storage.data_ptr(storage), self._storage.nbytes(storage)
        except Exception:
            return None

    def addresses(self, values: List[Any]) -> Set[Optional[Address]]:
        """Of those that are tensors."""
        known = self._kinds.of(values)
        return {self.address(one) for one, kind in zip(values, known) if kind == k.TENSOR}

    def closed_over(self, function: Any) -> FrozenSet[Address]:
        """Large tensors in a function's closure."""
        found: List[Address] = []
        for cell in (function.__closure__ or ())[:_MOST_CELLS]:
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

    def numbers(self, optimizer: Any) -> Optional[Numbers]:
        """Of the first parameter with a gradient, or of the first; None where it has none."""
        own = k.instance_dict(optimizer, self._kinds.layout(type(optimizer))) or {}
        groups = own.get("param_groups")
        version = self._base._version.__get__
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
                    return Numbers((id(gradient), version(gradient)), version(parameter))
        return None if first is None else Numbers((0, 0), version(first))


def _values(entries: Any) -> List[Any]:
    return list(dict.values(entries)) if issubclass(type(entries), dict) else []
