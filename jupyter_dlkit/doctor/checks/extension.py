"""Whether this extension's two halves, JupyterLab and the kernel's ipykernel fit together."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, List, Optional, Tuple

from ...hardware.cgroup import read
from .. import jupyter_folders
from ..facts import Facts
from ..installed import distributions
from ..registry import Seen, check
from ..versions import older

#: The oldest that the kernel's side runs on, and that the panel runs in.
IPYKERNEL, IPYTHON, JUPYTERLAB = "6.0", "7.34", "4.0"

PANEL = "jupyter-dlkit"
_PACKAGE_JSON = f"share/jupyter/labextensions/{PANEL}/package.json"
_CONFIG = "etc/jupyter/jupyter_server_config.d/jupyter_dlkit.json"


def _installed(facts: Facts, name: str) -> Optional[str]:
    """The version of a package in the examined environment; None where it is not there."""
    for given in (name, name.replace("-", "_")):
        if given in facts.packages:
            return facts.packages[given]
    found = distributions(facts).get(name)
    return found[0].version if found else None


def _in_server(facts: Facts, name: str) -> Optional[str]:
    """The version of a package on the server's side: its own account, or this environment."""
    if facts.server is None:
        return _installed(facts, name)
    versions: Dict[str, str] = dict(facts.server.get("versions") or {})
    return versions.get(name) or versions.get(name.replace("-", "_"))


def _json(path: str) -> Dict[str, Any]:
    try:
        found = json.loads(read(path) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _serves(facts: Facts) -> bool:
    """Whether pages are served from the examined environment, or a server told of itself."""
    return facts.server is not None or bool(_installed(facts, "jupyter-server"))


def _panel_version(facts: Facts) -> Optional[str]:
    if facts.server is not None and "labextension_version" in facts.server:
        version = facts.server["labextension_version"]
        return None if version is None else str(version)
    version = _json(os.path.join(facts.prefix, _PACKAGE_JSON)).get("version")
    return None if version is None else str(version)


@check(
    "extension.versions", title="Server, panel and kernel have the same jupyter_dlkit", cause=700
)
def versions(facts: Facts) -> Seen:
    """The two halves of the extension come in one wheel; a half update leaves two versions."""
    server, panel = _in_server(facts, PANEL), _panel_version(facts)
    own = _installed(facts, PANEL) if facts.where == "kernel" else None
    if not _serves(facts) or (server is None and panel is None):
        return Seen("not_applicable", "No Jupyter server with jupyter_dlkit in this environment")
    evidence = [f"server: {server or 'not installed'}", f"panel: {panel or 'not installed'}"]
    if own is not None:
        evidence.append(f"this kernel: {own}")
    command = "jupyter labextension list; pip show jupyter-dlkit"
    if server is None or panel is None:
        missing, there = ("server's half", "panel") if server is None else ("panel", "server half")
        return Seen(
            "warning",
            f"The {missing} of jupyter_dlkit is not installed, only its {there}",
            evidence,
            command,
            "Install it from its wheel: `pip install --force-reinstall jupyter-dlkit`.",
        )
    if _plain(server) != _plain(panel):
        return Seen(
            "warning",
            f"The panel is of version {panel}, the server's half of {server}",
            evidence,
            command,
            "`pip install --force-reinstall jupyter-dlkit`, restart the server, and reload the "
            "page with the browser's cache emptied.",
        )
    if own is not None and _plain(own) != _plain(server):
        return Seen(
            "info",
            f"The kernel has jupyter_dlkit {own}, the server {server}",
            evidence,
            command,
            "Magics come from the kernel's, the panel from the server's: update the older one.",
        )
    return Seen("ok", None, evidence, command)


def _plain(version: str) -> Tuple[str, ...]:
    """Python writes ``0.2.0rc1`` where npm writes ``0.2.0-rc.1``."""
    short = version.lower().replace("alpha", "a").replace("beta", "b")
    return tuple(re.findall(r"\d+|[a-z]+", short))


@check("extension.enabled", title="Both halves of jupyter_dlkit are switched on", cause=705)
def enabled(facts: Facts) -> Seen:
    """The server's half by its configuration, the panel by JupyterLab's settings."""
    if not _serves(facts) or _in_server(facts, PANEL) is None:
        return Seen("not_applicable", "No Jupyter server with jupyter_dlkit in this environment")
    server, panel, evidence = _switches(facts)
    command = "jupyter server extension list; jupyter labextension list"
    if not server:
        return Seen(
            "warning",
            "The server's half of jupyter_dlkit is switched off: the panel stays empty",
            evidence,
            command,
            "`jupyter server extension enable jupyter_dlkit`, and restart the server.",
        )
    if not panel:
        return Seen(
            "warning",
            "The panel of jupyter_dlkit is switched off in JupyterLab",
            evidence,
            command,
            f"`jupyter labextension enable {PANEL}`, and reload the page.",
        )
    return Seen("ok", None, evidence, command)


def _switches(facts: Facts) -> Tuple[bool, bool, List[str]]:
    """Whether the server's half and the panel are on, and by which file."""
    if facts.server is not None:
        server = facts.server.get("extension_enabled", True) is not False
        panel = facts.server.get("labextension_enabled", True) is not False
        return server, panel, [f"server: {_on(server)}", f"panel: {_on(panel)}"]
    server, panel, by = False, True, ["", ""]
    for folder in reversed(jupyter_folders.config(facts)):  # the first has the last word
        inner = (os.path.join(folder, "jupyter_server_config.d"), folder)
        for path in (
            os.path.join(inner[0], "jupyter_dlkit.json"),
            os.path.join(folder, "jupyter_server_config.json"),
        ):
            app = _json(path).get("ServerApp") or {}
            said = (app.get("jpserver_extensions") or {}).get("jupyter_dlkit")
            if said is not None:
                server, by[0] = bool(said), path
        path = os.path.join(folder, "labconfig", "page_config.json")
        off = _json(path).get("disabledExtensions") or {}
        for name in off:
            if str(name).split(":")[0] == PANEL:
                panel, by[1] = not (off[name] if isinstance(off, dict) else True), path
    return (
        server,
        panel,
        [
            f"server: {_on(server)} ({by[0] or 'no file enables it'})",
            f"panel: {_on(panel)}" + (f" ({by[1]})" if by[1] else ""),
        ],
    )


def _on(value: bool) -> str:
    return "on" if value else "off"


@check("extension.jupyterlab", title="JupyterLab is new enough for the panel", cause=710)
def jupyterlab(facts: Facts) -> Seen:
    """The panel needs JupyterLab 4 or Notebook 7."""
    if not _serves(facts):
        return Seen("not_applicable", "No Jupyter server in this environment")
    lab, notebook = _in_server(facts, "jupyterlab"), _in_server(facts, "notebook")
    evidence = [
        f"{name} {version}"
        for name, version in (("jupyterlab", lab), ("notebook", notebook))
        if version
    ]
    command = "jupyter --version"
    if lab is None:
        return Seen(
            "info",
            "JupyterLab is not installed beside this server: the panel has no page to be in",
            evidence or ["no jupyterlab"],
            command,
            "`pip install jupyterlab`; without it the magics (`%load_ext jupyter_dlkit`) and the "
            "command `jupyter dlkit` answer the same questions.",
        )
    if older(lab, JUPYTERLAB):
        return Seen(
            "warning",
            f"JupyterLab {lab} is too old for the panel, which needs {JUPYTERLAB}",
            evidence,
            command,
            "`pip install --upgrade 'jupyterlab>=4'`, and restart the server.",
        )
    return Seen("ok", f"JupyterLab {lab} is new enough for the panel", evidence, command)


@check("extension.ipykernel", title="The kernel's ipykernel is new enough", cause=715)
def ipykernel(facts: Facts) -> Seen:
    """The panel looks into kernels from ipykernel 6.0 and IPython 7.34 on."""
    kernel, ipython = _installed(facts, "ipykernel"), _installed(facts, "ipython")
    evidence = [
        f"{name} {version}"
        for name, version in (("ipykernel", kernel), ("IPython", ipython))
        if version
    ]
    command = f"{facts.interpreter} -m pip show ipykernel ipython"
    if kernel is None:
        if facts.where == "shell":
            return Seen(
                "info",
                "ipykernel is not installed in this environment: notebooks cannot use it",
                [f"no ipykernel for {facts.executable}"],
                command,
                "`python -m pip install ipykernel`, and `python -m ipykernel install --user "
                "--name NAME` makes it a kernel.",
            )
        return Seen("not_applicable", "This environment has no ipykernel", evidence)
    if older(kernel, IPYKERNEL):
        return Seen(
            "warning",
            f"ipykernel {kernel} is too old: the panel cannot look into this kernel",
            evidence,
            command,
            f"`{facts.interpreter} -m pip install --upgrade ipykernel`, and restart the kernel.",
        )
    if ipython is not None and older(ipython, IPYTHON):
        return Seen(
            "warning",
            f"IPython {ipython} is too old for the magics, which need {IPYTHON}",
            evidence,
            command,
            f"`{facts.interpreter} -m pip install --upgrade ipython`, and restart the kernel.",
        )
    return Seen("ok", f"ipykernel {kernel} is new enough", evidence, command)
