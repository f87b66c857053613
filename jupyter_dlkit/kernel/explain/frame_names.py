"""The names of a frame, read so that the frame is as it was."""

from __future__ import annotations

import sys
from types import FrameType, TracebackType
from typing import Any, Dict, Iterator, List, NamedTuple

_OPTIMIZED = 0x1  # its variables are not in a dict (inspect.CO_OPTIMIZED)
#: Deeper tracebacks (recursion) are looked at from both ends.
_DEEPEST = 400


class Step(NamedTuple):
    """One frame of a traceback, and where it was."""

    frame: FrameType
    instruction: int  #: ``tb_lasti``: in bytes
    line: int

    @property
    def filename(self) -> str:
        """Of its code."""
        return str(self.frame.f_code.co_filename)


def steps(error: BaseException) -> List[Step]:
    """The frames of an exception's traceback, the outermost first."""
    found: List[Step] = []
    for trace in _traces(error.__traceback__):
        found.append(Step(trace.tb_frame, trace.tb_lasti, trace.tb_lineno or 0))
    if len(found) > _DEEPEST:
        found = found[: _DEEPEST // 2] + found[-_DEEPEST // 2 :]
    return found


def _traces(trace: Any) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def local_names(frame: FrameType) -> Dict[str, Any]:
    """A copy of the frame's variables."""
    names: Any = frame.f_locals
    if type(names) is dict:
        copied = dict(names)
        if sys.version_info < (3, 13) and frame.f_code.co_flags & _OPTIMIZED:
            # Made by looking, and kept with the frame: it would go on holding the tensors
            # when the frame itself is cleared.  Looked at again, it is made again.
            names.clear()
        return copied
    if type(names).__name__ == "FrameLocalsProxy":  # Python 3.13
        return {name: names[name] for name in names}
    return {}  # exec(code, globals, mapping of the user's): reading it would run his code


def global_names(frame: FrameType) -> Dict[str, Any]:
    """The globals of the frame's code; not a copy."""
    names: Any = frame.f_globals
    return names if type(names) is dict else {}
