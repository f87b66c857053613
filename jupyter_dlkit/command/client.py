"""Requests to a Jupyter server, whose failures are sentences."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from typing import Any
from urllib.parse import unquote, urlencode

from tornado.httpclient import HTTPClient, HTTPError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.netutil import Resolver
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient

from .errors import CommandError, UsageError
from .servers import Server

#: Seconds to reach a server; and for an answer, which may wait for a kernel.
CONNECT, ANSWER = 5.0, 120.0

#: Where a request is sent when a person is not logged in.
_LOGIN = (301, 302, 303, 307, 308, 401)


# What it would say of a failed connection is said here, in a sentence.
logging.getLogger("tornado").addHandler(logging.NullHandler())


class Refused(CommandError):
    """The server answered with an error: ``status``, and ``body`` as it was."""

    def __init__(self, message: str, hint: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(message, hint)
        self.status = status
        self.body = body


class UnixResolver(Resolver):
    """Finds the socket whose path, quoted, stands where a host would: ``http+unix://%2Ftmp%2Fs``."""

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """The path is the address."""
        return [(socket.AF_UNIX, unquote(host))]


class Client:
    """Speaks with one server.  ``certificate``: a file of certificates to trust besides."""

    def __init__(self, server: Server, certificate: str | None = None) -> None:
        self.server = server
        self._tls = _tls(certificate) if server.url.startswith("https:") else None
        on_socket = server.url.startswith("http+unix:")
        arguments: dict[str, Any] = {"resolver": UnixResolver()} if on_socket else {}
        self._http = HTTPClient(SimpleAsyncHTTPClient, force_instance=True, **arguments)

    def close(self) -> None:
        """Ends its connections."""
        self._http.close()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The JSON object at ``jupyter_dlkit/{path}``.

        Raises ``CommandError``: ``Refused`` where the server answered at all.
        """
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        response = self._fetch(f"jupyter_dlkit/{path}" + (f"?{asked}" if asked else ""))
        body = _json(response)
        if response.code == 200 and body is not None:
            return body
        raise self._refusal(response.code, body)

    def _fetch(self, path: str) -> HTTPResponse:
        url = self.server.url + path
        headers = HTTPHeaders({"Accept": "application/json"})
        if self.server.token:
            headers["Authorization"] = f"token {self.server.token}"
        try:
            return self._http.fetch(
                HTTPRequest(
                    "http" + url.removeprefix("http+unix") if url.startswith("http+unix") else url,
                    headers=headers,
                    connect_timeout=CONNECT,
                    request_timeout=ANSWER,
                    follow_redirects=False,
                    ssl_options=self._tls,
                ),
                raise_error=False,
            )
        except (OSError, HTTPError) as error:
            raise self._unreached(error) from None

    # What goes wrong -------------------------------------------------------------

    def _refusal(self, status: int, body: dict[str, Any] | None) -> CommandError:
        error = (body or {}).get("error")
        if status in _LOGIN or (status == 403 and self._ask("api/me") is None):
            return self._not_let_in()
        if isinstance(error, dict) and "message" in error:
            return Refused(str(error["message"]), str(error.get("hint", "")), status, body or {})
        if status == 404 and "version" in (self._ask("api") or {}):
            return CommandError(
                f"The extension jupyter_dlkit is not enabled in the server at {self.server}.",
                "Install jupyter-dlkit in that server's environment, and start the server again.",
            )
        if status >= 500 and body is not None:
            return CommandError(
                f"The server at {self.server} failed ({status}).", "Its log says why."
            )
        return CommandError(
            f"There is no Jupyter server at {self.server} (its answer is {status}).",
            "`jupyter server list` prints the addresses of those that run.",
        )

    def _ask(self, path: str) -> dict[str, Any] | None:
        """Another answer of the same server, None where there is none."""
        try:
            response = self._fetch(path)
        except CommandError:
            return None
        return _json(response) if response.code == 200 else None

    def _not_let_in(self) -> CommandError:
        if self.server.token:
            return CommandError(
                f"The server at {self.server} does not accept this token.",
                "`jupyter server list` prints the tokens of those that run here.",
            )
        if self.server.found:
            return CommandError(
                f"The server at {self.server} has no token: people log in there, with a password "
                "or otherwise.",
                "Start it with one too (--IdentityProvider.token=…), or give one that it takes by "
                "--token or $JUPYTER_TOKEN.",
            )
        return CommandError(
            f"The server at {self.server} asks for a token.",
            "Give it by --token or $JUPYTER_TOKEN; `jupyter server list` prints it.",
        )

    def _unreached(self, error: Exception) -> CommandError:
        where = self.server
        if isinstance(error, ssl.SSLCertVerificationError):
            if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, …IP_ADDRESS…
                return CommandError(
                    f"The certificate of {where} is for another name.",
                    "Give the address with that name: --server https://NAME:PORT/.",
                )
            return CommandError(
                f"The certificate of {where} is not one that this machine trusts "
                f"({error.verify_message}).",
                "If it is your own, name its file: --certificate FILE.",
            )
        if isinstance(error, ssl.SSLError):
            return CommandError(f"{where} does not speak TLS.", "Try http:// instead of https://.")
        if isinstance(error, HTTPTimeoutError):
            return CommandError(
                f"The server at {where} does not answer.",
                "Try http:// if it does not use TLS." if self._tls else "Its log may say why.",
            )
        if isinstance(error, (HTTPError, ConnectionResetError)):  # before there was an answer
            return CommandError(
                f"The server at {where} ended the connection.",
                "" if self._tls else "Try https:// if it uses TLS.",
            )
        why = getattr(error, "strerror", None) or str(error)
        return CommandError(
            f"The server at {where} cannot be reached ({why}).",
            "`jupyter server list` prints the addresses of those that run here.",
        )


def _json(response: HTTPResponse) -> dict[str, Any] | None:
    """The JSON object; None where it is something else."""
    try:
        body = json.loads(response.body or b"")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _tls(certificate: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if certificate is not None:
        try:
            context.load_verify_locations(cafile=certificate)
        except OSError as error:  # ssl.SSLError is one
            why = error.strerror if not isinstance(error, ssl.SSLError) else "it has none"
            raise UsageError(f"No certificate can be read from {certificate} ({why}).") from None
    return context
