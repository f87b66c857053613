"""``kernels/{kernel_id}/memory``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import orjson

from ...kernel import protocol
from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..beside import needs_a_sample, tell
from ..links import Links
from ..sampler import MachineSampler
from ..settings import Settings

#: Seconds by which what the driver says may be older than what the kernel says.
_TOGETHER = 0.2


class MemoryHandler(DLKitHandler):
    """Who owns every byte of the kernel's devices, and what each cell changed."""

    def initialize(self, links: Links, settings: Settings, sampler: MachineSampler) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings
        self.sampler = sampler

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers."""
        query = document.query("/kernels/{kernel_id}/memory", self.request.query_arguments)
        link = self.links.link(kernel_id)
        limit = self.dlkit.request_timeout
        args = {name: query.get(name) for name in ("device", "since", "after")}
        if query.get("owners") == "false":
            del args["device"]
            reply = await link.ask(protocol.CELLS, args)
            cells = orjson.loads(reply.content)
            state = link.kernel_state
            self.answer(orjson.dumps({"kernel_state": state, **_nothing(), **cells}))
            return
        reply = await link.ask(protocol.MEMORY, {**args, "timeout_ms": limit * 500})
        answer = {"kernel_state": link.kernel_state, **orjson.loads(reply.content)}
        if needs_a_sample(answer):
            sampled = await self.sampler.sample(_TOGETHER)
            tell(answer, sampled.status, link.pid, kernel_id)
        self.answer(orjson.dumps(answer))


def _nothing() -> dict[str, Any]:
    """Of a ``KernelMemory`` what is not in the history of cells."""
    return {
        "devices": [],
        "findings": [],
        "left_out": [],
        "complete": True,
        "cost_ms": 0,
        "taken_at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
    }
