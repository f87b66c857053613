"""What the kernel has already imported.  Nothing is ever imported for looking."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Optional


def loaded(name: str, attribute: str = "") -> Optional[ModuleType]:
    """The module if the kernel has imported it, whole; else None.

    A module in the middle of its own import lacks ``attribute``, its last part.
    """
    module = sys.modules.get(name)
    if module is None or type(module) is not ModuleType:
        return None
    if attribute and attribute not in module.__dict__:
        return None
    return module


def torch() -> Any:
    """torch, or None when the kernel has not imported it (or is just doing so)."""
    # ``torch.nn`` and ``torch.autograd`` are there long before ``torch.compile``.
    return loaded("torch", "compile")


def numpy() -> Any:
    """NumPy, or None."""
    return loaded("numpy", "ndarray")


def version_of(name: str) -> Optional[str]:
    """Version of a module that is loaded; None when it is not."""
    module = loaded(name)
    version = module.__dict__.get("__version__") if module is not None else None
    return None if version is None else str(version)
