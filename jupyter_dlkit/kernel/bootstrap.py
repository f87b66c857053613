"""Entry of the agent: executed by its source, with ``kernel`` in its globals.

It runs on the control thread, perhaps in the middle of a cell, inside a silent
``execute_request``; ``attach_content`` in ``carry.py`` builds that message.  It
must leave no trace in that cell: three things would otherwise go wrong.
"""

from __future__ import annotations

import base64
import importlib.abc
import importlib.util
import json
import sys
import threading
import zlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Tuple

CARGO = "dlkit_cargo"
ROOT = "_jupyter_dlkit_agent"

#: The statement that executes us has put it into our globals.
kernel: Any = globals()["kernel"]


def unpacked(packed: str) -> Dict[str, str]:
    """Source by the name of its file."""
    sources: Dict[str, str] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return sources


class Carried(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the agent's modules from memory, each when it is first needed."""

    def __init__(self, sources: str, later: str) -> None:
        """Both packed; ``later`` stays so until one of its modules is imported."""
        self.sources = unpacked(sources)
        self.later = later

    def locate(self, fullname: str) -> Optional[Tuple[str, str]]:
        """Name and source of a module: ``(file, text)``, or None."""
        if fullname == ROOT:
            return "__init__.py", ""
        stem = fullname[len(ROOT) + 1 :].replace(".", "/")
        names = (stem + "/__init__.py", stem + ".py")
        if self.later and not any(name in self.sources for name in names):
            self.sources.update(unpacked(self.later))
            self.later = ""
        for name in names:
            if name in self.sources:
                return name, self.sources[name]
        return None

    def find_spec(
        self, fullname: str, path: Any = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        """The spec of a module that we carry."""
        if fullname != ROOT and not fullname.startswith(ROOT + "."):
            return None
        found = self.locate(fullname)
        if found is None:
            return None
        package = found[0].endswith("__init__.py")
        return importlib.util.spec_from_loader(fullname, self, is_package=package)

    def exec_module(self, module: ModuleType) -> None:
        """Compile and run the module."""
        found = self.locate(module.__name__)
        if found is None:
            raise ImportError(module.__name__)
        name, source = found
        exec(compile(source, "<jupyter_dlkit>/" + name, "exec", dont_inherit=True), module.__dict__)

    def get_source(self, fullname: str) -> Optional[str]:
        """For tracebacks."""
        found = self.locate(fullname)
        return None if found is None else found[1]


class SkipOnce(List[Any]):
    """Callbacks of ``post_execute`` that this thread skips once.

    They fire for silent executes too, here on the control thread: matplotlib's
    would display and close the figures of the cell that is running.
    """

    def __init__(self, callbacks: List[Any]) -> None:
        super().__init__(callbacks)
        self.thread: Optional[int] = threading.get_ident()

    def __getitem__(self, index: Any) -> Any:
        if self.thread is not None and threading.get_ident() == self.thread:
            self.thread = None
            registry["post_execute"] = list(self)
            return []
        return list.__getitem__(self, index)


def is_idle() -> bool:
    """Whether no cell is running, as far as the kernel lets one know."""
    lock = getattr(kernel, "_main_asyncio_lock", None)  # ipykernel 7
    if lock is not None:
        return not lock.locked()
    waiting = getattr(getattr(kernel, "msg_queue", None), "_getters", None)  # ipykernel 6
    return bool(waiting)


def publish_idle(header: Dict[str, Any]) -> None:
    """Publish the idle that our own execute would have published, unless a cell is running."""
    if is_idle():
        kernel.session.send(
            kernel.iopub_socket,
            "status",
            {"execution_state": "idle"},
            parent={"header": header},
            ident=kernel._topic("status"),
        )


def attach() -> None:
    """Load the agent, unless the same one is here."""
    parent = kernel.get_parent("control")
    # Our own "idle" carries this message as its parent, and clients would show
    # Idle in the middle of a cell.  They ignore that of a comm_info_request.
    header = dict(parent["header"])
    parent["header"]["msg_type"] = "comm_info_request"
    kernel.io_loop.add_callback(publish_idle, header)

    cargo = parent["content"][CARGO]
    present = sys.modules.get(ROOT + ".kernel.agent")
    if present is not None:
        if cargo["version"] == present.VERSION:
            return
        present.detach()
    sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "Carried"]
    for name in [n for n in list(sys.modules) if n == ROOT or n.startswith(ROOT + ".")]:
        del sys.modules[name]
    sys.meta_path.append(Carried(cargo["sources"], cargo["later"]))
    agent = importlib.import_module(ROOT + ".kernel.agent")
    agent.attach(kernel, cargo["version"])


def answer_with(error: Exception) -> Callable[..., None]:
    """A handler that says why the agent could not be attached.

    Raising instead would overwrite the user's ``sys.last_traceback``.
    """
    text = f"{type(error).__name__}: {error}"

    def handler(stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        head = {"ok": False, "op": parent["content"].get("op"), "status": 500}
        content = {
            "error": {
                "code": "attach_failed",
                "message": "The agent could not be loaded into this kernel: " + text,
                "hint": "Please report this with the versions of Python and ipykernel.",
            }
        }
        kernel.session.send(stream, "dlkit_reply", content, parent, ident, metadata={"dlkit": head})

    return handler


registry = kernel.shell.events.callbacks
registry["post_execute"] = SkipOnce(registry["post_execute"])
try:
    attach()
except Exception as error:
    kernel.control_handlers["dlkit_request"] = answer_with(error)
