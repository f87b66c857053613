"""Kernels on both stacks in which errors are explained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.caller import Caller
from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT, Stack

#: A second device, as `device`; the tests' own code is found in the checkout.
PREPARE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests import second_device
second_device.load()
import torch
torch.set_num_threads(1)
device = torch.device("toy", 0)
del sys, second_device
"""


@pytest.fixture(scope="module")
def explaining(stack: Stack) -> Iterator[Caller]:
    """The agent in a kernel with torch, into which it was carried."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        caller = Caller(kernel)
        assert caller.attach()["status"] == "ok"
        yield caller
