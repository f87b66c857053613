"""Which environment this is: the interpreter, and where its torch comes from."""

from __future__ import annotations

from ..facts import Facts
from ..registry import Seen, check


@check("pytorch.environment", title="This is the environment that is examined", cause=40)
def environment(facts: Facts) -> Seen:
    """Says which interpreter it is; a difference is told by other checks."""
    return Seen(
        "info",
        f"{facts.executable} (Python {facts.python}) is what was examined",
        evidence=[f"sys.executable: {facts.executable}", f"sys.prefix: {facts.prefix}"],
        command="python -c 'import sys; print(sys.executable)'",
    )
