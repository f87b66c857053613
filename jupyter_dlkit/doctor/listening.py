"""Where a process listens, by the kernel's tables of sockets.

A server announces the address that it was given, and Jupyter's ``--ip='*'`` as ``localhost``.
"""

from __future__ import annotations

import os
import re
import sys
from typing import FrozenSet, Iterator, Optional, Tuple

from .facts import Facts

_LISTENS = "0A"  # TCP_LISTEN, include/net/tcp_states.h


def reach(facts: Facts, pid: int, port: int) -> Optional[str]:
    """Who reaches this port of the process: ``all`` addresses, ``network``, or ``machine`` only.

    ``network`` is one address that other machines reach. None where nothing tells: no Linux, or
    the process has no such socket.
    """
    own = _sockets(facts, pid)
    found = {
        address
        for address, number, socket in _listening(facts, pid)
        if number == port and (own is None or socket in own)
    }
    if not found:
        return None
    if any(not any(address) for address in found):
        return "all"
    return "machine" if all(map(_is_loopback, found)) else "network"


def _sockets(facts: Facts, pid: int) -> Optional[FrozenSet[str]]:
    """The numbers of the sockets that the process has open; None where that is not told."""
    folder = facts.under(f"/proc/{pid}/fd")
    found = set()
    try:
        for name in os.listdir(folder):
            try:
                match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(os.path.join(folder, name)))
            except OSError:  # it was closed meanwhile
                continue
            if match:
                found.add(match.group(1))
    except OSError:
        return None
    return frozenset(found)


def _listening(facts: Facts, pid: int) -> Iterator[Tuple[bytes, int, str]]:
    """Address (4 or 16 bytes, in the network's order), port, and number of each socket."""
    for name in ("tcp", "tcp6"):
        # The process's own: it may be in another network namespace than who asks.
        table = facts.read(f"/proc/{pid}/net/{name}") or facts.read(f"/proc/net/{name}") or ""
        for line in table.splitlines()[1:]:
            words = line.split()
            if len(words) < 10 or words[3] != _LISTENS:
                continue
            address, _, port = words[1].partition(":")
            try:
                yield _in_order(bytes.fromhex(address)), int(port, 16), words[9]
            except ValueError:
                continue


def _in_order(address: bytes) -> bytes:
    """The table has words of four bytes in the machine's order."""
    if sys.byteorder == "big":
        return address
    return b"".join(address[at : at + 4][::-1] for at in range(0, len(address), 4))


def _is_loopback(address: bytes) -> bool:
    if len(address) == 16 and address.startswith(bytes(10) + b"\xff\xff"):
        address = address[12:]  # IPv4 by a socket of IPv6
    return address[:1] == b"\x7f" if len(address) == 4 else address == bytes(15) + b"\x01"
