"""Devices to move to, each with a user."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import torch

from tests import second_device

from .target import Target
from .user import User

TOY = second_device.NAME
#: The second device here, the real one where there is one.
DEVICES = [
    pytest.param(TOY, id=TOY),
    pytest.param("cuda", id="cuda", marks=pytest.mark.gpu),
]


@pytest.fixture(scope="package", autouse=True)
def little_heap() -> Iterator[None]:
    """What was there before is out of the collector's sight: a move looks at all of the heap,
    and pytest's is large."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def target_named(kind: str) -> Iterator[Target]:
    """The device, whose bytes are again what they were when the test is over."""
    torch.set_num_threads(1)
    if kind == TOY:
        second_device.load()
        second_device.reset()
    target = Target(kind)
    before = target.allocated()
    yield target
    if kind == TOY:
        second_device.reset()
    assert target.allocated() == before, "the test left bytes on the device"


@pytest.fixture(params=DEVICES)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A device that tensors can be pointed at, as CUDA is."""
    yield from target_named(request.param)


@pytest.fixture
def replacing() -> Iterator[Target]:
    """The second device when ``a.data = b`` does not reach it."""
    for target in target_named(TOY):
        second_device.load(compatible=False)
        target.replaces = True
        yield target
        second_device.load()


@pytest.fixture
def user(target: Target) -> Iterator[User]:
    """A user whose kernel has the device; the namespace is gone at the end."""
    someone = User(target)
    yield someone
    someone.names.clear()
    someone.outputs.clear()
    del someone.transfer
