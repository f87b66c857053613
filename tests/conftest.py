"""What all tests share: the two stacks, kernels on them, and the suite ``cuda``."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import Stack
from tests.live.stack import stack as stack_named

SUITE = "cuda"
#: What the gate runs: the same examples each time, so that it judges the change alone.  Without
#: it (``python -m pytest``) the examples are others each time, to find what nobody thought of.
hypothesis.settings.register_profile("gate", derandomize=True, database=None)

NO_GPU = f"suite {SUITE}: this machine has no GPU that torch can use"


@pytest.fixture(scope="session", params=["today", "colab"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """Today's stack and Colab's; one that is missing is an error, not a skip."""
    return stack_named(request.param)


@pytest.fixture
def live_kernel(stack: Stack) -> Iterator[LiveKernel]:
    """A kernel of its own for one test, without our package in its environment."""
    with LiveKernel(stack) as kernel:
        yield kernel


@functools.cache
def torch_sees_a_gpu() -> bool:
    """Asked in a process of its own, and only where a driver is."""
    if not any(Path("/dev").glob("nvidia[0-9]*")):
        return False
    code = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a GPU are skipped by the name of their suite."""
    for item in items:
        if item.get_closest_marker("gpu") and not torch_sees_a_gpu():
            item.add_marker(pytest.mark.skip(reason=NO_GPU))
