"""Notebooks on both stacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import Stack

from .notebook import FOUND, Notebook

#: A second device: ``toy:0``.
PREPARE = f"""
{FOUND}
__import__("tests.second_device").second_device.load()
import torch
torch.set_num_threads(1)
"""


@pytest.fixture(scope="package")
def shared(stack: Stack) -> Iterator[Notebook]:
    """One with torch and a second device."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        yield Notebook(kernel)


@pytest.fixture
def notebook(shared: Notebook) -> Notebook:
    """The magics are loaded, and the namespace has ``torch`` only."""
    shared.run("%reset -f")
    shared.run("import torch")
    assert shared.run("%reload_ext jupyter_dlkit").status == "ok"
    return shared


@pytest.fixture
def fresh(stack: Stack) -> Iterator[Notebook]:
    """A new kernel, in which nothing was run."""
    with LiveKernel(stack) as kernel:
        yield Notebook(kernel)
