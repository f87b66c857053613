"""A server with kernels, for every test that needs no settings of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.server import LiveServer, ServedKernel

TRAINING = """
import torch
x, y = torch.zeros(32, 1), torch.zeros(32)
model = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
batch = {"image": torch.zeros(64, 1, 28, 28), "label": torch.zeros(64, dtype=torch.int64)}
"""


@dataclass(frozen=True)
class Lab:
    """A server with two notebooks; `env` makes a shell find it."""

    server: LiveServer
    training: ServedKernel
    empty: ServedKernel

    @property
    def env(self) -> dict[str, str]:
        return {"JUPYTER_RUNTIME_DIR": str(runtime(self.server))}


def runtime(server: LiveServer) -> Path:
    """Where a server writes that it runs."""
    return server.folder.parent / "runtime"


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with LiveServer(["DLKit.request_timeout=2"]) as server:
        (server.folder / "deep").mkdir()
        training = server.start_kernel("today", "deep/training.ipynb")
        training.run(TRAINING)
        empty = server.start_kernel("colab", "empty.ipynb")
        empty.run("pass")
        yield Lab(server, training, empty)
