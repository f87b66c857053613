"""An exception that a variable keeps: ``except … as e: error = e``."""

from __future__ import annotations

from typing import Dict, Iterator

from .finding import Finding
from .scene import LEAST, Kept, Scene, size_of

_PATH = ".__traceback__"


def find(scene: Scene) -> Iterator[Finding]:
    """One for each variable that keeps some."""
    found: Dict[str, Dict[str, int]] = {}
    largest: Dict[str, Dict[str, int]] = {}
    for owner in ("container", "graph"):
        for group in scene.groups(owner):
            for device, piece in scene.of(owner, group):
                said = piece.holder.within or piece.holder.name
                if _PATH not in said:
                    continue
                base = said.partition(_PATH)[0]
                if any(
                    not other.said.startswith(base) and base not in other.said
                    for other in piece.others
                ):
                    continue
                sizes = found.setdefault(base, {})
                size = size_of(device, piece)
                sizes[device] = sizes.get(device, 0) + size
                local = said.rpartition(".f_locals[")[2].partition("]")[0].strip("'\"")
                names = largest.setdefault(base, {})
                names[local] = names.get(local, 0) + size
    for base, sizes in found.items():
        kept = Kept(sizes)
        if kept.bytes < LEAST:
            continue
        local = max(largest[base], key=lambda one: largest[base][one])
        plain = base.isidentifier()
        yield Finding(
            "kept_exception",
            base,
            f"{base} is an exception whose traceback keeps {kept.said}, the most of it in"
            f" {local}, a variable of a function that failed.",
            kept.bytes,
            kept.device,
            f"name:{base}" if plain else None,
            f"Keep its text only, str({base}), or let its calls go: {base}.__traceback__ = None",
        )
