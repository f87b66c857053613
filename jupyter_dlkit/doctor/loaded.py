"""What a process already knows about its accelerator; runs inside it, on any thread.

Nothing is imported, and nothing is initialised that the user's code has not initialised:
``torch.cuda.is_available`` and ``get_arch_list`` call ``cuInit``, after which forked children
can use no GPU, and what lies below them makes torch treat such children as broken.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Dict, List, Optional

#: Packages that were built against one torch, and break beside another.
COMPANIONS = ("torchvision", "torchaudio", "torchtext")


def already_known() -> Dict[str, Any]:
    """What the loaded torch says; ``{}`` when torch is not loaded.

    ``version``, ``file`` (of ``torch/__init__.py``), ``cuda``, ``hip`` and ``xpu`` (what it was
    built for, or None), ``mps`` (built for Apple's GPUs), ``initialized`` (whether CUDA is),
    ``bad_fork``, ``companions`` ({name: version}); and of an initialised CUDA ``arch_list`` and
    ``devices`` (``index``, ``name``, ``uuid``, ``capability``), else None and ``[]``.
    """
    torch = _module("torch", "compile")
    if torch is None:
        return {}
    version = _module("torch.version") or torch
    cuda = _module("torch.cuda")
    return {
        "version": str(torch.__dict__.get("__version__", "")),
        "file": str(torch.__dict__.get("__file__", "")),
        **{name: _text(version.__dict__.get(name)) for name in ("cuda", "hip", "xpu")},
        "mps": bool(_ask(_module("torch.backends.mps"), "is_built")),
        "initialized": bool(_ask(cuda, "is_initialized")),
        "bad_fork": bool(_ask(cuda, "_is_in_bad_fork")),
        "arch_list": _architectures(cuda),
        "devices": _devices(cuda),
        "companions": {
            name: str(module.__dict__.get("__version__", ""))
            for name, module in ((one, _module(one)) for one in COMPANIONS)
            if module is not None
        },
    }


def _module(name: str, attribute: str = "") -> Optional[ModuleType]:
    """A module that is loaded; None while it lacks ``attribute``, its last part."""
    module = sys.modules.get(name)
    if type(module) is not ModuleType or (attribute and attribute not in module.__dict__):
        return None
    return module


def _ask(module: Optional[ModuleType], function: str, *arguments: Any) -> Any:
    found = None if module is None else module.__dict__.get(function)
    try:
        return None if found is None else found(*arguments)
    except Exception:
        return None


def _text(value: Any) -> Optional[str]:
    return None if value is None else str(value)


def _architectures(cuda: Optional[ModuleType]) -> Optional[List[str]]:
    """What the build was compiled for. Before CUDA is initialised this would mark later forks."""
    if not _ask(cuda, "is_initialized"):
        return None
    flags = _ask(_module("torch._C"), "_cuda_getArchFlags")
    return str(flags).split() if flags else None


def _devices(cuda: Optional[ModuleType]) -> List[Dict[str, Any]]:
    if not _ask(cuda, "is_initialized") or _ask(cuda, "_is_in_bad_fork"):
        return []
    rows = []
    for index in range(_ask(cuda, "device_count") or 0):
        properties = _ask(cuda, "get_device_properties", index)
        if properties is None:
            continue
        uuid = getattr(properties, "uuid", None)
        rows.append(
            {
                "index": index,
                "name": str(getattr(properties, "name", "")),
                "uuid": None if uuid is None else f"GPU-{uuid}",
                "capability": [getattr(properties, "major", 0), getattr(properties, "minor", 0)],
            }
        )
    return rows
