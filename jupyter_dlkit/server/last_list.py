"""The last list of a kernel, kept for the time when it does not answer."""

from __future__ import annotations

import time
from typing import Any

import orjson

from .rows import View, arrange

#: Differences that are kept beside the last whole list, before it is let grow old.
MAX_DIFFERENCES = 64


class LastList:
    """A whole list and the differences since, as the bytes that came.

    They are only put together when somebody needs them, which is rare.
    """

    def __init__(self) -> None:
        self._whole: bytes | None = None
        self._differences: list[bytes] = []
        self._revision: str | None = None
        self._seen_at: float | None = None

    def learn(self, head: dict[str, Any], since: str | None, content: bytes) -> None:
        """Takes an answer of the kernel."""
        if head.get("full"):
            self._whole, self._differences = content, []
        elif self._whole is None or since != self._revision:
            return
        elif not head.get("unchanged"):
            if len(self._differences) >= MAX_DIFFERENCES:
                return
            self._differences.append(content)
        self._revision = head.get("revision")
        self._seen_at = time.monotonic()

    @property
    def age_ms(self) -> float | None:
        """Milliseconds since the list was last known to be true; None without a list."""
        return None if self._seen_at is None else (time.monotonic() - self._seen_at) * 1000

    def merged(self, kernel_state: str, view: View, by_columns: bool) -> bytes | None:
        """The list as ``TensorColumns`` or ``TensorList``; not for the event loop."""
        whole, differences = self._whole, list(self._differences)
        if whole is None:
            return None
        answer = orjson.loads(whole)
        for content in differences:
            answer = merge(answer, orjson.loads(content))
        answer["kernel_state"] = kernel_state
        return arrange(orjson.dumps(answer), view, by_columns)


def merge(whole: dict[str, Any], difference: dict[str, Any]) -> dict[str, Any]:
    """A whole list by columns with a difference applied; changed rows move to the end."""
    changed = difference["columns"]["id"]
    gone = set(difference["removed"]) | set(changed)
    kept = [i for i, id_ in enumerate(whole["columns"]["id"]) if id_ not in gone]

    def joined(old: Any, new: Any) -> Any:
        if isinstance(old, dict):
            return {name: joined(old[name], new[name]) for name in old}
        return [old[i] for i in kept] + new

    columns = joined(whole["columns"], difference["columns"])
    return {**difference, "full": True, "removed": [], "columns": columns}
