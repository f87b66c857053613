"""Looking unseen by torch: by its modes, by Dynamo, and not inside of a backward."""

from __future__ import annotations

import sys
from typing import Any, Callable, TypeVar

from . import loaded

T = TypeVar("T")


def runs_backward() -> bool:
    """Whether this thread is in Python code that autograd called (a hook, a custom function).

    Its threads for other devices may be writing gradients at that very moment.
    """
    task: Any = getattr(getattr(loaded.torch(), "_C", None), "_current_graph_task_id", None)
    return task is not None and task() != -1


def unseen(function: Callable[[], T]) -> T:
    """Run ``function`` unseen by torch's modes of this thread, and by Dynamo."""
    torch = loaded.torch()
    if torch is None:
        return function()
    dynamo = sys.modules.get("torch._C._dynamo.eval_frame")
    set_frame: Any = getattr(dynamo, "set_eval_frame", None)
    before = set_frame(None) if set_frame is not None else None
    try:
        with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch(), torch.no_grad():
            return function()
    finally:
        if set_frame is not None:
            set_frame(before)
