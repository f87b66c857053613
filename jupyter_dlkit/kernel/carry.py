"""Packs the agent for a kernel that has never heard of us.

Used by the server.  The source travels in an extra field of one silent
``execute_request``; the kernel compiles the entry module at once and the others
when they are first imported, from memory.  Nothing is written to disk.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any, Dict

from .protocol import CARGO, PROTOCOL

#: The rooms that may run in a kernel, relative to the package.
PORTABLE = ("kernel", "shapes", "hardware")

#: Carried only when the doctor is asked for, with that request.
DOCTOR = "doctor"

#: What only the server needs of them.
LEFT_AT_HOME = ("kernel/carry.py",)

#: Unpacked when the first of them is imported: a list of tensors needs none.
LATER = (
    "kernel/explain/",
    "kernel/findings/",
    "kernel/memory/",
    "kernel/memory_errors/",
    "kernel/release/",
    "kernel/transfer/",
    "shapes/",
)

#: Imported when the agent is attached, although they are among those.
AT_ONCE = ("kernel/explain/__init__.py", "kernel/explain/hook.py", "kernel/explain/raised.py")

#: Compiled at once; the others are compiled when they are first imported.
ENTRY = "kernel/bootstrap.py"


@functools.lru_cache(maxsize=1)
def cargo() -> Dict[str, Any]:
    """The agent: its version (a digest of its source) and its source."""
    root = Path(__file__).resolve().parent.parent
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for room in PORTABLE
        for path in sorted((root / room).rglob("*.py"))
    }
    for name in LEFT_AT_HOME:
        del sources[name]
    version = f"{PROTOCOL}.{hashlib.sha256(repr(sources).encode()).hexdigest()[:12]}"
    entry = sources.pop(ENTRY)
    later = {
        name: sources.pop(name)
        for name in list(sources)
        if name.startswith(LATER) and name not in AT_ONCE
    }
    return {
        "version": version,
        "entry": entry,
        "sources": _packed(sources),
        "later": _packed(later),
    }


@functools.lru_cache(maxsize=1)
def doctor() -> Dict[str, str]:
    """The doctor: ``version`` (a digest of its source) and ``sources``, for ``protocol.DOCTOR``."""
    root = Path(__file__).resolve().parent.parent
    sources = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((root / DOCTOR).rglob("*.py"))
    }
    version = hashlib.sha256(repr(sources).encode()).hexdigest()[:12]
    return {"version": version, "sources": _packed(sources)}


def _packed(sources: Dict[str, str]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(sources).encode())).decode()


def version() -> str:
    """The version of the agent that this package would attach."""
    return str(cargo()["version"])


def attach_content() -> Dict[str, Any]:
    """Content of the ``execute_request`` (on the *control* channel) that attaches.

    Its reply comes when the agent answers requests; an older agent has been
    replaced, an equal one kept.  Code and namespace of the user are not touched:
    the statement assigns no name, is silent, and stores no history.
    """
    code = (
        # builtins through copyreg: the user may have an exec or compile of his own.
        "(lambda b: (lambda k: b['exec'](b['compile'](k.get_parent('control')['content']"
        f"['{CARGO}']['entry'], '<jupyter_dlkit>', 'exec'), {{'kernel': k}}))"
        "(b['__import__']('IPython').get_ipython().kernel))"
        "(().__reduce_ex__(2)[0].__globals__['__builtins__'])"
    )
    return {
        "code": code,
        "silent": True,
        "store_history": False,
        "user_expressions": {},
        # False would make input() of a running cell raise StdinNotImplementedError.
        "allow_stdin": True,
        "stop_on_error": False,
        CARGO: cargo(),
    }
