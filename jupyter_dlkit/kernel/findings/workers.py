"""Worker processes of a ``DataLoader`` that wait while nothing trains."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional

from .. import loaded
from ..kinds import OBJECT, instance_dict
from ..transfer.sizes import binary
from .finding import Finding
from .scene import Scene

#: Workers whose memory is read; of more, as much as of these on average.
_MOST = 16


def find(scene: Scene) -> Iterator[Finding]:
    """One for each loader or iterator that has some."""
    whole = scene.whole
    module = loaded.loaded("torch.utils.data.dataloader")
    kind = None if module is None else module.__dict__.get("_MultiProcessingDataLoaderIter")
    if whole is None or kind is None:
        return
    for one in scene.objects(OBJECT):
        if type(one) is not kind:
            continue
        name = scene.name(one)
        pids = _alive(whole, instance_dict(one, whole.kinds.layout(kind)) or {})
        if name is None or not pids:
            continue
        known = [size for size in map(_private, pids[:_MOST]) if size is not None]
        size = sum(known) * len(pids) // len(known) if known else 0
        takes = f", which take {binary(size)} of RAM of their own" if known else ""
        loader = name.rpartition("._iterator")[0]
        many = "worker process" if len(pids) == 1 else "worker processes"
        if loader:
            hint = "Let them end with each epoch: DataLoader(…, persistent_workers=False), or now:"
            hint += f" {loader}._iterator = None"
        else:
            hint = f"Let the iterator go: del {name}"
        yield Finding(
            "workers",
            loader or name,
            f"{loader or name} keeps {len(pids)} {many}{takes}, while no cell runs.",
            size,
            "cpu",
            f"name:{name}" if name.isidentifier() else None,
            hint,
        )


def _alive(whole: Any, attributes: Any) -> List[int]:
    """Process numbers of the workers that are there."""
    found = []
    workers = attributes.get("_workers")
    for worker in workers if type(workers) is list else ():
        own = instance_dict(worker, whole.kinds.layout(type(worker))) or {}
        popen = own.get("_popen")
        started = instance_dict(popen, whole.kinds.layout(type(popen))) or {}
        pid = started.get("pid")
        if type(pid) is int and _state(pid) not in (None, "Z"):
            found.append(pid)
    return found


def _state(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return file.read(2000).rpartition(b") ")[2][:1].decode()
    except OSError:
        return None


def _private(pid: int) -> Optional[int]:
    """Bytes that are that process's own: what it shares with the kernel would stay."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb", buffering=0) as file:
            lines = file.read(4000).splitlines()
        return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(b"Private_"))
    except (OSError, ValueError, IndexError):
        return None
