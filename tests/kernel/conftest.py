"""One kernel for each stack, with torch and the agent in it, cleared for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import Stack

from .caller import Caller, Listing

PROBE = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")

INSTALL = """
import sys, types
sys.modules["probe"] = types.ModuleType("probe")
exec({source!r}, sys.modules["probe"].__dict__)
"""


class Shared:
    """A kernel that tests share; a new one where a test has killed it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._kernel: LiveKernel | None = None

    def get(self) -> LiveKernel:
        """A kernel that has imported torch, and whose namespace is empty."""
        if self._kernel is not None and not self._kernel.alive:
            self.close()
        if self._kernel is None:
            self._kernel = LiveKernel(self.stack).__enter__()
            self._kernel.run(INSTALL.format(source=PROBE))
            self._kernel.run("import torch, numpy; torch.set_num_threads(1)")
        self._kernel.run("get_ipython().run_line_magic('reset', '-f')")
        return self._kernel

    def close(self) -> None:
        """Kill it."""
        if self._kernel is not None:
            self._kernel.__exit__(None, None, None)
            self._kernel = None


@pytest.fixture(scope="session")
def shared(stack: Stack) -> Iterator[Shared]:
    """The shared kernel of a stack."""
    kernel = Shared(stack)
    yield kernel
    kernel.close()


@pytest.fixture
def kernel(shared: Shared) -> LiveKernel:
    """A kernel with torch and an empty namespace."""
    return shared.get()


@pytest.fixture
def caller(kernel: LiveKernel) -> Caller:
    """The agent in that kernel."""
    caller = Caller(kernel)
    reply = caller.attach()
    assert reply["status"] == "ok", reply
    return caller


class Probe:
    """Asks the kernel itself, past the agent."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel

    def __call__(self, function: str, *arguments: Any) -> Any:
        """What a function of ``probe.py`` prints."""
        code = f"__import__('sys').modules['probe'].{function}(*{list(arguments)!r})"
        outcome = self.kernel.finish(self.kernel.start(code, silent=True))
        assert outcome.stdout, outcome
        return json.loads(outcome.stdout)

    def misnamed(self, listing: Listing) -> list[str]:
        """Rows whose name or alias does not reach the object that their id tells."""
        pairs = [(row["name"], row["id"]) for row in listing.rows]
        pairs += [(alias, row["id"]) for row in listing.rows for alias in row["aliases"]]
        reached = self("reach", [name for name, _ in pairs])
        return [
            f"{name}: {address}, not {identity}"
            for (name, identity), address in zip(pairs, reached, strict=True)
            if identity.partition("-")[0] != address
        ]

    def misdescribed(self, listing: Listing) -> list[str]:
        """Fields of plain rows in which the list and torch (or NumPy) differ."""
        answers = self("expected", [row["name"] for row in listing.rows])
        return [
            f"{row['name']}.{field}: {shown}, not {value}"
            for row, answer in zip(listing.rows, answers, strict=True)
            for field, value in answer.items()
            for shown in [row["storage"]["bytes"] if field == "storage_bytes" else row[field]]
            if shown != value
        ]


@pytest.fixture
def probe(kernel: LiveKernel) -> Probe:
    """Asks the kernel itself, past the agent."""
    return Probe(kernel)
