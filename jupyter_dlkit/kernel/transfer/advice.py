"""What a person should know before a move: warnings, what stays, what undo cannot restore."""

from __future__ import annotations

import sys
import threading
from typing import Any, Iterable, List, Optional, Set

from .. import devices
from ..kinds import type_name
from . import still_held, target_device
from .belongings import Belonging
from .heap import Heap
from .plan import Group, Plan
from .sizes import binary
from .values import LeftBehind

#: Threads of the kernel and its libraries, by the names that they give them.
_KNOWN_THREADS = (
    "MainThread",
    "IOPub",
    "Heartbeat",
    "Control",
    "IPythonHistorySavingThread",
    "TMonitor",
    "asyncio",
    "pydevd",
    "Shell channel",
    "Parent",
    "ptpython",
)

#: Names in one sentence.
_MOST_NAMES = 3


def warnings(session: Any, plan: Plan, modules: List[Any], where: Any) -> List[str]:
    """Sentences; the most important first."""
    found: List[str] = []
    free = target_device.free_bytes(session.torch, where)
    if free is not None and plan.total_bytes > free:
        found.append(
            f"{binary(plan.total_bytes)} are to move, and {where} has {binary(free)} free."
        )
    if plan.groups and not target_device.is_initialized(session.torch, where):
        found.append(
            f"{where.type} has not been used in this kernel yet: starting it takes some hundred"
            " MiB on the device and in the host's memory."
        )
    arrays = list(session.heap.arrays())
    for group in plan.groups:
        found.extend(_of_group(session, group, arrays))
    if plan.dragged:
        found.append(
            f"An optimizer keeps the state of several parameters in one memory:"
            f" {_listed(plan.dragged)} {'moves' if len(plan.dragged) == 1 else 'move'} too."
        )
    found.extend(_of_modules(modules, session.heap))
    thread = _running({id(member.tensor) for group in plan.groups for member in group.members})
    if thread is not None:
        found.append(
            f"The thread {thread} runs code of this notebook: if it uses these tensors while they"
            " move, it may fail."
        )
    return list(dict.fromkeys(found))


def _of_group(session: Any, group: Group, arrays: List[Any]) -> Iterable[str]:
    first = group.members[0]
    if group.storage is None:
        return
    if group.nbytes > 2 * max(first.bytes, 1) and len(group.members) > 0:
        widest = max(group.members, key=lambda member: member.bytes)
        if widest.bytes * 2 < group.nbytes or widest is not first:
            yield (
                f"{first.name} spans {binary(first.bytes)} of a storage of"
                f" {binary(group.nbytes)}, all of which moves."
            )
    if group.source.type != "cpu":
        return
    names = still_held.sharing_arrays(session, group, arrays)
    if names:
        yield (
            f"{first.name} shares its memory with the NumPy array"
            f" {'s' if len(names) > 1 else ''}{_listed(names)}: after the move they are separate."
        ).replace("array s", "arrays ")
    elif not group.storage.resizable() and not _is_pinned(session.torch, group):
        yield (
            f"The memory of {first.name} is shared with another library, NumPy perhaps: after the"
            " move they are separate."
        )
    if group.storage.is_shared():
        yield (
            f"{first.name} is in memory that other processes may share (share_memory_()): they"
            " keep the old values."
        )


def _of_modules(modules: List[Any], heap: Heap) -> Iterable[str]:
    for module in modules:
        compiled = any(type_name(base) == "OptimizedModule" for base in type(module).__mro__)
        if compiled or vars(module).get("_compiled_call_impl") is not None:
            yield f"This {type_name(type(module))} is compiled: it will be compiled again there."
    graphs = sys.modules.get("torch.cuda.graphs")
    if graphs is not None and _has_cuda_graph(graphs, heap):
        yield (
            "This kernel has a captured CUDA graph: the addresses of tensors are fixed in it, and"
            " after a move it would read and write elsewhere."
        )


def _has_cuda_graph(module: Any, heap: Heap) -> bool:
    return id(module.__dict__.get("CUDAGraph")) in heap.types


def _running(moving: Set[int]) -> Optional[str]:
    """Name of a thread that runs code of the notebook, or has one of the tensors; or None."""
    frames = sys._current_frames()
    # Ours would hold itself, and all that its callers have, until the collector comes.
    frames.pop(threading.get_ident(), None)
    users = sys.modules.get("__main__")
    scope = getattr(users, "__dict__", None)
    for thread in threading.enumerate():
        if thread is threading.current_thread() or thread.name.startswith(_KNOWN_THREADS):
            continue
        frame = frames.get(thread.ident or 0)
        while frame is not None:
            if frame.f_globals is scope or not moving.isdisjoint(map(id, frame.f_locals.values())):
                return thread.name
            frame = frame.f_back
    return None


def undo_loses(session: Any, plan: Plan) -> List[str]:
    """What putting it back does not bring back."""
    found: List[str] = []
    for group in plan.groups:
        if group.storage is None or group.source.type != "cpu":
            continue
        name = group.members[0].name
        pinned = _is_pinned(session.torch, group)
        if pinned:
            found.append(f"That the memory of {name} is pinned.")
        if not pinned and not group.storage.resizable():
            found.append(f"That {name} shares its memory with a NumPy array or another library.")
        if group.storage.is_shared():
            found.append(f"That other processes share the memory of {name}.")
    return found


def _is_pinned(torch: Any, group: Group) -> bool:
    """Asks only where a driver is up: asking would bring it up."""
    kind = devices.accelerator(torch)
    if kind is None or devices.ask(getattr(torch, kind, None), "is_initialized") is False:
        return False
    try:
        return bool(torch._C.TensorBase.is_pinned(group.members[0].tensor))
    except RuntimeError:
        return False


def left_behind(
    heap: Heap, others: List[Belonging], plan: Plan, where: Any
) -> Iterable[LeftBehind]:
    """Tensors that are reached through a target and do not move with it."""
    moving = {id(member.tensor) for group in plan.groups for member in group.members}
    for belonging in others:
        if id(belonging.tensor) in moving:
            continue
        if heap.describer.get["device"](belonging.tensor) == where:
            continue
        yield LeftBehind(
            belonging.name,
            "Another object, which the module refers to, has it.",
            belonging.name,
        )


def _listed(names: List[str]) -> str:
    more = len(names) - _MOST_NAMES
    text = ", ".join(names[:_MOST_NAMES])
    return f"{text} and {more} more" if more > 0 else text
