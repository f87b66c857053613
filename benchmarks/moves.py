"""A move of one large tensor, beside ``Tensor.to``: pairs, in one process."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from .figures import Figure, Sample

GIB = 1 << 30
#: Runs in a process of its own: the second device, once loaded, stays.
CODE = "from benchmarks.moves import measured; print(*measured({pairs}))"


def moving(pairs: int) -> Iterator[Figure]:
    """1 GiB from the host to the device: a GPU where there is one, else the second device."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(pairs=pairs)],
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    device, *times = done.stdout.split()
    ours, theirs = Sample([float(t) for t in times[::2]]), Sample([float(t) for t in times[1::2]])
    ratio = statistics.median(a / b for a, b in zip(ours.values, theirs.values, strict=True))
    note = f"ours: {ours}; Tensor.to: {theirs}, ms"
    name = f"moving 1 GiB to {device}, beside Tensor.to, median of pairs"
    yield Figure(name, "today", ratio, "×", 1.05, note=note)


def measured(pairs: int) -> list[Any]:
    """The device, then milliseconds of our move and of ``Tensor.to``, in turns."""
    import torch

    from jupyter_dlkit.kernel.transfer import Transfer
    from tests import second_device

    if torch.cuda.is_available():
        device, wait = "cuda:0", torch.cuda.synchronize
    else:
        second_device.load()
        device, wait = "toy:0", gc.collect
    names: dict[str, Any] = {}
    transfer = Transfer(lambda: names, lambda: {})

    def move() -> None:
        assert transfer.move(["x"], device).state == "done"

    def to() -> None:
        names["x"] = names["x"].to(device)

    def timed(act: Callable[[], None]) -> float:
        names["x"] = torch.ones(GIB // 4)
        gc.collect()
        wait()
        started = perf_counter()
        act()
        wait()
        taken = (perf_counter() - started) * 1000
        names.clear()
        return taken

    timed(move), timed(to)  # the first of each pays for what both then have
    found: list[Any] = [device]
    for turn in range(pairs):
        if turn % 2:
            theirs, ours = timed(to), timed(move)
        else:
            ours, theirs = timed(move), timed(to)
        found += [ours, theirs]
    return found
