"""One kernel for each stack, cleared for each test; and variables of a script without IPython."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT, Stack

IMPORTS = f"""
import sys
sys.path[:1] = [{str(ROOT)!r}]
import numpy as np
import torch
import jupyter_dlkit as dlkit
from tests.second_device import load
toy = load()
"""


@pytest.fixture(scope="session")
def kernel_of_stack(stack: Stack) -> Iterator[LiveKernel]:
    """With torch, the second device and the API."""
    with LiveKernel(stack) as kernel:
        kernel.run(IMPORTS, timeout=120)
        yield kernel


@pytest.fixture
def cell(kernel_of_stack: LiveKernel) -> LiveKernel:
    """That kernel without variables but ``np``, ``torch``, ``dlkit`` and ``toy``."""
    kernel_of_stack.run("get_ipython().run_line_magic('reset', '-f')")
    kernel_of_stack.run(IMPORTS)
    return kernel_of_stack


def said(cell: LiveKernel, expression: str) -> str:
    """What an expression prints."""
    return cell.run(f"print({expression})").stdout.rstrip("\n")


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The variables of the main script, empty at first."""
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    return vars(main)
