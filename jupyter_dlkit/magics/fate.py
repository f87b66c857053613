"""What becomes of the value of a magic: is it shown, kept, or dropped by the code that runs it?

A command in the middle of a cell (``%tensors`` in a loop) is an expression whose value Python
drops; a person who wrote it wants to see it.  What follows the call in the compiled code says
which it is: the same line as ``t = %tensors``, or as the last of a cell, is shown by nobody or
by IPython's display hook.
"""

from __future__ import annotations

import dis
import sys
from enum import Enum
from types import FrameType

#: Functions of IPython's between the user's code and a magic.
_RUNNERS = ("run_line_magic", "run_cell_magic", "magic")

#: ``%timeit`` drops the values of what it times, a million times.
_TIMEIT = "<magic-timeit>"


class Fate(Enum):
    """What the caller does with a value."""

    SHOWN = "shown"  #: it goes to the display hook
    DROPPED = "dropped"
    KEPT = "kept"  #: assigned, or anything else


def caller() -> FrameType | None:
    """The user's code that runs the magic."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name not in _RUNNERS:
        frame = frame.f_back
    while frame is not None and frame.f_code.co_name in _RUNNERS:
        frame = frame.f_back
    return frame


def fate() -> Fate:
    """Of the value that the running magic returns; KEPT where that cannot be told."""
    frame = caller()
    if frame is None or frame.f_code.co_filename == _TIMEIT:
        return Fate.KEPT
    follows = _following(frame)
    if follows is None:
        return Fate.KEPT
    if follows.opname == "POP_TOP":
        return Fate.DROPPED
    if follows.opname == "PRINT_EXPR" or "INTRINSIC_PRINT" in follows.argrepr:
        return Fate.SHOWN
    return Fate.KEPT


def _following(frame: FrameType) -> dis.Instruction | None:
    """The instruction after the call that is being made."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset > frame.f_lasti:  # which may be in the call's inline caches
            return instruction
    return None
