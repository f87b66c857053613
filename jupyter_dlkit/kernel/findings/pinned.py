"""Pinned memory of the host: the system can neither swap it out nor give it to others."""

from __future__ import annotations

from typing import Any, Dict, Iterator

from .. import loaded
from ..devices import accelerator, ask
from ..kinds import TENSOR
from ..transfer.sizes import binary
from .finding import Finding
from .scene import Scene
from .small_view import large_storages

#: Less is what a loader with ``pin_memory=True`` has in flight.
_LEAST = 64 << 20


def find(scene: Scene) -> Iterator[Finding]:
    """One for each variable that has some."""
    whole = scene.whole
    torch = loaded.torch()
    if whole is None or not _is_in_use(torch):
        return
    describer = whole.describer
    base = torch._C.StorageBase
    starts = set()
    for tensor in large_storages(describer, scene.objects(TENSOR)):
        try:
            if describer.get["device"](tensor).type != "cpu":
                continue
            start = base.data_ptr(describer.storage(tensor))
            if start not in starts and torch._C.TensorBase.is_pinned(tensor):
                starts.add(start)
        except (RuntimeError, NotImplementedError):
            continue
    sizes: Dict[str, int] = {}
    owned = {}
    for piece in scene.pieces.get("cpu", ()):
        if piece.start in starts:
            group = piece.holder.group
            sizes[group] = sizes.get(group, 0) + piece.end - piece.start
            owned[group] = piece.holder.owner
    for group, size in sizes.items():
        if size < _LEAST or owned[group] not in ("variable", "container"):
            continue
        yield Finding(
            "pinned",
            group,
            f"{group} takes {binary(size)} of pinned memory: RAM that cannot be swapped out, and"
            " that torch keeps for itself when it is freed.",
            0,  # torch keeps it for the next one that is pinned
            "cpu",
            f"name:{group}" if group.isidentifier() else None,
            "Pin one batch at a time: DataLoader(…, pin_memory=True), or"
            " x.pin_memory().to(device, non_blocking=True); leave the data set unpinned.",
        )


def _is_in_use(torch: Any) -> bool:
    """Whether an accelerator is; to ask whether memory is pinned would bring CUDA up."""
    kind = None if torch is None else accelerator(torch)
    return kind is not None and bool(ask(torch.__dict__.get(kind), "is_initialized"))
