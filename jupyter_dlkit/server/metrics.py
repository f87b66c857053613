"""Gauges in Prometheus' default registry, which the server shows under /metrics."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gauges:
    """What is measured; values are those of the last sample."""

    device_used: Any
    device_total: Any
    device_utilization: Any
    host_used: Any
    host_total: Any
    kernel_tensors: Any


@functools.cache
def gauges() -> Gauges:
    """Registered once for each process, and only when something is measured."""
    from prometheus_client import Gauge

    device = ("uuid", "name")
    return Gauges(
        Gauge("dlkit_device_memory_used_bytes", "Memory in use on a device.", device),
        Gauge("dlkit_device_memory_total_bytes", "Memory of a device.", device),
        Gauge("dlkit_device_utilization_percent", "Load of a device.", device),
        Gauge("dlkit_host_memory_used_bytes", "Memory in use on the host."),
        Gauge("dlkit_host_memory_total_bytes", "Memory of the host, or the container's limit."),
        Gauge(
            "dlkit_kernel_tensor_bytes",
            "Bytes of a kernel's tensors, each storage once, as last listed.",
            ("kernel_id", "device"),
        ),
    )


def machine(status: dict[str, Any]) -> None:
    """Takes a ``Status``; what a device cannot report is left out, never 0."""
    g = gauges()
    memory = status["host"]["memory"]
    _set(g.host_used, memory["used"])
    _set(g.host_total, memory["limit"] if memory["limit"] is not None else memory["total"])
    for gauge in (g.device_used, g.device_total, g.device_utilization):
        gauge.clear()
    for device in status["devices"]:
        labels = (device["uuid"], device["name"] or "")
        for gauge, value in (
            (g.device_used, device["memory"]["used"]),
            (g.device_total, device["memory"]["total"]),
            (g.device_utilization, device["utilization"]),
        ):
            if value is not None:
                gauge.labels(*labels).set(value)


def kernels(held: dict[str, dict[str, int]]) -> None:
    """Takes ``{kernel_id: {device: bytes}}`` of the running kernels."""
    gauge = gauges().kernel_tensors
    gauge.clear()
    for kernel_id, by_device in held.items():
        for device, size in by_device.items():
            gauge.labels(kernel_id, device).set(size)


def _set(gauge: Any, value: float | None) -> None:
    if value is not None:
        gauge.set(value)
