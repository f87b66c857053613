"""Examples in a kernel, as a reader would run them: one cell after the other."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.live.kernel import LiveKernel, Outcome
from tests.live.stack import ROOT

from .comparing import COLOURS, compare
from .examples import Block

#: Before each page: nothing of the page before.
CLEAN = """
try:
    get_ipython().extension_manager.unload_extension("jupyter_dlkit")
except Exception:
    pass
get_ipython().run_line_magic("reset", "-f")
import sys as _sys
_sys.path[:0] = [{root!r}] * ({root!r} not in _sys.path)
"""

#: Where there is no GPU: real moves, real errors, exact bytes.
STAND_IN = """
from tests.second_device import load as _load
_load()
"""

#: The last line of a traceback, where the error says what it is.
ERROR = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Warning|Interrupt)): ", re.MULTILINE)


def clean(kernel: LiveKernel) -> None:
    """As it was when it started, but for modules."""
    kernel.run(CLEAN.format(root=str(ROOT)))


def stand_in(kernel: LiveKernel) -> None:
    """Gives it the second device of the tests."""
    clean(kernel)
    kernel.run(STAND_IN, timeout=240)


def standing_in(block: Block) -> Block:
    """What the page says of ``cuda``, said of that device."""
    output = None if block.output is None else block.output.replace("cuda", "toy")
    return replace(block, code=block.code.replace("cuda", "toy"), output=output)


def said(outcome: Outcome) -> str:
    """What a reader sees below the cell, as text: printed, displayed, returned, raised."""
    parts = [outcome.stdout, outcome.stderr]
    parts += [str(one.get("text/plain", "")) for one in outcome.displayed]
    parts += [outcome.result or ""]
    if outcome.error is not None:
        parts.insert(0, raised(outcome.error))
    return "\n".join(part.rstrip("\n") for part in parts if part)


def raised(traceback: str) -> str:
    """The traceback without the way there."""
    text = COLOURS.sub("", traceback)
    found = list(ERROR.finditer(text))
    return text[found[-1].start() :] if found else text


def run(kernel: LiveKernel, block: Block, spaces: bool = True) -> None:
    """Raises ``AssertionError`` where the page is wrong, or the example fails and says not so."""
    outcome = kernel.finish(kernel.start(block.code, stop_on_error=False))
    if outcome.error is not None and (block.output is None or not ERROR.search(block.output)):
        raise AssertionError(f"{block.where}\n{block.code}\n{COLOURS.sub('', outcome.error)}")
    compare(block, said(outcome), spaces)
