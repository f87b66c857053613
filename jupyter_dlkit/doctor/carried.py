"""The source of what an examining process needs."""

from __future__ import annotations

import base64
import functools
import json
import zlib
from pathlib import Path

#: The rooms that the checks are made of, relative to the package.
ROOMS = ("doctor", "hardware")

#: What only the one needs who starts the process.
LEFT_AT_HOME = ("doctor/boot.py", "doctor/carried.py", "doctor/examine.py", "doctor/loaded.py")


@functools.lru_cache(maxsize=1)
def cargo() -> str:
    """The source, packed: base64 of compressed JSON, ``{file: text}``."""
    root = Path(__file__).resolve().parent.parent
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
    }
    for name in LEFT_AT_HOME:
        del sources[name]
    return base64.b64encode(zlib.compress(json.dumps(sources).encode())).decode()
