"""What the server knows of itself and of its kernels, for the doctor's checks.

Whether there is a token, never the token.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_path

from ..doctor.facts import here
from .errors import NoSuchKernel
from .links import Links
from .sampler import MachineSampler
from .switches import kernelspec

#: Packages of the server's side whose versions matter.
PACKAGES = (
    "jupyter-dlkit",
    "jupyter_server",
    "jupyterlab",
    "notebook",
    "jupyter_client",
    "jupyter_core",
    "ipykernel",
    "pynvml",
    "nvidia-ml-py",
)

#: The folder of the panel under ``labextensions``, and its name in the page's settings.
LABEXTENSION = "jupyter-dlkit"

#: ``per_hour`` and ``currency``, None where nobody has set them.
Price = Callable[[], "dict[str, Any] | None"]


class ServerFacts:
    """Fields of :class:`~jupyter_dlkit.doctor.facts.Facts` that only a server can fill."""

    def __init__(self, serverapp: Any, links: Links, sampler: MachineSampler, price: Price) -> None:
        self._app = serverapp
        self._links = links
        self._sampler = sampler
        self._price = price

    async def of_server(self) -> dict[str, Any]:
        """For the server's own report."""
        root = str(getattr(self._app.contents_manager, "root_dir", "") or "")
        about = await self._about()
        return {**await self._both(about), "packages": about["versions"], "data": (root,)}

    async def of_kernel(self, kernel_id: str) -> dict[str, Any]:
        """For a kernel's."""
        manager = self._links.link(kernel_id).manager
        spec = kernelspec(manager)
        found = None
        if spec is not None:
            found = {
                "name": str(manager.kernel_name),
                "display_name": str(spec.display_name),
                "argv": [str(word) for word in spec.argv],
                "path": str(spec.resource_dir),
            }
        return {**await self._both(await self._about()), "kernelspec": found}

    async def _both(self, about: dict[str, Any]) -> dict[str, Any]:
        status = (await self._sampler.sample()).status
        running = []
        for kernel_id in self._links.running():
            try:
                running.append(await self._links.describe(kernel_id))
            except NoSuchKernel:
                continue  # it was shut down meanwhile
        kernels = [
            {
                **{name: one[name] for name in ("id", "pid", "execution_state", "bytes")},
                "notebook": one["path"],
                "busy": one["execution_state"] == "busy",
            }
            for one in running
        ]
        usage = {"devices": status["devices"], "kernels": kernels}
        return {"server": about, "usage": usage, "price": self._price()}

    async def _about(self) -> dict[str, Any]:
        """``Facts.server``."""
        app, identity = self._app, self._app.identity_provider
        installed = await asyncio.to_thread(_installed)
        return {
            "executable": sys.executable,
            "prefix": sys.prefix,
            "python": platform.python_version(),
            "site": list(here().site),
            "ip": str(app.ip),
            "port": int(app.port),
            "socket": bool(getattr(app, "sock", "")),
            "token": bool(getattr(identity, "token", "")),
            "password": bool(getattr(identity, "hashed_password", "")),
            "authenticated": bool(getattr(identity, "auth_enabled", True)),
            "certfile": bool(app.certfile),
            "allow_origin": str(app.allow_origin),
            "allow_remote_access": bool(app.allow_remote_access),
            "base_url": str(app.base_url),
            "extension_enabled": True,  # who is asked is loaded
            "hub": is_hubs(str(app.base_url)),
            **installed,
        }


def is_hubs(base_url: str) -> bool:
    """Whether a JupyterHub has started this server, rather than somebody in a terminal of it."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    return bool(prefix) and base_url.strip("/") == prefix


def _installed() -> dict[str, Any]:
    """Reads files; not for the event loop."""
    versions = {name: found for name in PACKAGES if (found := _version(name)) is not None}
    return {
        "versions": versions,
        "torch": _version("torch"),
        "labextension_version": _panel_version(),
        "labextension_enabled": _panel_is_enabled(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _panel_version() -> str | None:
    """Of the panel that JupyterLab finds first; None where there is none."""
    for folder in jupyter_path("labextensions"):
        found = _json(Path(folder, LABEXTENSION, "package.json"))
        if found is not None:
            return str(found.get("version"))
    return None


def _panel_is_enabled() -> bool:
    """False where some level of JupyterLab's settings has disabled the panel.

    The most specific level wins, as in JupyterLab.
    """
    for folder in jupyter_config_path():
        page = _json(Path(folder, "labconfig", "page_config.json")) or {}
        disabled = page.get("disabledExtensions")
        if isinstance(disabled, list):
            disabled = dict.fromkeys(disabled, True)
        if isinstance(disabled, dict):
            own = [off for name, off in disabled.items() if _is_ours(str(name))]
            if own:
                return not any(own)
    return True


def _is_ours(name: str) -> bool:
    return name == LABEXTENSION or name.startswith(f"{LABEXTENSION}:")


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
