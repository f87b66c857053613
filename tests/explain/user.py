"""Runs cells as IPython does: each compiled under a name of its own that linecache knows."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass, field
from typing import Any

from tests import second_device


def _device() -> Any:
    second_device.load()
    import torch

    return torch.device(second_device.NAME, 0)


@dataclass
class User:
    """A namespace, and the cells that were run in it."""

    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    cells: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names["device"] = _device()

    def run(self, cell: str) -> BaseException | None:
        """Run a cell; what it raised, or None."""
        name = f"<cell {len(self.cells)} of {id(self)}>"
        self.cells[name] = cell
        linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
        try:
            for statement in ast.parse(cell, name).body:
                exec(compile(ast.Module([statement], []), name, "exec"), self.names)
        except BaseException as error:
            return error
        return None

    def close(self) -> None:
        """Forget the cells."""
        for name in self.cells:
            linecache.cache.pop(name, None)
        self.names.clear()
