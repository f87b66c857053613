"""What a training loop loses to a panel that is subscribed at its default rate.

The slow-down itself drowns in a machine's noise.  So: how many steps fewer the
loop makes in a short window around a poll than in a window between two polls,
for at least a hundred polls; times the rate of the polls.
"""

from __future__ import annotations

import array
import json
import random
import statistics
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tests.live.server import LiveServer, ServedKernel

from . import cells
from .figures import Figure
from .lists import wait_until_attached

#: Seconds before and after the arrival of a list in which what it cost must lie.
BEFORE, AFTER = 0.20, 0.30
#: What the panel asks for unless a person set something else, in seconds.
INTERVAL = 2.0


def arrivals(server: LiveServer, kernel: ServedKernel, polls: int) -> list[float]:
    """When (``time.monotonic``) each list, or that it has not changed, arrived at a client
    that subscribed."""
    socket = server.socket("jupyter_dlkit/stream")
    for topic in ({"topic": "status"}, {"topic": "kernel", "kernel_id": kernel.id}):
        socket.send(json.dumps({"type": "subscribe", "interval": INTERVAL, **topic}))
    times: list[float] = []
    last = time.monotonic()
    while len(times) <= polls:
        message = json.loads(socket.recv())
        if message["type"] in ("tensors", "unchanged"):
            last = time.monotonic()
            times.append(last)
        assert time.monotonic() - last < 60, f"no list for a minute, but {message['type']}"
    socket.close()
    return times[1:]  # the first was not at the default rate


def steps_between(ends: Sequence[float], start: float, stop: float) -> float:
    """How many steps were made in a stretch of time, parts of steps included."""

    def position(moment: float) -> float:
        after = bisect_left(ends, moment)
        if not 0 < after < len(ends):
            raise ValueError("the loop was not running then")
        before, here = ends[after - 1], ends[after]
        return after - 1 + (moment - before) / (here - before)

    return position(stop) - position(start)


def losses(ends: Sequence[float], polls: Sequence[float]) -> list[float]:
    """Seconds that each poll took from the loop: its window against the two quiet ones
    half-way to the polls before and after."""
    found = []
    length = BEFORE + AFTER
    for before, poll, after in zip(polls, polls[1:], polls[2:], strict=False):
        quiet = [(before + poll) / 2, (poll + after) / 2]
        if min(poll - before, after - poll) < 2 * length:
            continue
        calm = statistics.fmean(
            steps_between(ends, middle - length / 2, middle + length / 2) for middle in quiet
        )
        there = steps_between(ends, poll - BEFORE, poll + AFTER)
        found.append(length * (1 - there / calm))
    return found


def interval_of_mean(values: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """Bootstrap confidence interval of the mean (seeded)."""
    draw = random.Random(0)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(4000))
    edge = (1 - share) / 2
    return means[int(edge * len(means))], means[int((1 - edge) * len(means)) - 1]


def slow_down(server: LiveServer, stack: str, count: int, polls: int) -> Iterator[Figure]:
    """With ``count`` tensors listed, over ``polls`` polls."""
    kernel = server.start_kernel(stack)
    kernel.run(cells.MODEL.format(count=count))
    wait_until_attached(server, kernel)
    running = kernel.start(cells.TRAIN)
    kernel.wait_for_output(running, "running")
    times = arrivals(server, kernel, polls + 2)
    time.sleep(2)
    kernel.reconnect()
    kernel.interrupt()
    kernel.finish(running)
    kernel.run(cells.SAVE_ENDS)
    ends = array.array("d", (server.folder / "ends.bin").read_bytes())
    kernel.shut_down()
    lost = losses(ends, times)
    every = (times[-1] - times[0]) / (len(times) - 1)
    low, high = interval_of_mean(lost)
    mean = statistics.fmean(lost)
    step = (ends[-1] - ends[0]) / (len(ends) - 1)
    name = f"training slow-down, {count:,} tensors, panel subscribed"
    note = (
        f"{len(lost)} polls, one every {every:.2f} s, {mean * 1e3:.1f} ms lost per poll; 95 %:"
        f" {low / every:.2%} to {high / every:.2%}; a step takes {step * 1e3:.1f} ms"
    )
    yield Figure(name, stack, 100 * mean / every, "%", 1.0, note=note)
