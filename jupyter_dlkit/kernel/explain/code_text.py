"""The source of a frame's code, as it was compiled."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import sysconfig
from typing import Any, Dict, List, NamedTuple, Optional

from ...shapes.source.parsing import parsed

#: What IPython calls the body of a cell under ``%%time``, which no cache has.
TIMED = ("<timed exec>", "<timed eval>")
#: Longer sources are not parsed: it would take too long.
_LONGEST = 400_000


class CodeText(NamedTuple):
    """Parsed source.  ``shift``: lines that stand above it in the user's cell."""

    source: str
    tree: ast.Module
    shift: int


class Sources:
    """Sources of the files and cells of one traceback, each parsed once."""

    def __init__(self, raw_cell: Optional[str] = None) -> None:
        self._raw_cell = raw_cell
        self._known: Dict[str, Optional[CodeText]] = {}

    def of(self, filename: str) -> Optional[CodeText]:
        """The source of a file or cell; None when it cannot be had."""
        if filename not in self._known:
            self._known[filename] = self._read(filename)
        return self._known[filename]

    def _read(self, filename: str) -> Optional[CodeText]:
        shift = 0
        if filename in TIMED:
            first, _, rest = (self._raw_cell or "").partition("\n")
            if not first.startswith("%%time"):
                return None
            source, shift = rest, 1
        else:
            source = "".join(_lines(filename))
        if not source or len(source) > _LONGEST:
            return None
        try:
            return CodeText(source, parsed(source), shift)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _lines(filename: str) -> List[str]:
    entry: Any = linecache.cache.get(filename)
    if isinstance(entry, tuple) and len(entry) == 4:
        return list(entry[2])
    if filename.startswith("<"):
        return []
    return linecache.getlines(filename)


def _folders() -> List[str]:
    """Where libraries are."""
    found = []
    for scheme in ("stdlib", "platstdlib", "purelib", "platlib"):
        folder = sysconfig.get_paths().get(scheme)
        if folder:
            found.append(os.path.join(folder, ""))
    for module in ("IPython", "torch", "numpy"):
        file = getattr(sys.modules.get(module), "__file__", None)
        if isinstance(file, str):
            found.append(os.path.join(os.path.dirname(os.path.dirname(file)), ""))
    return found


class Whose:
    """Tells code of the user's from that of libraries by the file that it is in."""

    def __init__(self) -> None:
        self._folders = tuple(set(_folders()))
        torch = getattr(sys.modules.get("torch"), "__file__", None) or ""
        self._torch = os.path.join(os.path.dirname(torch), "") if torch else None

    def is_torch(self, filename: str) -> bool:
        """A file of torch's."""
        return self._torch is not None and filename.startswith(self._torch)

    def is_user(self, filename: str) -> bool:
        """A cell, or a file that is no library's."""
        if filename.startswith("<"):
            return filename.startswith(("<ipython-input-", "<cell ")) or filename in TIMED
        if "site-packages" in filename or "dist-packages" in filename:
            return False
        return not filename.startswith(self._folders) or "ipykernel_" in filename
