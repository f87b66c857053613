"""What torch raises for shapes, dtypes, devices and indices."""

from __future__ import annotations

import sys

#: Exactly these: a subclass of torch's own (out of memory, say) is another matter.
RAISED = (RuntimeError, NotImplementedError, IndexError, ValueError, TypeError)


def may_be_ours(error: BaseException) -> bool:
    """Whether it is worth looking at; nothing is imported to tell."""
    return type(error) in RAISED and "torch" in sys.modules
