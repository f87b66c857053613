"""The collection is true: each cell fails where it says, of what it says, and is mended so."""

from __future__ import annotations

import ast
import sys
from types import FrameType
from typing import Any

import pytest

from .snippets import HELD_OUT, SHOWN, SNIPPETS, Snippet
from .user import User


def innermost(error: BaseException, cells: dict[str, str]) -> tuple[FrameType, int, str]:
    """Frame, instruction and cell in which the user's code failed."""
    trace, found = error.__traceback__, None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name in cells:
            found = trace.tb_frame, trace.tb_lasti, cells[name]
        trace = trace.tb_next
    assert found is not None
    return found


def plain(source: str) -> str:
    """Without what does not matter: comments, spaces, outer parentheses."""
    return ast.unparse(ast.parse(source))


def fails(snippet: Snippet) -> tuple[User, BaseException]:
    """Run it to its failure."""
    user = User()
    *before, last = snippet.cells
    for cell in before:
        assert user.run(cell) is None
    error = user.run(last)
    assert error is not None, "it works"
    return user, error


def test_there_are_enough_and_a_third_is_set_aside() -> None:
    assert len(SNIPPETS) >= 66
    assert len(HELD_OUT) == len(SNIPPETS) // 3
    assert len(HELD_OUT) + len(SHOWN) == len(SNIPPETS)
    assert len({s.name for s in SNIPPETS}) == len(SNIPPETS)
    assert {s.kind for s in SNIPPETS} == {"shape", "dtype", "device", "index"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="instructions have no positions before 3.11")
@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_each_fails_in_torch_where_it_is_marked(snippet: Snippet) -> None:
    user, error = fails(snippet)
    assert type(error) in (RuntimeError, NotImplementedError, IndexError, ValueError, TypeError)
    frame, instruction, cell = innermost(error, user.cells)
    line, end_line, column, end_column = list(frame.f_code.co_positions())[instruction // 2]
    assert line is not None and end_line is not None
    lines = cell.encode().splitlines(keepends=True)[line - 1 : end_line]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    told = b"".join(lines).decode()
    marked = snippet.failing
    target = marked.split(" = ")[0]  # an assignment to an item is told by its target
    assert plain(told) in (plain(marked), plain(target) if " = " in marked else None)
    assert line == snippet.line
    for part in snippet.parts:
        if part.text.startswith("input of "):
            continue
        value: Any = eval(part.text, frame.f_globals, {**user.names, **frame.f_locals})
        assert tuple(value.shape) == part.shape, part.text
    user.close()


@pytest.mark.parametrize(
    "snippet", [s for s in SNIPPETS if s.mend is not None], ids=lambda s: s.name
)
def test_each_runs_when_it_is_mended(snippet: Snippet) -> None:
    user = User()
    for cell in snippet.mended:
        error = user.run(cell)
        assert error is None, error
    user.close()
