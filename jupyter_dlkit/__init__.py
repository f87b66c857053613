"""Live tensors and devices of Jupyter kernels."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Dict, List

if TYPE_CHECKING:
    from .api.checking import CheckError, check_broadcast
    from .api.devices import devices
    from .api.doctor import doctor
    from .api.errors import DLKitError
    from .api.memory import memory
    from .api.moving import MoveError, move, undo
    from .api.releasing import release
    from .api.status import status
    from .api.tensors import tensors

__all__ = [
    "CheckError",
    "DLKitError",
    "MoveError",
    "__version__",
    "check_broadcast",
    "devices",
    "doctor",
    "memory",
    "move",
    "release",
    "status",
    "tensors",
    "undo",
]

#: In which module of ``api`` a public name is; imported when it is first asked for.
_API = {
    "CheckError": "checking",
    "DLKitError": "errors",
    "MoveError": "moving",
    "check_broadcast": "checking",
    "devices": "devices",
    "doctor": "doctor",
    "memory": "memory",
    "move": "moving",
    "release": "releasing",
    "status": "status",
    "tensors": "tensors",
    "undo": "moving",
}


def __getattr__(name: str) -> Any:
    if name in _API:
        from importlib import import_module

        return getattr(import_module(f".api.{_API[name]}", __name__), name)
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("jupyter-dlkit")
        except PackageNotFoundError:  # a source tree that was never installed
            return "0.0.0.dev0"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return [*globals(), *_API, "__version__"]


class _Package(ModuleType):
    """``jupyter_dlkit.doctor`` is the function, also once the room of that name was imported:
    what is imported becomes an attribute of its package, and would stand before it."""

    @property
    def doctor(self) -> Any:
        """``api.doctor.doctor``."""
        return __getattr__("doctor")

    @doctor.setter
    def doctor(self, room: ModuleType) -> None:
        """Not kept: ``sys.modules`` has it, which is what imports look into."""


sys.modules[__name__].__class__ = _Package


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext jupyter_dlkit``: magics, and explanations below tracebacks."""
    from .magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """``%unload_ext jupyter_dlkit``."""
    from .magics import unload

    unload(ipython)


def _jupyter_labextension_paths() -> List[Dict[str, str]]:
    """Where JupyterLab and Notebook find the panel."""
    return [{"src": "labextension", "dest": "jupyter-dlkit"}]


def _jupyter_server_extension_points() -> List[Dict[str, Any]]:
    """Where Jupyter Server finds the extension."""
    from .server.app import DLKit

    return [{"module": "jupyter_dlkit.server.app", "app": DLKit}]
