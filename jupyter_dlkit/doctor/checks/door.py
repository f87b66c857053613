"""The door: who can reach the Jupyter server, and what keeps strangers out."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional

from ...hardware.cgroup import read
from .. import jupyter_folders, listening, server_settings
from ..facts import Facts
from ..registry import Seen, check

#: Addresses that only this machine can reach; "" and the others mean all of its addresses.
_LOOPBACK = ("127.", "::1", "localhost")
_ALL = ("", "*", "0.0.0.0", "::", "[::]")

_TUNNEL = (
    "On a machine of your own let it listen on `127.0.0.1` only, and open it from afar through "
    "`ssh -L 8888:localhost:8888 USER@MACHINE`."
)


#: Where a server listens, in words.
_WHERE = {
    "all": "all addresses",
    "network": "an address that other machines reach",
    "machine": "this machine only",
}


@dataclass(frozen=True)
class Door:
    """One server; ``reach`` is ``all``, ``network`` or ``machine``, as of ``listening.reach``.

    ``locked`` is None when that is not known, ``behind_hub`` JupyterHub's proxy.
    """

    reach: str
    port: Optional[int]
    locked: Optional[bool]
    secure: bool
    behind_hub: bool = False
    allow_origin: str = ""

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it."""
        return self.reach == "machine"

    @property
    def where(self) -> str:
        """Where it listens, in words; not the address, which may be a name."""
        at = _WHERE[self.reach]
        return at if self.port is None else f"{at}, port {self.port}"


def _reach(address: str) -> str:
    """By the address that a server was given."""
    if address in _ALL:
        return "all"
    return "machine" if address.startswith(_LOOPBACK) else "network"


def doors(facts: Facts) -> List[Door]:
    """The server that is examined, or else those that this user runs here."""
    if facts.server is not None:
        given = facts.server
        locked = given.get("authenticated")  # an identity provider may ask in other ways
        keys = (given.get("token"), given.get("password"))
        if locked is None and keys != (None, None):
            locked = any(map(bool, keys))
        return [
            Door(
                # One on a socket file is reached by who may open the file.
                reach="machine"
                if given.get("socket")
                else _reach(str(given.get("ip", "localhost"))),
                port=given.get("port"),
                locked=locked,
                secure=bool(given.get("certfile")),
                behind_hub=bool(given.get("hub")),
                allow_origin=str(given.get("allow_origin") or ""),
            )
        ]
    found = []
    folder = jupyter_folders.runtime(facts)
    for name in sorted(_names(folder)):
        if name.startswith("jpserver-") and name.endswith(".json"):
            one = _announced(facts, os.path.join(folder, name))
            if one is not None:
                found.append(one)
    return found


def _names(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _announced(facts: Facts, path: str) -> Optional[Door]:
    """A server by its file; None for one that does not run any more.  Its token is not kept."""
    try:
        given = json.loads(read(path) or "")
        pid, port, address = int(given["pid"]), int(given["port"]), str(given["hostname"])
        alive = os.path.isdir(facts.under(f"/proc/{pid}"))
        if not alive and os.path.isdir(facts.under("/proc")):
            return None
        return Door(
            reach="machine"
            if given.get("sock")
            else listening.reach(facts, pid, port) or _reach(address),
            port=port,
            locked=bool(given.get("token")) or _password(facts, pid, given, path),
            secure=bool(given.get("secure")),
            behind_hub=_of_hub(server_settings.environment(facts, pid), given),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _password(facts: Facts, pid: int, given: Mapping[str, Any], path: str) -> Optional[bool]:
    """Whether a server without a token has a password.

    It has neither only where it was told so; else something may ask in another way.
    """
    if given.get("password"):
        return True
    told = server_settings.told(facts, pid, os.stat(path).st_mtime)
    return None if told.password is False and not told.no_token else told.password


def _of_hub(environ: Mapping[str, str], given: Mapping[str, Any]) -> bool:
    """Whether JupyterHub started it: what is started in its terminal has the variable as well."""
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    return bool(prefix) and str(given.get("base_url") or "").strip("/") == prefix


@check("machine.door", title="The Jupyter server is open to nobody else", cause=10)
def door(facts: Facts) -> Seen:
    """Which addresses it listens on; a token or password; TLS."""
    found = doors(facts)
    if not found:
        return Seen("not_applicable", "No Jupyter server of yours runs here", [_runtime_words])
    evidence = [_describe(one) for one in found]
    port = next((one.port for one in found if one.port is not None), 8888)
    command = f"jupyter server list; ss -ltn 'sport = :{port}'"
    judged = [_judge(one, facts) for one in found]
    order = ("problem", "warning", "unknown", "info", "ok")
    worst = min(judged, key=lambda one: order.index(one.verdict))
    return Seen(worst.verdict, worst.title, evidence, command, worst.next_step)


_runtime_words = "no jpserver-*.json of a running server in Jupyter's runtime folder"


def _describe(one: Door) -> str:
    lock = {
        True: "with a token or password",
        False: "WITHOUT a token or password",
        None: "whether it has a token or password is not known",
    }[one.locked]
    tls = "TLS" if one.secure else "no TLS of its own"
    return f"listens on {one.where}, {lock}, {tls}" + (", by JupyterHub" if one.behind_hub else "")


def _judge(one: Door, facts: Facts) -> Seen:
    if one.behind_hub:
        return Seen(
            "ok", "The Jupyter server is reached through JupyterHub, which asks who you are"
        )
    if one.locked is False and not one.local:
        return Seen(
            "problem",
            f"Anybody who reaches this machine can run code on it: the Jupyter server listens on "
            f"{one.where}, without a token or password",
            next_step="Stop it, and start it without `--IdentityProvider.token=''`, after "
            f"`jupyter server password`. {_TUNNEL}",
        )
    if one.allow_origin == "*" and one.locked is False:
        return Seen(
            "problem",
            "Any web page that you open can run code here: the Jupyter server takes requests "
            "from every origin, without a token or password",
            next_step="Remove `allow_origin = '*'`, or set a password: `jupyter server password`.",
        )
    if one.locked is False:
        return Seen(
            "warning",
            "Every user of this machine can run code as you: the Jupyter server has no token or "
            "password",
            next_step="Start it without `--IdentityProvider.token=''`, or set a password: "
            "`jupyter server password`.",
        )
    if not one.local and not one.secure:
        return Seen(
            "warning",
            f"The Jupyter server listens on {one.where} without TLS: whoever is on the network "
            "can read the password and everything that you do",
            next_step=f"{_TUNNEL} Or give it a certificate "
            "(`--ServerApp.certfile=… --ServerApp.keyfile=…`), or put a proxy with TLS in front "
            "of it; where there is one already, nothing is to be done.",
        )
    if one.locked is None:
        return Seen(
            "unknown",
            "Not known: whether the Jupyter server asks for a token or password",
            next_step="Open it in a private window of the browser: it must ask for one.",
        )
    if one.local:
        return Seen(
            "ok", "The Jupyter server is reached from this machine only, with a token or password"
        )
    return Seen("ok", "The Jupyter server has a token or password, and TLS")
