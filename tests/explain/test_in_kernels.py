"""Below the traceback, in real kernels: the text, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dlkit.kernel import protocol
from tests.kernel.caller import Caller

from .snippets import SHOWN, Snippet
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


@pytest.mark.parametrize("snippet", SHOWN, ids=lambda s: s.name)
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
