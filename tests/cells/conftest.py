"""Kernels on both stacks whose executions are noted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.explain.conftest import PREPARE
from tests.kernel.caller import Caller
from tests.live.kernel import LiveKernel, Outcome
from tests.live.stack import Stack


class Noting:
    """The agent in a kernel with torch and a second device, into which it was carried."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel
        self.caller = Caller(kernel)
        assert self.caller.attach()["status"] == "ok"
        self.caller.hello()
        self.number = 0

    def answer(self, after: float = 0.0) -> dict[str, Any]:
        """What was noted since this was asked the last time; moments ``after`` a time."""
        found = self.caller.answer(protocol.CELLS, since=self.number, after=after)
        self.number = found["number"]
        return found

    def noted(self, code: str, **options: Any) -> tuple[list[dict[str, Any]], Outcome]:
        """Run a cell, whatever comes of it; what was noted of it."""
        self.answer()
        outcome = self.kernel.finish(self.kernel.start(code, **options))
        return self.answer()["cells"], outcome

    def one(self, code: str) -> dict[str, Any]:
        """Run a cell; the one note of it."""
        (cell,), outcome = self.noted(code)
        assert outcome.error is None, outcome.error
        assert cell["execution_count"] == outcome.execution_count
        return cell


@pytest.fixture(scope="module")
def noting(stack: Stack) -> Iterator[Noting]:
    """A kernel whose executions are noted."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        yield Noting(kernel)
