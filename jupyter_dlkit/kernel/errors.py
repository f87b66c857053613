"""Answers that are not what was asked for."""

from __future__ import annotations

import json
import traceback
from typing import Dict


class Refusal(Exception):
    """A request that cannot be answered, in words.

    ``code`` is a stable word, ``message`` says what happened with the user's own
    names, ``hint`` what to do next, ``status`` the HTTP status that fits.
    """

    def __init__(self, code: str, message: str, hint: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status

    def body(self) -> bytes:
        """The answer's JSON."""
        error: Dict[str, str] = {"code": self.code, "message": self.message, "hint": self.hint}
        return json.dumps({"error": error}).encode()

    @classmethod
    def unexpected(cls, error: BaseException) -> Refusal:
        """An error of ours; releases the frames that it went through."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        return cls(
            "internal",
            f"The agent failed with {type(error).__name__}: {error} ({where}).",
            "Please report this; the kernel itself is not affected.",
            500,
        )

    @classmethod
    def bare(cls, error: BaseException) -> Refusal:
        """The refusal, or an error of ours as one, without any frame or other error."""
        refusal = error if isinstance(error, cls) else cls.unexpected(error)
        refusal.__traceback__ = refusal.__context__ = refusal.__cause__ = None
        return refusal
