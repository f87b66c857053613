"""A Jupyter server by its file: it announces itself before it listens."""

from __future__ import annotations

import json
import socket
from pathlib import Path


def listens(runtime: Path) -> bool:
    """Whether a server has announced itself in this runtime folder, and takes connections."""
    try:
        said = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
        if said.get("sock"):
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(said["sock"])
        else:
            socket.create_connection(("127.0.0.1", said["port"]), timeout=10).close()
    except (OSError, ValueError, StopIteration):
        return False
    return True
