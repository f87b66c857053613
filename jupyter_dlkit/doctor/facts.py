"""What is examined: everything that a check may look at.

A check reads files under ``facts.root`` and the fields here, and nothing else that is global:
so a test can make any machine out of a folder, and a kernel's environment can be examined by
another process.
"""

from __future__ import annotations

import os
import platform
import shlex
import sys
import threading
from dataclasses import dataclass, field, fields
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar

from ..hardware.cgroup import read

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """The process that is examined, and its machine.

    root
        Stands for the folder that has ``proc``, ``sys``, ``dev``, ``run`` and ``etc``.
    where
        ``kernel``, ``server`` or ``shell``: whose process it is.
    environ, initial_environ
        Its environment as it is now, and as it was started (None where that cannot be read).
    executable, prefix, base_prefix, python, platform, machine
        Its interpreter: the path, ``sys.prefix``, ``sys.base_prefix``, the version ("3.11.2"),
        ``sys.platform``, and the processor (``x86_64``).
    site, path
        Its folders of installed packages, and its whole ``sys.path``, in order.
    pid, cwd, home
        Its number (None when no process of its own is examined), working folder, home folder.
    loaded
        What the process knows already, told by ``loaded.already_known``; empty when torch is
        not loaded, or nobody asked.
    kernelspec
        Of a kernel: ``name``, ``display_name``, ``argv``, ``path``; None when not known.
    server
        About the Jupyter server, by the server itself; None when there is none. Fields:
        ``executable``, ``prefix``, ``python``, ``ip``, ``port``, ``token`` and ``password``
        (whether there is one), ``certfile`` (whether), ``allow_origin``, ``allow_remote_access``,
        ``base_url``, ``versions`` ({package: version}), ``extension_enabled``,
        ``labextension_version``, ``labextension_enabled``, ``torch`` (its own, version or None),
        ``hub`` (whether JupyterHub started it).
    usage
        Samples of the machine that the server has taken: ``devices`` (rows of the status
        answer), ``kernels`` (busy or not, with ``cpu_percent``); None when there are none.
    packages
        Versions that the process examined runs with: ``{"ipykernel": "7.4.0", ...}``.
    price
        ``per_hour`` and ``currency``, as the user has set it; None when not set.
    data
        Folders whose disk matters (the notebook's folder, data sets).
    """

    root: str = "/"
    where: str = "shell"
    environ: Mapping[str, str] = field(default_factory=dict)
    initial_environ: Optional[Mapping[str, str]] = None
    executable: str = ""
    prefix: str = ""
    base_prefix: str = ""
    python: str = ""
    platform: str = "linux"
    machine: str = "x86_64"
    site: Tuple[str, ...] = ()
    path: Tuple[str, ...] = ()
    pid: Optional[int] = None
    cwd: str = ""
    home: str = ""
    loaded: Mapping[str, Any] = field(default_factory=dict)
    kernelspec: Optional[Mapping[str, Any]] = None
    server: Optional[Mapping[str, Any]] = None
    usage: Optional[Mapping[str, Any]] = None
    packages: Mapping[str, str] = field(default_factory=dict)
    price: Optional[Mapping[str, Any]] = None
    data: Tuple[str, ...] = ()
    _memo: Dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _lock: Any = field(default_factory=threading.RLock, compare=False, repr=False)

    @property
    def interpreter(self) -> str:
        """The examined interpreter, as a person types it into a shell."""
        path = self.executable or "python"
        if self.platform == "win32":
            return f'"{path}"' if " " in path else path
        return shlex.quote(path)

    def under(self, path: str) -> str:
        """The place under the root of a path such as ``/proc/self/status``."""
        return os.path.join(self.root, path.lstrip("/"))

    def read(self, path: str) -> Optional[str]:
        """The text of a file under the root; None when it cannot be read."""
        return read(self.under(path))

    def names(self, folder: str) -> Tuple[str, ...]:
        """The names in a folder under the root, sorted; none when it cannot be read."""
        try:
            return tuple(sorted(os.listdir(self.under(folder))))
        except OSError:
            return ()

    def once(self, key: str, find: Callable[[], T]) -> T:
        """What ``find()`` returns, found once for all checks of this examination."""
        with self._lock:
            lock = self._memo.setdefault(key + " lock", threading.Lock())
        with lock:
            if key not in self._memo:
                self._memo[key] = find()
            found: T = self._memo[key]
            return found

    def to_dict(self) -> Dict[str, Any]:
        """The fields, as JSON has them."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if not one.name.startswith("_")
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Facts:
        """Facts that came as JSON; unknown fields are ignored."""
        known = {
            one.name: given[one.name]
            for one in fields(cls)
            if one.name in given and not one.name.startswith("_")
        }
        for name in ("site", "path", "data"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


def here(where: str = "shell", **others: Any) -> Facts:
    """Facts of this very process; ``others`` are fields that it cannot tell itself.

    Reads files and ``sys`` only; for a kernel and a server as well as for a shell.
    """
    given: Dict[str, Any] = {
        "where": where,
        "environ": dict(os.environ),
        "initial_environ": _initial_environ(),
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "python": platform.python_version(),
        "platform": sys.platform,
        "machine": platform.machine(),
        "site": tuple(_site()),
        "path": tuple(str(one) for one in sys.path),
        "pid": os.getpid(),
        "cwd": _cwd(),
        "home": os.path.expanduser("~"),
    }
    return Facts(**{**given, **others})


def _initial_environ() -> Optional[Dict[str, str]]:
    """As the process was started; Linux keeps it, whatever was changed since."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return None
    pairs = (os.fsdecode(entry).partition("=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}


def _site() -> Tuple[str, ...]:
    """The folders on ``sys.path`` that packages are installed into, in the order of the path."""
    names = ("site-packages", "dist-packages")
    found = (os.path.abspath(one) for one in sys.path if os.path.basename(one) in names)
    return tuple(dict.fromkeys(found))


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""
