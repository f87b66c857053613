"""From an exception to its explanation."""

from __future__ import annotations

from typing import Optional, Sequence

from .. import loaded
from ..unseen import unseen
from . import layers
from .code_text import TIMED, Sources, Whose
from .evidence import evidence
from .explanation import Explanation
from .failure import Failure
from .frame_names import Step, steps
from .positions import locate
from .raised import may_be_ours
from .repeated import may_have_run
from .seen import Seer
from .telling import Telling

#: Methods of the user's that torch calls on the way to an operation.
_IN_BETWEEN = frozenset({"__torch_function__", "__torch_dispatch__"})


def explain(
    error: BaseException,
    raw_cell: Optional[str] = None,
    execution_count: Optional[int] = None,
    exact: bool = True,
) -> Optional[Explanation]:
    """Why the error happened; None when it is none of shapes, dtypes, devices or indices.

    On the thread of the cell, after it.  ``exact`` False: as on a Python that does not tell
    where in a line it was.
    """
    if not may_be_ours(error) or loaded.torch() is None:
        return None
    return unseen(lambda: _explained(error, raw_cell, execution_count, exact))


def _explained(
    error: BaseException, raw_cell: Optional[str], execution_count: Optional[int], exact: bool
) -> Optional[Explanation]:
    whose, trace = Whose(), steps(error)
    numbers = [
        i
        for i, step in enumerate(trace)
        if whose.is_user(step.filename) and step.frame.f_code.co_name not in _IN_BETWEEN
    ]
    if not numbers:
        return None
    step, inner = trace[numbers[-1]], trace[numbers[-1] + 1 :]
    sources = Sources(raw_cell)
    text = sources.of(step.filename)
    if text is None:
        return None
    said = evidence(error)
    if said.kind is None and inner and not any(whose.is_torch(one.filename) for one in inner):
        return None  # of a library that is not torch
    located = locate(step, text, exact)
    seer = Seer()
    telling = Telling(
        said,
        isinstance(error, IndexError),
        step,
        text,
        _where(trace, step),
        execution_count,
        layers.look_of(seer, step),
        lambda node: may_have_run(seer, sources, whose, trace, node),
    )
    failure = Failure(seer, trace, inner, telling)
    if located.node is not None:
        return failure.explained(located.node)
    return failure.on_line(located.candidates)


def _where(trace: Sequence[Step], step: Step) -> Optional[str]:
    """Where the line is, unless it is in the cell that was run: the outermost one."""
    cell = next((one for one in trace if _is_cell(one)), None)
    if step.filename in TIMED or (cell is not None and cell.filename == step.filename):
        return None
    return "an earlier cell" if _is_cell(step) else step.filename


def _is_cell(step: Step) -> bool:
    return step.filename.startswith("<") or "ipykernel_" in step.filename
