"""The second device and a user whose memory is accounted for."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import torch

from tests import second_device

from . import operations
from .notebook import Notebook

DEVICES = [
    pytest.param(second_device.NAME, id=second_device.NAME),
    pytest.param("cuda", id="cuda", marks=pytest.mark.gpu),
]


@pytest.fixture(scope="package", autouse=True)
def little_heap() -> Iterator[None]:
    """What was there before is out of the collector's sight."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(params=DEVICES)
def notebook(request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook with a device, which is empty again at the end."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if request.param == second_device.NAME:
        operations.register()
        second_device.load()
        second_device.reset()
    gc.collect()
    one = Notebook(request.param)
    before = one.allocated()
    yield one
    one.close()
    gc.collect()
    assert one.allocated() == before, "the test left bytes on the device"


@pytest.fixture
def host() -> Iterator[Notebook]:
    """A notebook on the CPU."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    gc.collect()
    one = Notebook("cpu")
    yield one
    one.close()
