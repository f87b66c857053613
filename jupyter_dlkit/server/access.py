"""Who may, and how an answer says no.

Stock Jupyter asks for ``execute`` on ``kernels`` before it opens a kernel's channels.
So whatever comes from inside a kernel needs ``execute``, even by GET; what the
server knows by itself needs ``read``.
"""

from __future__ import annotations

from typing import Any, Callable, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from .errors import DLKitError, Forbidden, encode

#: What is asked of the authoriser.
RESOURCE = "kernels"
READ = "read"
EXECUTE = "execute"

Method = TypeVar("Method", bound=Callable[..., Any])


def needs(action: str) -> Callable[[Method], Method]:
    """Authenticated first, then authorised for ``action`` on kernels; 403 otherwise."""

    def decorate(method: Method) -> Method:
        return cast(Method, web.authenticated(authorized(action, RESOURCE)(method)))

    return decorate


class DLKitHandler(APIHandler):
    """A handler whose errors are the document's, and whose requests are no activity."""

    auth_resource = RESOURCE
    _track_activity = False

    def answer(self, body: bytes) -> None:
        """Sends JSON that is encoded already."""
        self.set_header("Cache-Control", "no-store")
        self.finish(body)

    def compute_etag(self) -> None:
        """None: nobody keeps these answers, and a digest of megabytes takes its time."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Writes an ``Error`` of the document."""
        exc_info = kwargs.get("exc_info")
        error = as_error(status_code, exc_info[1] if exc_info else None)
        self.set_status(error.status_code)
        self.finish(encode(error))


def as_error(status: int, raised: BaseException | None) -> DLKitError:
    """What was raised, in the document's form; the details of a defect stay in the log."""
    if isinstance(raised, DLKitError):
        return raised
    if status == 403:
        said = raised.log_message if isinstance(raised, web.HTTPError) else None
        return Forbidden(
            "forbidden",
            said or "You are not logged in, or may not do this.",
            "Send the server's token, or ask its administrator for permission.",
        )
    message = {
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
    }.get(status, "The server failed to answer.")
    hint = "openapi.json lists the addresses." if status < 500 else "The server's log has details."
    return DLKitError(status, "internal_error" if status >= 500 else "bad_request", message, hint)
