"""What the namespace reaches without going through one object."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from ..held import Held
from ..kinds import Kinds
from ..names import Paths
from ..walk import Walk

#: Seconds of CPU that it may take.
_BUDGET = 5.0


class Around(Walk):
    """A walk that stops before an object, and notes every path to it."""

    def __init__(self, kinds: Kinds, value: Any) -> None:
        super().__init__(kinds, Held(list.clear), _BUDGET, Paths())
        self._value = value
        self.reached_by: List[str] = []

    def _visit(
        self,
        value: Any,
        kind: int,
        name: str,
        group: Optional[str],
        inside: int,
        owner: str,
        root: str,
    ) -> None:
        if value is self._value:
            self.reached_by.append(name)
        else:
            super()._visit(value, kind, name, group, inside, owner, root)

    def names(self) -> Dict[int, str]:
        """By ``id`` of each tensor that is reached: its group, or its own name."""
        found = self.found
        return {
            id(value): group or name
            for value, name, group in zip(found.objects, found.names, found.groups)
        }
