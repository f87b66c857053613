"""A real NVIDIA GPU, where there is one: the driver's answers beside torch's."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from jupyter_dlkit.hardware.collect import Collector

from .stub import GIB, MIB
from .test_collect import validate

pytestmark = pytest.mark.gpu

# Holds memory on cuda:0 until its input ends.
HOLDER = f"""
import json, sys, torch
held = torch.ones({512 * MIB}, dtype=torch.uint8, device="cuda:0")
torch.cuda.synchronize()
properties = torch.cuda.get_device_properties(0)
print(json.dumps([str(properties.uuid), properties.name, properties.total_memory]), flush=True)
sys.stdin.read()
"""


def test_a_tensor_on_it_is_seen_from_outside() -> None:
    collector = Collector()
    before = {device.uuid: device for device in collector.sample().devices}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        uuid, name, total = json.loads(holder.stdout.readline())
        sample = collector.sample()
        holder.communicate(timeout=60)
    collector.close()
    validate(sample.to_dict())
    assert sample.driver is not None
    (device,) = [one for one in sample.devices if one.uuid.endswith(uuid)]
    assert device.name == name
    assert device.memory.total == pytest.approx(total, rel=0.1)
    assert device.memory.used is not None
    assert before[device.uuid].memory.used is not None
    grown = device.memory.used - (before[device.uuid].memory.used or 0)
    assert 0.5 * GIB <= grown < 4 * GIB
    for process in device.processes:  # the pid is known only outside of containers
        if process.pid == holder.pid:
            assert process.bytes is None or process.bytes >= 512 * MIB
            assert (process.name or "").startswith("python")
