"""Examples of a shell, beside a real server that runs one notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.live.server import TOKEN, LiveServer
from tests.live.stack import ROOT, clean_environment

from .comparing import compare
from .examples import Block

#: What a reader's server is called on the pages.
ADDRESS = "localhost:8888"
#: Seconds for one example.
PATIENCE = 60

#: What a block leaves is there in the next one, as in a terminal.
SCRIPT = """
before=$(compgen -v | sort)
set -o allexport
[ -e "$STATE" ] && source "$STATE"
set -euo pipefail
{code}
set +u
made=$(comm -13 <(echo "$before") <(compgen -v | sort) | grep -vE '^(BASH|PIPE|_|before)' || true)
[ -z "$made" ] || declare -p $made > "$STATE"
"""


class Shell:
    """One terminal on the machine of a server; variables stay from block to block."""

    def __init__(self, server: LiveServer, folder: Path) -> None:
        self._address = re.sub(r"^https?://|/$", "", server.url)
        paths = [Path(sys.executable).parent, ROOT / ".venv" / "bin", os.environ["PATH"]]
        self._folder = folder
        self._environment = {
            **clean_environment(),
            "PATH": os.pathsep.join(map(str, paths)),
            "PYTHONPATH": str(ROOT),
            "JUPYTER_RUNTIME_DIR": str(server.folder.parent / "runtime"),
            "STATE": str(folder / "state"),
            "TOKEN": TOKEN,
            "COLUMNS": "100",
            "NO_PROXY": "*",
        }

    def run(self, block: Block) -> None:
        """Raises ``AssertionError`` where it fails, or says something else than the page."""
        code = block.code.replace(ADDRESS, self._address)
        done = subprocess.run(
            ["bash", "-c", SCRIPT.format(code=code)],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{block.where}: {done.returncode}\n{code}\n{done.stdout}"
        compare(block, done.stdout)
