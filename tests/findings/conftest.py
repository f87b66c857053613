"""Kernels on both stacks, with the agent in them and a second device, whose memory is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.explain.conftest import PREPARE
from tests.live.kernel import LiveKernel
from tests.live.stack import Stack
from tests.release.conftest import Releasing

#: What a notebook begins with; a model of 4,202,496 bytes.
SETUP = """
import torch
from torch import nn
device = torch.device("toy", 0)
"""
MODEL = """
def make():
    return nn.Sequential(nn.Linear(256, 2048), nn.ReLU(), nn.Linear(2048, 256)).to(device)
model = make()
x = torch.randn(256, 256).to(device)
"""
OPTIMIZER = "optimizer = torch.optim.Adam(model.parameters())"
MIB = 1 << 20


class Finding(Releasing):
    """A notebook, of which findings are told."""

    def cells(self, *codes: str) -> None:
        """Run cells, one after the other."""
        for code in codes:
            self.run(code)

    def findings(self) -> list[dict[str, Any]]:
        """As the panel gets them."""
        answer = self.caller.answer(protocol.MEMORY, timeout_ms=60_000)
        assert answer["complete"], answer["left_out"]
        found: list[dict[str, Any]] = answer["findings"]
        return found

    def one(self, code: str) -> dict[str, Any]:
        """The only finding, which is of that kind."""
        found = self.findings()
        assert [one["code"] for one in found] == [code], found
        assert found[0]["message"].endswith(".")
        assert found[0]["hint"]
        return found[0]

    def gives_back(self, finding: dict[str, Any]) -> None:
        """Its button frees the bytes that it told, to the byte."""
        assert finding["device"] == "toy:0"
        before = self.allocated()[0]
        self.release(finding["action"]["release"])
        assert before - self.allocated()[0] == finding["bytes"]


@pytest.fixture(scope="module")
def shared(stack: Stack) -> Iterator[Finding]:
    """A kernel for all tests of a module."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        yield Finding(kernel)


@pytest.fixture
def notebook(shared: Finding) -> Finding:
    """That kernel, holding nothing, with a notebook's first cell run."""
    shared.run("get_ipython().run_line_magic('reset', '-f')\nimport torch, gc, sys")
    shared.release("last_exception", "garbage")
    assert shared.allocated() == (0, 0)
    shared.run(SETUP)
    return shared
