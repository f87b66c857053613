"""How long it takes until a kernel that never heard of us answers; and our import."""

from __future__ import annotations

import time
from collections.abc import Iterator

from jupyter_dlkit.kernel import carry, protocol
from tests.live.kernel import LiveKernel
from tests.live.stack import stack as stack_named
from tests.packaging.test_import import measured

from . import cells
from .figures import Figure, Sample


def attach(kernel: LiveKernel) -> float:
    """Milliseconds from sending the agent to its first answer."""
    started = time.perf_counter()
    reply = kernel.control("execute_request", carry.attach_content())
    assert reply["content"]["status"] == "ok", reply["content"]
    reply = kernel.control(protocol.REQUEST, protocol.request(protocol.HELLO))
    assert reply["metadata"][protocol.HEAD]["ok"], reply
    return (time.perf_counter() - started) * 1000


def attaching(stack: str, kernels: int) -> Iterator[Figure]:
    """Idle, and in the middle of a cell that spins; a new kernel each time."""
    samples = {"idle": Sample(), "in the middle of a cell": Sample()}
    for name, sample in samples.items():
        for _ in range(kernels):
            with LiveKernel(stack_named(stack)) as kernel:
                kernel.run(cells.TENSORS.format(count=1000))
                if name != "idle":
                    running = kernel.start(cells.SPIN)
                    kernel.wait_for_output(running, "running")
                    time.sleep(0.3)  # well into it
                sample.values.append(attach(kernel))
    for name, sample in samples.items():
        yield Figure(
            f"attaching, {name}, median", stack, sample.median, "ms", 150, note=str(sample)
        )


def importing(processes: int) -> Figure:
    """Loading the extension in a server that has loaded everything else."""
    sample = Sample([float(str(measured()["ours_ms"])) for _ in range(processes)])
    name = "importing the server extension, median"
    return Figure(name, "server", sample.median, "ms", 30, note=str(sample))
