"""Answers to show, made by hand: a small network and its data, and machines that are not here."""

from __future__ import annotations

from math import prod
from typing import Any

from jupyter_dlkit.api.devices import Device as TorchDevice
from jupyter_dlkit.api.devices import Devices
from jupyter_dlkit.api.result import ByDevice
from jupyter_dlkit.api.row import Storage, TensorRow
from jupyter_dlkit.api.status import Status
from jupyter_dlkit.api.tensors import Group, Tensors, Total
from jupyter_dlkit.api.usage import DeviceUsage, Usage
from jupyter_dlkit.hardware.place import Place
from jupyter_dlkit.hardware.values import Device, DeviceMemory, Host, HostMemory, Power, Process
from jupyter_dlkit.show.tensor_lines import held

GIB = 1 << 30


def row(name: str, *shape: int, **fields: Any) -> TensorRow:
    """A float32 tensor on the CPU, with a storage of its own."""
    count = prod(shape)
    known: dict[str, Any] = {
        "id": name, "name": name, "aliases": (), "owner": "variable", "group": None,
        "type": "Tensor", "shape": shape, "rank": len(shape), "dtype": "float32", "device": "cpu",
        "layout": "strided", "numel": count, "bytes": 4 * count, "storage": None,
        "is_view": False, "is_contiguous": True, "strides": None, "storage_offset": 0,
        "requires_grad": False, "is_leaf": True, "grad_fn": None, "version": 0,
    }  # fmt: skip
    known.update(fields)
    if "storage" not in fields:
        known["storage"] = Storage(name, known["bytes"], 0)
    return TensorRow(**known)


def listed(*rows: TensorRow, groups: tuple[Group, ...] = (), **fields: Any) -> Tensors:
    """A list of these, as it is when nothing was left out."""
    totals: dict[str, Total] = {}
    for device in dict.fromkeys(one.device or "cpu" for one in rows):
        there = [one for one in rows if one.device == device]
        totals[device] = Total(len(there), held(there))
    known: dict[str, Any] = {
        "rows": rows, "groups": groups, "totals": ByDevice(totals), "total": len(rows),
        "complete": True, "cut": ByDevice({}), "torch": "2.13.0", "note": None,
    }  # fmt: skip
    return Tensors(**{**known, **fields})


def training(**fields: Any) -> Tensors:
    """Images and views of them, a network on an accelerator, and a number."""
    shared = Storage("images", 6422528, 2)
    weight = {"group": "model", "owner": "parameter", "type": "Parameter", "device": "cuda:0"}
    return listed(
        row("batches['first']", 64, 1, 28, 28, group="batches", is_view=True, storage=shared),
        row("batches['last']", 64, 1, 28, 28, group="batches", is_view=True, storage=shared),
        row("images", 2048, 1, 28, 28, storage=shared),
        row("labels", 2048, dtype="int64", bytes=16384),
        row("loss"),
        row("model[0].weight", 16, 1, 3, 3, **weight),
        row("model[0].bias", 16, **weight),
        row("model[1].num_batches_tracked", **{**weight, "dtype": "int64", "bytes": 8}),
        groups=(Group("batches", "container", "dict"), Group("model", "module", "Sequential")),
        **fields,
    )


CPU = TorchDevice("cpu", "AMD EPYC", "cpu", None, True, None, None, None, None)
CUDA = TorchDevice(
    "cuda:0", "NVIDIA RTX 6000", "cuda", "GPU-1", True, 6 * GIB, 8 * GIB, 48 * GIB, 28 * GIB
)
HOST = Host("vm", 12.0, 8, HostMemory(64 * GIB, 16 * GIB, 48 * GIB, None, "host"), None, None, ())


def workstation() -> Status:
    """Two GPUs; on the first this kernel, another notebook's, and a stranger's process."""
    first = Device(
        "GPU-1", 0, "NVIDIA RTX 6000", "nvidia", DeviceMemory(48 * GIB, 20 * GIB, 28 * GIB), 82.0,
        71.0, Power(244.0, 300.0),
        processes=(
            Process(11, 9 * GIB, "python"),
            Process(12, 4 * GIB, "python", "k2", "sweep.ipynb"),
            Process(None, 5 * GIB, None),
        ),
    )  # fmt: skip
    second = Device("GPU-2", 1, "NVIDIA RTX 6000", "nvidia", DeviceMemory(48 * GIB, 0, 48 * GIB))
    kernel = Devices((CPU, CUDA), "cuda:0", "2.13.0", None)
    return laptop(devices=(first, second), kernel=kernel, note=None, advice=None)


def laptop(**fields: Any) -> Status:
    """No accelerator, and torch not imported."""
    kernel = Devices((CPU,), None, None, "This kernel has not imported torch.")
    known: dict[str, Any] = {
        "host": HOST, "devices": (), "driver": None, "kernel": kernel, "pid": 11,
        "place": Place(), "note": "No NVIDIA driver was found.",
        "advice": "Install the driver, or work on the CPU.",
    }  # fmt: skip
    return Status(**{**known, **fields})


def cell() -> Usage:
    """A cell that set a new peak on one device, and none on the other."""
    return Usage(
        1.234,
        ByDevice(
            {
                "cuda:0": DeviceUsage(GIB, 3 * GIB, 2 * GIB, 5 * GIB, True),
                "cuda:1": DeviceUsage(GIB, GIB, 0, 2 * GIB, False),
            }
        ),
        DeviceUsage(4 * GIB, 4 * GIB - (12 << 20), -(12 << 20), None, False),
    )
