"""Variables of frames, read so that the frames are as they were."""

from __future__ import annotations

import sys
from types import FrameType, TracebackType
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from ..kinds import CLOSED

_OPTIMIZED = 0x1  # its variables are not in a dict (inspect.CO_OPTIMIZED)
#: Frames of a stack or traceback that are looked at: from both ends.
_DEEPEST = 400
#: Who starts programs: its variables are all of their globals.
_STARTERS = ("runpy",)
_OURS = __name__.partition(".")[0]


class Call(NamedTuple):
    """A function that is running, or failed, with a copy of its variables."""

    name: str  #: ``train()``
    variables: Dict[str, Any]


def running(namespace: Dict[str, Any]) -> List[Call]:
    """Calls in all threads, the innermost of each first; without those of the kernel itself.

    ``namespace``: the user's globals, whose frames (of the cell itself) say nothing new.
    """
    calls: List[Call] = []
    for frame in list(sys._current_frames().values()):
        outer: Optional[FrameType] = frame
        while outer is not None and _package(outer) == _OURS:  # a frame in its own local list
            outer = outer.f_back  # would stay until the collector comes
        frames: List[FrameType] = []
        while outer is not None:
            frames.append(outer)
            outer = outer.f_back
        for one in _ends(frames):
            call = _call(one, namespace)
            if call is not None:
                calls.append(call)
    del frame, outer
    return calls


def failed(error: BaseException, namespace: Dict[str, Any]) -> Iterator[Call]:
    """Calls in which an exception passed, the innermost first; and those it came from."""
    for one in errors(error):
        yield from traced(_TRACEBACK(one), namespace)


def errors(error: BaseException) -> List[BaseException]:
    """The exception, and those that it came from."""
    found: List[BaseException] = []
    waiting: List[Optional[BaseException]] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop()
        if one is not None and not any(one is other for other in found):
            found.append(one)
            waiting += [_CAUSE(one), _CONTEXT(one)]
    return found


def traced(trace: Any, namespace: Dict[str, Any]) -> Iterator[Call]:
    """Calls of one traceback, the innermost first."""
    frames: List[FrameType] = []
    while type(trace) is TracebackType:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    for frame in _ends(frames[::-1]):
        call = _call(frame, namespace)
        if call is not None:
            yield call


def _ends(frames: List[FrameType]) -> List[FrameType]:
    if len(frames) <= _DEEPEST:
        return frames
    return frames[: _DEEPEST // 2] + frames[-_DEEPEST // 2 :]


def _package(frame: FrameType) -> str:
    name: Any = dict.get(frame.f_globals, "__name__")
    return name.partition(".")[0] if type(name) is str else ""


def _call(frame: FrameType, namespace: Dict[str, Any]) -> Optional[Call]:
    scope: Any = frame.f_globals
    package = _package(frame)
    if package == _OURS or package in CLOSED or package in _STARTERS:
        return None
    code = frame.f_code
    if scope is namespace and not code.co_flags & _OPTIMIZED and code.co_name == "<module>":
        return None
    variables = local_variables(frame)
    return Call(f"{code.co_name}()", variables) if variables else None


def local_variables(frame: FrameType) -> Dict[str, Any]:
    """A copy of the frame's variables."""
    if not frame.f_code.co_flags & _OPTIMIZED:
        names: Any = frame.f_locals
        if names is frame.f_globals or type(names) is not dict:
            return {}  # a module's, or a mapping of the user's whose code would run
        return dict(names)
    names = frame.f_locals
    if type(names) is dict:
        copied = dict(names)
        # Python ≤ 3.12 made it for us and keeps it with the frame, with all that is in it; unless
        # it is the one that the user's code got from ``locals()`` and still has.
        if sys.getrefcount(names) <= _UNSHARED:
            names.clear()
        return copied
    if type(names).__name__ == "FrameLocalsProxy":  # Python 3.13
        return {name: names[name] for name in names}
    return {}


def _measure() -> int:
    """References to a frame's ``f_locals`` that only the frame and a reader have."""

    def called() -> int:
        names: Any = sys._getframe(0).f_locals
        return sys.getrefcount(names)

    return called()


_UNSHARED = _measure()

_TRACEBACK = BaseException.__dict__["__traceback__"].__get__
_CAUSE = BaseException.__dict__["__cause__"].__get__
_CONTEXT = BaseException.__dict__["__context__"].__get__
