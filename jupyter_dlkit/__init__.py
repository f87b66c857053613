"""Live tensors and devices of Jupyter kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

if TYPE_CHECKING:
    from .kernel.broadcasting import CheckError, check_broadcast
    from .kernel.face import MoveError, move, undo

__all__ = ["CheckError", "MoveError", "__version__", "check_broadcast", "move", "undo"]


def __getattr__(name: str) -> Any:
    if name in ("MoveError", "move", "undo"):
        from .kernel import face

        return getattr(face, name)
    if name in ("CheckError", "check_broadcast"):
        from .kernel import broadcasting

        return getattr(broadcasting, name)
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("jupyter-dlkit")
        except PackageNotFoundError:  # a source tree that was never installed
            return "0.0.0.dev0"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_labextension_paths() -> List[Dict[str, str]]:
    """Where JupyterLab and Notebook find the panel."""
    return [{"src": "labextension", "dest": "jupyter-dlkit"}]


def _jupyter_server_extension_points() -> List[Dict[str, Any]]:
    """Where Jupyter Server finds the extension."""
    from .server.app import DLKit

    return [{"module": "jupyter_dlkit.server.app", "app": DLKit}]
