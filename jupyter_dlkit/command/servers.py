"""The Jupyter servers of this user, and the addresses that are typed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import UsageError, quoted

#: What follows a server's base URL in the addresses of its pages.
_PAGES = re.compile(r"/(lab|tree|notebooks|edit|terminals|files|doc|api|consoles)(/.*)?$")


@dataclass(frozen=True)
class Server:
    """A Jupyter server.  ``url`` ends with its base URL and a slash.

    ``root``: the folder that its paths begin in, where it is known.  ``found``: whether it has
    told itself what its token is, also that it has none.
    """

    url: str
    token: str
    root: str | None = None
    found: bool = False

    def __str__(self) -> str:
        return self.url


def running(folder: str | None = None) -> list[Server]:
    """Those that run, by what each has written into ``folder`` (Jupyter's runtime folder).

    As ``jupyter_server.serverapp.list_running_servers``, whose import takes seconds.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    found = []
    for file in sorted(Path(folder or jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            info = json.loads(file.read_text(encoding="utf-8"))
            if _lives(info["pid"]):
                found.append(_server(info))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or of something else
    return found


def _server(info: Mapping[str, Any]) -> Server:
    url = str(info["url"])
    return Server(
        url if url.endswith("/") else f"{url}/",
        str(info.get("token") or ""),
        info.get("root_dir"),
        True,
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # somebody else's
    except OSError:
        return False
    return True


def named(address: str, token: str | None) -> Server:
    """The server of an address as it stands in a browser, with its token if that is in it.

    Raises ``UsageError`` where it is no address.
    """
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        valid = parts.scheme in ("http", "https", "http+unix") and parts.hostname
        parts.port  # noqa: B018  # raises where it is no number
    except ValueError:
        valid = None
    if not valid:
        raise UsageError(
            f"{quoted(address)} is not the address of a server.",
            "It is as in a browser: http://localhost:8888/ or https://hub.example.org/user/ann/.",
        )
    path = _PAGES.sub("", parts.path.rstrip("/"))
    written = parse_qs(parts.query).get("token", [""])[0]
    return Server(f"{parts.scheme}://{parts.netloc}{path}/", token or written or from_environment())


def from_environment() -> str:
    """A token that need not stand on the command line, where others can read it."""
    return os.environ.get("JUPYTER_TOKEN", "")
