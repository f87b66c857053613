"""The last exception: its traceback keeps the variables of every call on the way to it."""

from __future__ import annotations

from typing import Dict, Iterator

from .finding import Finding
from .scene import LEAST, Kept, Scene, size_of


def find(scene: Scene) -> Iterator[Finding]:
    """At most one."""
    sizes: Dict[str, int] = {}
    parts: Dict[str, Dict[str, int]] = {}
    for group in scene.groups("exception"):
        for device, piece in scene.of("exception", group):
            if any(other.owner != "exception" for other in piece.others):
                continue
            size = size_of(device, piece)
            sizes[device] = sizes.get(device, 0) + size
            part = parts.setdefault(device, {})
            part[piece.holder.said] = part.get(piece.holder.said, 0) + size
    if not sizes:
        return
    kept = Kept(sizes)
    if kept.bytes < LEAST:
        return
    part = parts[kept.device]
    largest = max(part, key=lambda one: part[one])
    error = next((g for g in scene.groups("exception") if g != "the last traceback"), "exception")
    yield Finding(
        "last_exception",
        None,
        f"The last exception ({error}) keeps {kept.said}, the most of it in {largest}.",
        kept.bytes,
        kept.device,
        "last_exception",
        "Release it: %release last_exception. After that %tb and %debug have nothing to show.",
    )
