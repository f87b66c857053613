"""Whose a process is, and what may be said about it.

A driver names processes by pid. Which pid namespace those are of is certain
only where this process is in the initial one: inside a container the driver
may give the host's pids, and the same number here is a stranger. So there, and
for every process of another user, the bytes are all that is said.
"""

from __future__ import annotations

import os
from typing import List, Optional, Tuple

from .cgroup import read
from .host import psutil_or_none
from .values import Process

# The inode of the initial pid namespace is fixed in Linux (PROC_PID_INIT_INO).
_INITIAL_PID_NAMESPACE = "pid:[4026531836]"


class ProcessReader:
    """Says what is known of a pid, to a server that runs as `uid` (its own by default).

    `names=False` leaves out every name. `proc_root` stands for /proc.
    """

    def __init__(
        self, proc_root: str = "/proc", names: bool = True, uid: Optional[int] = None
    ) -> None:
        self._proc = proc_root
        self._names = names
        self._uid = os.geteuid() if uid is None and hasattr(os, "geteuid") else uid
        self._certain = self._pids_are_ours()

    def _pids_are_ours(self) -> bool:
        try:
            return os.readlink(os.path.join(self._proc, "self/ns/pid")) == _INITIAL_PID_NAMESPACE
        except OSError:
            # Without /proc (Windows) there are no pid namespaces.
            return not os.path.isdir(self._proc) and not hasattr(os, "geteuid")

    def describe(self, pid: int, used: Optional[int]) -> Process:
        """The process `pid`, which holds `used` bytes; anonymous unless certainly ours."""
        if not self._certain:
            return Process(None, used, None)
        if not os.path.isdir(self._proc):
            return self._ask_psutil(pid, used)
        # One read of one file: name and owner are of the same process, even if
        # the pid is given to another one in the meantime.
        name, uid, leader = _status(read(os.path.join(self._proc, str(pid), "status")))
        if uid is None or uid != self._uid or leader != pid:
            return Process(None, used, None)
        return Process(pid, used, self._full_name(pid, name) if self._names else None)

    def _full_name(self, pid: int, name: Optional[str]) -> Optional[str]:
        """`python train.py` says more than `python`; other arguments may be secrets."""
        line = read(os.path.join(self._proc, str(pid), "cmdline")) or ""
        script = _script(line.split("\0"))
        return f"{name} {script}" if name and script else name

    def _ask_psutil(self, pid: int, used: Optional[int]) -> Process:
        psutil = psutil_or_none()
        if psutil is None:
            return Process(None, used, None)
        try:
            process = psutil.Process(pid)
            if process.username() != psutil.Process().username():
                return Process(None, used, None)
            return Process(pid, used, process.name() if self._names else None)
        except psutil.Error:
            return Process(None, used, None)


def _status(text: Optional[str]) -> Tuple[Optional[str], Optional[int], Optional[int]]:
    """Name, effective uid and thread group's leader, from /proc/PID/status."""
    fields = {}
    for line in (text or "").splitlines():
        key, _, value = line.partition(":")
        fields[key] = value.strip()
    uids, leader = fields.get("Uid", "").split(), fields.get("Tgid", "")
    return (
        fields.get("Name") or None,
        int(uids[1]) if len(uids) > 1 and uids[1].isdigit() else None,
        int(leader) if leader.isdigit() else None,
    )


def _script(arguments: List[str]) -> Optional[str]:
    """The script or module that a Python command line runs, without its folder."""
    if not arguments or not os.path.basename(arguments[0]).lower().startswith("python"):
        return None
    rest = iter(arguments[1:])
    for word in rest:
        if word == "-m":
            module = next(rest, "")
            return f"-m {module}" if module else None
        if word.startswith("-c"):
            return None
        if word in ("-W", "-X"):
            next(rest, None)
        elif word and not word.startswith("-"):
            return os.path.basename(word)
    return None
