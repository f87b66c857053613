"""What is on a device beside the memory that a process's own allocator has reserved there.

From what the driver says: the process's context, other kernels, other processes, and what the
driver tells of nobody.  Together with what is reserved it is what is in use, to the byte.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

CONTEXT, CHILD, KERNEL, PROCESS, UNTOLD, REST = (
    "context",
    "child",
    "kernel",
    "process",
    "untold",
    "rest",
)


@dataclass(frozen=True)
class Other:
    """Memory on a device that is not an owner's; bytes, None where the driver does not say.

    ``kind``: ``context`` (what the process has there beside what its allocator reserved: the
    driver's context, kernels' code, libraries), ``child`` (a process that this one started),
    ``kernel`` (another kernel of this server), ``process`` (any other), ``untold`` (in use, and
    the driver does not say by whom), ``rest`` (of the host: this process without its tensors).
    """

    kind: str
    name: str
    bytes: Optional[int]
    pid: Optional[int] = None
    kernel_id: Optional[str] = None

    def to_dict(self) -> Dict[str, Any]:
        """As the API answers."""
        return asdict(self)


class Held(NamedTuple):
    """Memory that a process has on a device, as the driver says; see ``Process``."""

    pid: Optional[int]
    bytes: Optional[int]
    name: Optional[str]
    kernel_id: Optional[str] = None
    notebook: Optional[str] = None


def beside(
    used: Optional[int],
    reserved: Optional[int],
    processes: Iterable[Held],
    pid: Optional[int],
    kernel_id: Optional[str] = None,
) -> Tuple[Other, ...]:
    """What is on one device beside the ``reserved`` bytes of the process ``pid``.

    ``used``: bytes in use there.  ``kernel_id``: of that process, when it is a kernel.
    """
    listed = list(processes)
    if used is None and not listed:
        return ()
    ours = reserved or 0
    own = next((one for one in listed if pid is not None and one.pid == pid), None)
    if own is None and ours and any(one.pid is None for one in listed):
        # One of those that have no name is this process: which, nobody says.
        listed = [one for one in listed if one.pid is not None]
    found: List[Other] = []
    for one in listed:
        if one is own:
            size = None if one.bytes is None else max(0, one.bytes - ours)
            found.append(Other(CONTEXT, "context of this process", size, one.pid, kernel_id))
        elif one.kernel_id is not None and one.kernel_id == kernel_id:
            name = one.name or "a process"
            found.append(Other(CHILD, f"{name}, started here", one.bytes, one.pid, kernel_id))
        elif one.kernel_id is not None:
            name = one.notebook or "another kernel"
            found.append(Other(KERNEL, name, one.bytes, one.pid, one.kernel_id))
        else:
            found.append(Other(PROCESS, one.name or "another process", one.bytes, one.pid))
    if used is not None:
        left = used - ours - sum(one.bytes or 0 for one in found)
        if left > 0:
            found.append(Other(UNTOLD, _untold(found, own), left))
    return tuple(sorted(found, key=lambda one: -(one.bytes or 0)))


def _untold(found: List[Other], own: Optional[Held]) -> str:
    unsaid = own is None or any(one.bytes is None for one in found)
    return "other processes, and the context of this one" if unsaid else "the driver itself"


def position(uuid: Optional[str], uuids: Iterable[str]) -> Optional[int]:
    """Which of a driver's devices torch means; None when it is not known.

    Torch writes an instance of MIG as a GPU, with the same number.
    """
    if uuid is None:
        return None
    asked = uuid.partition("-")[2].lower()
    found = [i for i, one in enumerate(uuids) if one.partition("-")[2].lower() == asked]
    return found[0] if len(found) == 1 else None


def host(process: Optional[int], tensors: int) -> Tuple[Other, ...]:
    """Of the host: what the process has resident beside its tensors and arrays, about.

    Less than nothing when some of their pages were never written.
    """
    if process is None or process < tensors:
        return ()
    return (Other(REST, "this process without its tensors", process - tensors),)
