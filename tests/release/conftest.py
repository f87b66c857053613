"""Kernels on both stacks in which memory is released, with a second device."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.explain.conftest import PREPARE
from tests.kernel.caller import Caller
from tests.live.kernel import PATIENCE, LiveKernel, Outcome
from tests.live.stack import Stack

#: Without a reference of ours to what is measured.
ALLOCATED = "print(torch.toy.memory_allocated(0), torch.toy.memory_allocated(1))"


class Releasing:
    """The agent in a kernel with torch and a second device, into which it was carried."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel
        self.caller = Caller(kernel)
        assert self.caller.attach()["status"] == "ok"
        self.number = 0

    def run(self, code: str, fails: bool = False) -> Outcome:
        """A cell, which fails or does not."""
        # Else ipykernel 6 aborts what is sent right after a cell that failed.
        outcome = self.kernel.finish(self.kernel.start(code, stop_on_error=False))
        assert (outcome.error is not None) is fails, outcome
        return outcome

    def allocated(self) -> tuple[int, int]:
        """Bytes on ``toy:0`` and ``toy:1``, as the device counts them."""
        said = self.kernel.finish(self.kernel.start(ALLOCATED, silent=True)).stdout.split()
        return int(said[0]), int(said[1])

    def send(self, op: str, **args: Any) -> str:
        """A change, on the shell channel; the id of its message."""
        channel = self.kernel.client.shell_channel
        message = self.kernel.client.session.msg(protocol.REQUEST, protocol.request(op, args))
        channel.send(message)
        return str(message["header"]["msg_id"])

    def reply(self, message_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Head and content of what was answered."""
        deadline = time.monotonic() + PATIENCE
        while True:
            left = max(0.0, deadline - time.monotonic())
            reply = self.kernel.client.shell_channel.get_msg(timeout=left)
            if reply["parent_header"].get("msg_id") == message_id:
                return reply["metadata"][protocol.HEAD], reply["content"]

    def release(self, *what: str) -> dict[str, Any]:
        """Release, which works."""
        self.number += 1
        message = self.send(protocol.RELEASE, id=f"r{self.number}", what=list(what))
        head, content = self.reply(message)
        assert head["ok"], content
        assert content["state"] == "done"
        return content

    def owners(self, device: str) -> list[dict[str, Any]]:
        """Who has a device's memory; to the byte."""
        reply = self.kernel.control(protocol.REQUEST, protocol.request(protocol.MEMORY, {}))
        (found,) = [one for one in reply["content"]["devices"] if one["device"] == device]
        assert found["unaccounted"] == 0
        return list(found["owners"])

    def refused(self, *what: str) -> dict[str, Any]:
        """Release, which is refused."""
        head, content = self.reply(self.send(protocol.RELEASE, id="r", what=list(what)))
        assert not head["ok"]
        return {"status": head["status"], **content["error"]}

    def preview(self, *what: str) -> dict[str, Any]:
        """What a release would do."""
        args = {"op": protocol.RELEASE, "what": list(what)}
        reply = self.kernel.control(protocol.REQUEST, protocol.request(protocol.PLAN, args))
        content: dict[str, Any] = reply["content"]
        assert reply["metadata"][protocol.HEAD]["ok"], content
        assert content["state"] == "preview"
        return content


def row(answer: dict[str, Any], what: str, device: str) -> dict[str, Any]:
    """What was released of one kind on one device."""
    (found,) = [one for one in answer["released"] if (one["what"], one["device"]) == (what, device)]
    return dict(found)


@pytest.fixture(scope="module")
def shared(stack: Stack) -> Iterator[Releasing]:
    """A kernel for all tests of a module."""
    with LiveKernel(stack) as kernel:
        kernel.run(PREPARE)
        yield Releasing(kernel)


@pytest.fixture
def releasing(shared: Releasing) -> Releasing:
    """That kernel, holding nothing."""
    shared.run("get_ipython().run_line_magic('reset', '-f')\nimport torch, gc, sys")
    shared.release("last_exception")
    assert shared.allocated() == (0, 0)
    return shared
