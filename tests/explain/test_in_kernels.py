"""Below the traceback, in real kernels: the text, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.kernel.caller import Caller

from .snippets import SNIPPETS, Snippet
from .told import plain


def run(caller: Caller, snippet: Snippet) -> tuple[dict[str, Any] | None, Any]:
    """The explanation that the server gets, and what the failing cell gave."""
    kernel = caller.kernel
    *before, last = snippet.cells
    for cell in before:
        kernel.run(cell)
    outcome = kernel.finish(kernel.start(last))
    assert outcome.error is not None
    told = caller.answer(protocol.EXPLANATION)["explanation"]
    return told, outcome


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_the_collection_is_explained(explaining: Caller, snippet: Snippet) -> None:
    told, outcome = run(explaining, snippet)
    assert told is not None
    assert plain(told["expression"]) == plain(snippet.failing)
    assert told["line"] == snippet.line
    assert told["kind"] == snippet.kind
    assert told["layer"] == snippet.layer
    assert told["execution_count"] == outcome.execution_count
    shapes = {one["name"]: one["shape"] for one in told["operands"]}
    for part in snippet.parts:
        assert part.text in shapes
        assert shapes[part.text] == list(part.shape) or (
            part.temporary and shapes[part.text] is None
        )
    # Below the traceback, as text.
    words = "dlkit: " + " ".join(told["expression"].split())
    assert words[:80] in outcome.stderr
    assert "dlkit" not in outcome.error


STATE = """
import sys, traceback
print(sys.last_type.__name__, sys.last_value, [f.name for f in traceback.extract_tb(
    sys.last_traceback)][-1:], sys.last_value.__traceback__ is sys.last_traceback)
"""

DEEPEST = """
t = sys.last_traceback
while t.tb_next: t = t.tb_next
print(t.tb_frame.f_locals["a"])
del t
"""

FAILING = "def f(a, b):\n    return a + b\nf(torch.ones(2), torch.ones(3))"


def test_the_exception_is_the_users(explaining: Caller) -> None:
    kernel = explaining.kernel
    explaining.answer(protocol.EXPLANATION, text=True)
    outcome = kernel.finish(kernel.start(FAILING))
    assert "dlkit: a + b failed (line 2)." in outcome.stderr
    assert outcome.error is not None and "dlkit" not in outcome.error
    assert kernel.run(STATE).stdout.startswith("RuntimeError The size of tensor a (2) must match")
    assert "['f']" in kernel.run(STATE).stdout
    assert kernel.run(DEEPEST).stdout.strip() == "tensor([1., 1.])"  # what %debug shows


def test_the_text_can_be_switched_off(explaining: Caller) -> None:
    kernel = explaining.kernel
    assert explaining.answer(protocol.EXPLANATION, text=False)["text"] is False
    try:
        outcome = kernel.finish(kernel.start(FAILING))
        assert "dlkit" not in outcome.stderr
        assert explaining.answer(protocol.EXPLANATION)["explanation"]["expression"] == "a + b"
    finally:
        assert explaining.answer(protocol.EXPLANATION, text=True)["text"] is True


def test_an_error_of_another_kind_forgets_the_last(explaining: Caller) -> None:
    kernel = explaining.kernel
    kernel.finish(kernel.start(FAILING))
    outcome = kernel.finish(kernel.start("1 / 0"))
    assert "dlkit" not in outcome.stderr
    assert explaining.answer(protocol.EXPLANATION)["explanation"] is None


def test_a_timed_cell_is_explained(explaining: Caller) -> None:
    kernel = explaining.kernel
    cell = "%%time\na, b = torch.ones(2), torch.ones(3)\nc = a + b"
    outcome = kernel.finish(kernel.start(cell))
    assert "dlkit: a + b failed (line 3)." in outcome.stderr
    again = kernel.finish(kernel.start("%%time\nc = 1"))
    assert "dlkit" not in again.stderr


TIMED = """
import time
_owner = [f.__self__ for f in get_ipython().events.callbacks["post_run_cell"]
          if hasattr(getattr(f, "__self__", None), "explainer")][0].explainer
_real = type(_owner).after_cell
_took = []
def _timed(result=None):
    began = time.perf_counter()
    _real(_owner, result)
    _took.append(time.perf_counter() - began)
_owner.after_cell = _timed
"""


def test_it_adds_little(explaining: Caller) -> None:
    kernel = explaining.kernel
    kernel.finish(kernel.start(FAILING))
    kernel.run(TIMED)
    try:
        for _ in range(9):
            kernel.finish(kernel.start(FAILING))
        failing = kernel.run("print(sorted(_took)[len(_took) // 2]); _took.clear()").stdout
        for _ in range(9):
            kernel.run("x = 1")
        working = kernel.run("print(sorted(_took)[len(_took) // 2])").stdout
    finally:
        kernel.run("del _owner.after_cell")
    assert float(failing) < 0.020
    assert float(working) < 0.001
