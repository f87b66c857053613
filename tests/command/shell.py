"""`jupyter dlkit …`, run as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.live.stack import ROOT, clean_environment

#: The console script, beside this interpreter.
SCRIPT = Path(sys.executable).with_name("jupyter-dlkit")


def environment(**more: str) -> dict[str, str]:
    """A terminal-less shell of a fresh user; ``more`` is set on top."""
    kept = {k: v for k, v in clean_environment().items() if k not in ("COLUMNS", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def dlkit(*words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Said:
    """Runs `python -m jupyter_dlkit` with `words`; never a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_dlkit", *words],
        env=environment(**(env or {})),
        cwd=cwd or os.getcwd(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def one_sentence(said: Said) -> str:
    """What was said on stderr, which is one line, and nothing on stdout."""
    assert said.out == ""
    assert said.err.endswith((".\n", ".)\n")), said.err
    assert said.err.count("\n") == 1, said.err
    return said.err.strip()
