"""Kernels on both stacks that tell when they run out of memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.explain.conftest import PREPARE
from tests.live.kernel import LiveKernel
from tests.live.stack import Stack

WATCH = """
from jupyter_dlkit.kernel.memory_errors import hook
_watching = hook.load(get_ipython())
from tests import second_device
second_device.limit(0, 100_000)
"""


@pytest.fixture(scope="module")
def watched(stack: Stack) -> Iterator[LiveKernel]:
    """A kernel whose ``toy:0`` has 100,000 bytes."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        kernel.run(WATCH)
        yield kernel
