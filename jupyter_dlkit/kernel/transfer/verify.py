"""Checks, after the change and before it is kept, that everything is as it should be."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Tuple

from ..columns import Describer
from .plan import Member, Plan


class Unlike(Exception):
    """Something is not as it should be; the change is taken back."""


class _Looks(NamedTuple):
    shape: Tuple[int, ...]
    stride: Tuple[int, ...]
    offset: int
    flags: Tuple[Any, ...]


class Expectation:
    """How every member looked before; made before anything is changed."""

    def __init__(self, describer: Describer, plan: Plan) -> None:
        self.describer = describer
        self.plan = plan
        self._before: List[Tuple[Member, _Looks]] = [
            (member, self._look(member.tensor))
            for group in plan.groups
            if group.storage is not None
            for member in group.members
        ]

    def _look(self, tensor: Any) -> _Looks:
        base, describer = self.describer.torch._C.TensorBase, self.describer
        return _Looks(
            tuple(describer.get["shape"](tensor)),
            tuple(describer.call["stride"](tensor)),
            describer.call["storage_offset"](tensor),
            (
                describer.get["dtype"](tensor),
                describer.get["requires_grad"](tensor),
                describer.get["is_leaf"](tensor),
                base.is_conj(tensor),
                base.is_neg(tensor),
                describer.version_or_none(tensor),
            ),
        )

    def hold(self, pointed: bool) -> None:
        """Raises ``Unlike`` when a tensor is elsewhere, or looks different.

        ``pointed``: nobody else has been at the tensors, so that they must look exactly alike.
        """
        for group in self.plan.groups:
            for member in group.members:
                device = self.describer.get["device"](member.tensor)
                if device != group.target:
                    raise Unlike(f"{member.name} is on {device} and not on {group.target}")
        if not pointed:
            return
        for member, before in self._before:
            if self._look(member.tensor) != before:
                raise Unlike(f"{member.name} does not look as it did")
        self._sharing()

    def _sharing(self) -> None:
        storages: Dict[int, str] = {}
        for group in self.plan.groups:
            if group.storage is None:
                continue
            addresses = {self.describer.address(member.tensor) for member in group.members}
            name = group.members[0].name
            if len(addresses) != 1 or group.address in addresses:
                raise Unlike(f"{name} does not share its memory as it did")
            if storages.setdefault(addresses.pop(), name) != name:
                raise Unlike(f"{name} shares memory that it did not share")
