"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(look: Callable[[], Value], within: float = 20.0, every: float = 0.05) -> Value:
    """The first true value of ``look()``."""
    deadline = time.monotonic() + within
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {within} s; last seen: {value!r}"
        time.sleep(every)
