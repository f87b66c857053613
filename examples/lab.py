"""Opens JupyterLab on the tour, with the panel open: what ``make lab`` runs.

Without a display it prints the address instead.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from jupyterlab_server.workspaces_handler import WorkspacesManager

HERE = Path(__file__).resolve().parent
WORKSPACE = "dlkit-tour"


def arrangement(workspace: str) -> dict[str, object]:
    """A JupyterLab workspace whose right sidebar shows the panel."""
    right = {
        "collapsed": False,
        "visible": True,
        "current": "jupyter-dlkit-panel",
        "widgets": ["jupyter-dlkit-panel"],
    }
    left = {"collapsed": True, "visible": True, "current": None, "widgets": []}
    layout = {
        "main": None,
        "left": left,
        "right": right,
        "relativeSizes": [0.0, 0.62, 0.38],
        "top": {"simpleVisibility": True},
    }
    return {"data": {"layout-restorer:data": layout}, "metadata": {"id": workspace}}


def has_display() -> bool:
    """Whether a browser could open a window."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main() -> None:
    """Becomes JupyterLab."""
    workspaces = HERE.parent / ".cache" / "lab" / "workspaces"
    workspaces.mkdir(parents=True, exist_ok=True)
    WorkspacesManager(str(workspaces)).save(WORKSPACE, json.dumps(arrangement(WORKSPACE)))
    page = f"/lab/workspaces/{WORKSPACE}/tree/tour.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={HERE}"]
    command += [f"--LabApp.workspaces_dir={workspaces}", f"--LabApp.default_url={page}"]
    if not has_display():
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.execv(sys.executable, [*command, *sys.argv[1:]])


if __name__ == "__main__":
    main()
