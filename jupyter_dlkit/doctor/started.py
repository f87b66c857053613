"""The environment for a process that is to find what the examined process found."""

from __future__ import annotations

from typing import Dict

from .facts import Facts


def started_environment(facts: Facts) -> Dict[str, str]:
    """Its environment as it is now; but where libraries lie was decided when it was started."""
    environ = {name: value for name, value in facts.environ.items() if "\0" not in name + value}
    initial = facts.initial_environ
    for name in ("LD_LIBRARY_PATH", "LD_PRELOAD") if initial is not None else ():
        environ.pop(name, None)
        if initial and name in initial:
            environ[name] = initial[name]
    return environ
