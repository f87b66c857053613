"""Puts what the driver says of other holders of a device into a kernel's account."""

from __future__ import annotations

from typing import Any

from ..hardware.beside import Held, beside, position


def tell(
    answer: dict[str, Any], status: dict[str, Any], pid: int | None, kernel_id: str
) -> dict[str, Any]:
    """``answer``, a ``KernelMemory``, with ``used`` and ``others`` of its accelerators.

    ``status``: a ``Status`` of the machine, taken at the same time.  ``pid``: the kernel's, or
    None when it is not on this machine or not known.
    """
    there = status["devices"] if pid is not None else []
    rows = [row for row in answer["devices"] if row["device"] != "cpu"]
    for row in rows:
        found = position(row["uuid"], [one["uuid"] for one in there])
        device = None if found is None else there[found]
        if device is None and row["uuid"] is None and len(rows) == 1:
            device = _by_process(row, there, pid)
        if device is None:
            continue
        row["used"] = device["memory"]["used"]
        holders = [Held(*map(one.get, Held._fields)) for one in device["processes"]]
        others = beside(row["used"], row["reserved"], holders, pid, kernel_id)
        row["others"] = [one.to_dict() for one in others]
    return answer


def needs_a_sample(answer: dict[str, Any]) -> bool:
    """Whether a device is in the answer of which a driver may know more."""
    return any(
        row["device"].startswith("cuda") or row["uuid"] is not None for row in answer["devices"]
    )


def _by_process(
    row: dict[str, Any], devices: list[dict[str, Any]], pid: int | None
) -> dict[str, Any] | None:
    """The one on which the kernel is; an old torch does not tell its device's UUID."""
    if not row["device"].startswith("cuda"):
        return None
    found = [one for one in devices if any(held["pid"] == pid for held in one["processes"])]
    return found[0] if len(found) == 1 else None
