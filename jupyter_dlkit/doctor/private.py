"""What may not leave the machine in a text: names, addresses, tokens, home folders.

The one place that knows.  Better too much is taken out than too little.
"""

from __future__ import annotations

import os
import re
import socket
from typing import Iterable, List, Mapping, Optional
from urllib.parse import quote

from .facts import Facts
from .private_shapes import without_shapes
from .report import plain

#: Names of users and hosts that say nothing about anybody.
_NOBODY = frozenset(
    (
        *("root", "user", "users", "admin", "administrator", "nobody", "runner", "vagrant"),
        *("ubuntu", "debian", "centos", "fedora", "ec2-user", "azureuser", "jovyan", "jupyter"),
        *("colab", "kaggle", "localhost", "docker", "container", "home", "server", "kernel"),
        *("shell", "python", "torch", "cuda", "nvidia", "gpu", "cpu", "linux"),
    )
)

_USER_VARIABLES = ("USER", "LOGNAME", "USERNAME", "JUPYTERHUB_USER", "NB_USER", "SUDO_USER")
_HOST_VARIABLES = ("HOSTNAME", "HOST", "COMPUTERNAME", "SLURMD_NODENAME")

#: Variables whose values are secrets wherever they appear.
_SECRET = re.compile(r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|COOKIE", re.I)


class Private:
    """Takes out what is private, of the machine of these facts (None: of this process)."""

    def __init__(self, facts: Optional[Facts] = None) -> None:
        environ: Mapping[str, str] = os.environ if facts is None else facts.environ
        initial = facts.initial_environ if facts is not None else None
        # As findings have them: see ``plain``.
        both = tuple(
            {name: plain(value) for name, value in one.items()} for one in (environ, initial or {})
        )
        home = plain((facts.home if facts is not None else "") or os.path.expanduser("~"))
        hosts = [socket.gethostname(), *_values(both, _HOST_VARIABLES)]
        if facts is not None:
            hosts.append((facts.read("etc/hostname") or "").strip())
        users = [*_values(both, _USER_VARIABLES), re.split(r"[/\\]", home.rstrip("/\\"))[-1]]
        self._literal = [
            *((one, "<secret>") for one in _secrets(both)),
            *((one, "~") for one in _homes(home)),
        ]
        names = [*((one, "<host>") for one in _hosts(hosts)), *((one, "<user>") for one in users)]
        self._names = [
            (re.compile(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", re.I), instead)
            for one, instead in sorted(set(names), key=lambda pair: -len(pair[0]))
            for form in dict.fromkeys((one, quote(one, safe="")))
            if len(one) > 1 and one.lower() not in _NOBODY
        ]

    def out_of(self, text: str) -> str:
        """The text without it, and without characters that do something in a terminal."""
        text = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text)
        for one, instead in self._literal:
            text = text.replace(one, instead)
        text = without_shapes(text)
        for pattern, instead in self._names:
            text = pattern.sub(instead, text)
        return "".join(each if each.isprintable() or each == "\n" else " " for each in text)


def _values(environs: Iterable[Mapping[str, str]], names: Iterable[str]) -> List[str]:
    return [environ[name] for environ in environs for name in names if environ.get(name)]


def _secrets(environs: Iterable[Mapping[str, str]]) -> List[str]:
    found = {
        value
        for environ in environs
        for name, value in environ.items()
        if _SECRET.search(name) and len(value) >= 6 and not os.path.isabs(value)
    }
    return sorted(found, key=len, reverse=True)


def _homes(home: str) -> List[str]:
    """The home folder as it may be written, the longest first; a home of ``/`` is none."""
    forms = {home, plain(os.path.realpath(home)), quote(home)}
    return sorted((one for one in forms if len(one.strip("/\\")) > 1), key=len, reverse=True)


def _hosts(names: Iterable[str]) -> List[str]:
    """Each with and without its domain."""
    found = {form for one in names if one for form in (one, one.partition(".")[0])}
    return sorted(one for one in found if one)
