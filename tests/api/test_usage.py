"""What a piece of work used: exact where it is known, a bound where it is not."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from jupyter_dlkit.api.usage import DeviceUsage, Meter
from tests import second_device
from tests.live.kernel import LiveKernel

from .conftest import said

MIB = 1 << 20


@pytest.fixture
def toy() -> Iterator[Any]:
    """The second device, with nothing on it and a peak of nothing."""
    module = second_device.load()
    second_device.reset()
    gc.collect()
    for index in range(2):
        module.reset_peak_memory_stats(index)
    yield module
    second_device.reset()


def mib(count: int, device: str = "toy") -> torch.Tensor:
    return torch.empty(count * MIB, dtype=torch.uint8, device=device)


def test_a_new_peak_is_exact(toy: Any) -> None:
    meter = Meter().start()
    x, y = mib(3), mib(2)
    del y
    used = meter.stop()
    assert used.devices["toy:0"] == DeviceUsage(0, 3 * MIB, 3 * MIB, 5 * MIB, True)
    assert used.devices["toy:1"] == DeviceUsage(0, 0, 0, 0, True)
    assert 0 < used.seconds < 30
    del x


def test_below_an_old_peak_it_is_a_bound_and_the_counter_is_left_alone(toy: Any) -> None:
    x = mib(8)
    del x
    meter = Meter().start()
    y = mib(1)
    used = meter.stop()
    assert used.devices["toy:0"] == DeviceUsage(0, MIB, MIB, 8 * MIB, False)
    assert toy.max_memory_allocated(0) == 8 * MIB
    del y


def test_at_the_old_peak_it_is_exact(toy: Any) -> None:
    x = mib(8)
    meter = Meter().start()
    del x
    assert meter.stop().devices["toy:0"] == DeviceUsage(8 * MIB, 0, -8 * MIB, 8 * MIB, True)


def test_resetting_is_asked_for(toy: Any) -> None:
    x = mib(8)
    del x
    meter = Meter(reset_peak=True).start()
    y = mib(1)
    used = meter.stop()
    assert used.devices["toy:0"] == DeviceUsage(0, MIB, MIB, MIB, True)
    assert toy.max_memory_allocated(0) == MIB
    del y


def test_after_the_users_own_reset_no_peak_is_claimed(toy: Any) -> None:
    x = mib(8)
    del x
    meter = Meter().start()
    y = mib(2)
    toy.reset_peak_memory_stats(0)
    used = meter.stop()
    assert used.devices["toy:0"] == DeviceUsage(0, 2 * MIB, 2 * MIB, None, False)
    del y


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of /proc")
def test_the_memory_of_the_process(toy: Any) -> None:
    meter = Meter(reset_peak=True).start()
    held = torch.ones(96 * MIB, dtype=torch.uint8)
    more = torch.ones(64 * MIB, dtype=torch.uint8)
    del more
    used = meter.stop().ram
    assert used.before is not None and used.change is not None and used.peak is not None
    assert used.change > 90 * MIB
    assert used.peak - used.before > 150 * MIB and used.peak_is_exact
    del held
    later = Meter().start().stop().ram
    assert later.peak is not None and later.peak >= used.peak and not later.peak_is_exact


def test_a_device_brought_up_on_the_way_counts_from_nothing(stack: Any) -> None:
    with LiveKernel(stack) as kernel:
        from tests.live.stack import ROOT

        kernel.run(f"import sys\nsys.path.insert(0, {str(ROOT)!r})", timeout=60)
        kernel.run("from jupyter_dlkit.api.usage import Meter\nmeter = Meter().start()")
        kernel.run("import torch\nfrom tests.second_device import load\ntoy = load()", timeout=120)
        kernel.run("x = torch.ones(1 << 18, device='toy:1')\nused = meter.stop()")
        assert said(kernel, "used.devices['toy:1'].before, used.devices['toy:1'].peak") == (
            f"0 {MIB}"
        )
        assert said(kernel, "used.devices['toy:1'].peak_is_exact") == "True"
