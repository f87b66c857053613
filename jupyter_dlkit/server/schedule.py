"""How often a kernel may be looked at, so that nobody's training gets slower."""

from __future__ import annotations

from dataclasses import dataclass

#: What a look costs the running cell beyond the agent's own CPU time: the
#: interpreter's lock goes back and forth.
HANDOVER_MS = 5.0

#: A look may take 1 % of a running cell's time...
BUSY_FACTOR = 100.0

#: ...and 5 % of an idle kernel's.
IDLE_FACTOR = 20.0


@dataclass
class Budget:
    """The pause between two looks at one kernel.

    ``thread_ms`` is the agent's CPU time for the last look, encoding included.
    What it costs the cell is up to twice that, and the handover.
    """

    min_interval: float
    busy_interval: float
    thread_ms: float = 0.0

    def pause(self, busy: bool, interval: float = 0.0) -> float:
        """Seconds from the start of one look to the next, for a client's ``interval``."""
        if busy:
            loss = (2 * self.thread_ms + HANDOVER_MS) / 1000
            return max(interval, self.busy_interval, BUSY_FACTOR * loss)
        return max(interval, self.min_interval, IDLE_FACTOR * self.thread_ms / 1000)
