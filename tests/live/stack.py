"""The two stacks on which everything must hold."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Stack:
    """An environment that kernels are started from."""

    name: str
    python: Path

    def kernelspec(self) -> dict[str, object]:
        """What ``kernel.json`` says; frozen modules off would only slow the start."""
        return {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": f"Python ({self.name})",
            "language": "python",
            "metadata": {"debugger": False},
        }


def stacks() -> dict[str, Stack]:
    """``today`` (this interpreter's) and ``colab`` (``$DLKIT_COLAB_PYTHON``)."""
    colab = os.environ.get("DLKIT_COLAB_PYTHON", ROOT / ".venv-colab" / "bin" / "python")
    return {
        "today": Stack("today", Path(sys.executable)),
        "colab": Stack("colab", Path(colab)),
    }


def stack(name: str) -> Stack:
    """The stack of that name.

    Raises ``FileNotFoundError`` where its interpreter is missing: a promise that
    nobody checked is not kept.
    """
    chosen = stacks()[name]
    if not chosen.python.exists():
        raise FileNotFoundError(
            f"{chosen.python}, the interpreter of the stack {name!r}, is not there:"
            " `make test` makes it; $DLKIT_COLAB_PYTHON names another."
        )
    return chosen


def clean_environment() -> dict[str, str]:
    """This process's environment without what would leak into a kernel or server."""
    leaking = ("PYTHON", "JUPYTER", "IPYTHON", "MPL", "DLKIT_STUB", "COVERAGE", "PYTEST")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(leaking)}
    return {**kept, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
