"""Errors that a person can read, and a client can tell apart.

::

    DLKitError              anything below, as HTTP sees it
    ├── BadRequest          400: a parameter or a message is wrong; names the field
    ├── Forbidden           403: the caller, or the administrator, does not allow it
    ├── NoSuchKernel        404
    ├── KernelGone          409: died, was stopped or restarted in mid-request
    ├── NotAttached         409: switched off, or a kernel that cannot be looked into
    ├── NoSuchChange        404
    ├── CannotChange        409: a move that is refused, with what refuses it and why
    └── NoAnswer            504: the kernel does not answer in time
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from tornado import web


class DLKitError(web.HTTPError):
    """An error with a stable ``code``, a sentence, and what to do next."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        # As an argument: a user's own % must not be a pattern of the log.
        super().__init__(status, "%s", message, reason=HTTPStatus(status).phrase)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def body(self) -> dict[str, str]:
        """The ``error`` object of an answer or of a stream message."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class BadRequest(DLKitError):
    """A parameter or a message does not fit the document."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(
            400,
            "bad_request",
            f"{field}: {problem}",
            f"Correct {field}; openapi.json says what it may be.",
        )
        self.field = field


class Forbidden(DLKitError):
    """The caller may not do this."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(403, code, message, hint)


class NoSuchKernel(DLKitError):
    """No running kernel has this id."""

    def __init__(self, kernel_id: str) -> None:
        super().__init__(
            404,
            "no_such_kernel",
            f"There is no running kernel {kernel_id}.",
            "GET jupyter_dlkit/kernels lists those that run.",
        )


class KernelGone(DLKitError):
    """The kernel went away while it was asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(409, code, message, "Ask again; a restarted kernel is attached by itself.")


class NotAttached(DLKitError):
    """Nothing may be, or can be, attached to this kernel."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(409, code, message, hint)


class NoSuchChange(DLKitError):
    """No change of this kernel has this id."""

    def __init__(self, change_id: str) -> None:
        super().__init__(
            404,
            "no_such_move",
            f"There is no move or deletion {change_id} of this kernel.",
            "Only the last changes of a running kernel are kept.",
        )


class CannotChange(DLKitError):
    """A change is not possible, or not any more; ``refused`` are the document's."""

    def __init__(
        self, code: str, message: str, hint: str, refused: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(409, code, message, hint)
        self.refused = refused


#: The status of whatever a kernel could not say in time, be it that the agent says so.
NO_ANSWER = 504


class NoAnswer(DLKitError):
    """The kernel did not answer in time; ``stale`` is the last list, where there is one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(
            NO_ANSWER,
            code,
            message,
            "It is asked again by itself. An operation that holds Python's global lock "
            "keeps every request waiting until it ends.",
        )
        self.age_ms: float | None = None
        #: An encoded TensorList or TensorColumns.
        self.stale: bytes | None = None


def encode(error: DLKitError) -> bytes:
    """The body of an error's answer."""
    answer: dict[str, Any] = {"error": error.body()}
    if isinstance(error, NoAnswer):
        answer["age_ms"] = error.age_ms
        answer["stale"] = None if error.stale is None else orjson.Fragment(error.stale)
    if isinstance(error, CannotChange) and error.refused is not None:
        answer["refused"] = error.refused
    return orjson.dumps(answer)
