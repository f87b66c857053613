"""The examining process from inside: runs the checks and says what they find."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from dataclasses import replace
from typing import Any, BinaryIO, Dict, Iterator, List, Mapping

from . import registry
from .facts import Facts, here
from .registry import Check
from .report import Finding

#: A long check may report thousands of steps; a person reads a few a second.
_EVERY = 0.1  # seconds


def main(order: Mapping[str, Any], out: BinaryIO) -> None:
    """Prints lines of JSON, whose ``type`` is one of these, in this order.

    ``start`` (``executable``, ``python``, ``where``); ``doing`` (``id``, ``group``, ``title``,
    ``cause``) and ``finding`` (its fields) for each check; ``checks`` (``total`` and the list)
    once all are known; ``progress`` (``doing``, ``done``, ``total``) from long ones; and
    ``report`` (its fields, and ``text`` for a forum) at the end.
    """
    _end_with_who_asked()
    _end_after(float(order["seconds"]))
    started = time.monotonic()
    lock = threading.Lock()
    last: Dict[str, float] = {}

    def say(type: str, **what: Any) -> None:
        with lock:
            out.write(json.dumps({"type": type, **what}).encode() + b"\n")

    def progress(doing: str, done: float, total: float) -> None:
        now = time.monotonic()
        if done < total and now - last.get("at", 0.0) < _EVERY:
            return
        last["at"] = now
        say("progress", doing=doing, done=done, total=total)

    given = order["facts"]
    facts = here(**order["others"]) if given is None else Facts.from_dict(given)
    say("start", **{name: getattr(facts, name) for name in ("executable", "python", "where")})

    def chosen() -> Iterator[Check]:
        """All are known only when the last has been imported, and the first run by then."""
        known = []
        for one in registry.arriving(order["only"], order["long"]):
            known.append(_named(one))
            yield one
        say("checks", total=len(known), checks=known)

    findings: List[Finding] = []
    doing = registry.run_these(chosen(), facts, progress, lambda one: say("doing", **_named(one)))
    for finding in doing:
        findings.append(finding)
        say("finding", **finding.to_dict())
    from .forum import forum_text  # not before the first finding

    report = registry.reported(findings, facts, time.monotonic() - started)
    say("report", **replace(report, text=forum_text(report, facts)).to_dict())


def _named(one: Check) -> Dict[str, Any]:
    return {name: getattr(one, name) for name in ("id", "group", "title", "cause")}


def _end() -> None:
    """Ends this process and what it has started."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _end_with_who_asked() -> None:
    def wait() -> None:
        while os.read(0, 1):
            pass
        _end()

    threading.Thread(target=wait, daemon=True).start()


def _end_after(seconds: float) -> None:
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()
    if hasattr(signal, "setitimer"):  # also while a library holds the interpreter
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
