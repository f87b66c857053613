"""The doctor, in a kernel: examines this environment in a fresh process of this interpreter.

Nothing of it runs on the main thread, and nothing is initialised here: what torch knows
already is read, the checks are made by the other process.  The source of the checks comes
with the request, so that attaching carries none of it.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
import zlib
from types import ModuleType
from typing import Any, Dict, List, Optional

from .errors import Refusal
from .loaded import version_of

#: Packages whose version the kernel itself knows, by the names of their modules.
PACKAGES = ("ipykernel", "IPython", "jupyter_client", "zmq", "traitlets", "torch", "numpy")


def packages() -> Dict[str, str]:
    """Versions of those that are loaded."""
    found = ((name, version_of(name)) for name in PACKAGES)
    return {name: version for name, version in found if version}


class Examination:
    """One run.  A worker thread writes, the control thread reads."""

    def __init__(self, args: Dict[str, Any]) -> None:
        """``args``: those of ``protocol.DOCTOR``."""
        self.id = str(args.get("id"))
        self.cancelled = threading.Event()
        self._args = args
        self._findings: List[Dict[str, Any]] = []
        self._total: Optional[int] = None
        self._progress: Optional[List[Any]] = None
        self._report: Optional[Dict[str, Any]] = None
        self._error: Optional[Dict[str, str]] = None
        self._ended = False
        threading.Thread(target=self._run, name="jupyter_dlkit doctor", daemon=True).start()

    def answer(self, since: int) -> bytes:
        """How far it is, with the findings after the first ``since``."""
        ended = self._ended  # before the rest: that is whole once it has ended
        return json.dumps(
            {
                "id": self.id,
                "ended": ended,
                "findings": self._findings[since:],
                "total": self._total,
                "progress": self._progress,
                "report": self._report if ended else None,
                "error": self._error,
            }
        ).encode()

    def _run(self) -> None:
        try:
            self._examine(self._args)
        except Exception as error:
            # Ours, or what this machine does not allow (no process, no temporary file).
            self._error = json.loads(Refusal.unexpected(error).body())["error"]
        finally:
            self._args = {}
            self._ended = True

    def _examine(self, args: Dict[str, Any]) -> None:
        load(args)
        from ..doctor.examine import examine
        from ..doctor.facts import here
        from ..doctor.loaded import already_known

        facts = here(
            "kernel",
            loaded=already_known(),
            packages=packages(),
            **(args.get("facts") or {}),
        )
        report = examine(
            facts,
            long=bool(args.get("long")),
            on_finding=self._found,
            on_progress=self._advanced,
            cancel=self.cancelled,
        )
        self._report = report.to_dict()

    def _found(self, finding: Any, done: int, total: Optional[int]) -> None:
        self._total = total
        self._findings.append(finding.to_dict())

    def _advanced(self, doing: str, done: float, total: float) -> None:
        self._progress = [doing, done, total]


#: Digest of the source that is loaded.
_loaded: Optional[str] = None


def load(args: Dict[str, Any]) -> None:
    """Makes ``doctor`` importable, from the source that came along.

    Where we were imported from a disk it is there already.
    """
    global _loaded
    carrier: Any = globals().get("__loader__")
    known = getattr(carrier, "sources", None)
    if not isinstance(known, dict) or args.get("sources") is None or args["version"] == _loaded:
        return
    root = __name__.rpartition(".kernel.")[0]
    for name in [name for name in sys.modules if name.startswith(root + ".doctor")]:
        del sys.modules[name]
    package = sys.modules.get(root)
    if isinstance(package, ModuleType):
        package.__dict__.pop("doctor", None)
    known.update(json.loads(zlib.decompress(base64.b64decode(args["sources"]))))
    _loaded = args["version"]
