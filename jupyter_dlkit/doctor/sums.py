"""Files against the sizes and SHA-256 sums that their package was installed with."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import threading
from dataclasses import dataclass
from typing import Callable, Dict, Iterable, List, Optional, Union

from .installed import Distribution

_BLOCK = 4 * 2**20  # bytes read at once

#: Threads: hashing leaves the interpreter, and two keep a fast disk busy. Not of a pool of
#: concurrent.futures: those keep a process that was told to end alive until all is read.
_WORKERS = 2


@dataclass(frozen=True)
class Listed:
    """A file that a package has: ``package``, ``path``, ``size`` in bytes or None, and its sum.

    ``sum`` is SHA-256 in hexadecimal, None where the package does not say it.
    """

    package: str
    path: str
    size: Optional[int]
    sum: Optional[str]


@dataclass(frozen=True)
class Wrong:
    """A file that is not what the package says, and why."""

    file: Listed
    why: str


def listed_in_record(distribution: Distribution) -> Optional[List[Listed]]:
    """The files of a wheel's ``RECORD``; None when there is none."""
    try:
        with open(
            os.path.join(distribution.folder, "RECORD"), encoding="utf-8", newline=""
        ) as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError):
        return None
    return [_listed(distribution, row) for row in rows]


def _listed(distribution: Distribution, row: List[str]) -> Listed:
    path, told, size = (*row, "", "")[:3]
    method, _, value = told.partition("=")
    known = None
    if method == "sha256" and value:
        known = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()
    return Listed(
        f"{distribution.name} {distribution.version}",
        os.path.normpath(os.path.join(distribution.site, path)),
        int(size) if size.isdigit() else None,
        known,
    )


def compare(files: Iterable[Listed], read: Callable[[int], None]) -> List[Wrong]:
    """What is wrong, in the order of the files. ``read`` is told the bytes as they are read.

    A file of another size is not read. Those without a sum need only be there.
    """
    lock = threading.Lock()

    def told(count: int) -> None:
        with lock:
            read(count)

    waiting = iter(list(enumerate(files)))
    answers: Dict[int, Union[Wrong, Exception, None]] = {}

    def work() -> None:
        while True:
            with lock:
                at, one = next(waiting, (-1, None))
            if one is None:
                return
            try:
                answers[at] = _wrong(one, told)
            except Exception as error:  # of `read`, or what no file should do
                answers[at] = error
                return

    workers = [threading.Thread(target=work, daemon=True) for _ in range(_WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for answer in answers.values():
        if isinstance(answer, Exception):
            raise answer
    found = (answers[at] for at in sorted(answers))
    return [one for one in found if isinstance(one, Wrong)]


def _wrong(one: Listed, read: Callable[[int], None]) -> Optional[Wrong]:
    try:
        size = os.stat(one.path).st_size
        if one.size is not None and size != one.size:
            read(one.size)
            return Wrong(one, f"it has {size:,} bytes instead of {one.size:,}")
        if one.sum is None:
            return None
        found = hashlib.sha256()
        with open(one.path, "rb", buffering=0) as file:
            while True:
                block = file.read(_BLOCK)
                if not block:
                    break
                found.update(block)
                read(len(block))
    except FileNotFoundError:
        return Wrong(one, "it is missing")
    except OSError as error:
        return Wrong(one, f"it cannot be read: {error.strerror}")
    return None if found.hexdigest() == one.sum else Wrong(one, "its SHA-256 is another")
