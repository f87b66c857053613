"""What is raised when a request cannot be answered.

``DLKitError`` (a ``ValueError``)
  ``CheckError``: no shapes, or an operation without a rule
  ``MoveError``: nothing was moved
"""

from __future__ import annotations


class DLKitError(ValueError):
    """A wrong name, device or option.

    ``message`` says what is wrong, with the words that were asked; ``hint`` what to do, or is
    empty.  Each is one sentence; ``str()`` gives both.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.hint)


#: As a traceback calls it, and as it is imported.
DLKitError.__module__ = "jupyter_dlkit"
