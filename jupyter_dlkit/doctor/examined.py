"""The examining process from inside: runs the checks and says what they find."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, BinaryIO, Dict, Mapping

from . import registry
from .facts import Facts, here

#: A long check may report thousands of steps; a person reads a few a second.
_EVERY = 0.1  # seconds


def main(order: Mapping[str, Any], out: BinaryIO) -> None:
    """Prints lines of JSON: ``checks`` with ``about``, ``finding``, ``progress``, and ``end``."""
    lock = threading.Lock()
    last: Dict[str, float] = {}

    def say(**what: Any) -> None:
        with lock:
            out.write(json.dumps(what).encode() + b"\n")

    def progress(doing: str, done: float, total: float) -> None:
        now = time.monotonic()
        if done < total and now - last.get("at", 0.0) < _EVERY:
            return
        last["at"] = now
        say(progress=[doing, done, total])

    given = order["facts"]
    facts = here(**order["others"]) if given is None else Facts.from_dict(given)
    about = {"executable": facts.executable, "python": facts.python, "where": facts.where}
    chosen = registry.checks(order["only"], order["long"])
    say(
        checks=[
            {"id": one.id, "group": one.group, "title": one.title, "cause": one.cause}
            for one in chosen
        ],
        about=about,
    )
    for finding in registry.run_these(chosen, facts, progress):
        say(finding=finding.to_dict())
    say(end=True)
