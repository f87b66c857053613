"""A machine with stub GPUs, and a process that samples it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from .sampler import Sampler
from .stub import Machine


class Watch(Protocol):
    """Starts a sampler on a machine; arguments are those of Collector."""

    def __call__(self, machine: Machine, **arguments: Any) -> Sampler: ...


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "nvidia", record=True)


@pytest.fixture
def watch() -> Iterator[Watch]:
    with ExitStack() as stack:

        def start(machine: Machine, **arguments: Any) -> Sampler:
            return stack.enter_context(Sampler(machine.environment(), **arguments))

        yield start
