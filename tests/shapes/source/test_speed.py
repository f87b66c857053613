"""A cell of 200 lines is followed with little work: in the promised 50 ms."""

from jupyter_dlkit.shapes.source import ABSENT, follow_cell
from tests.live.calls import calls

from .working_cells import HEAD, WORKING


def long_cell():
    """200 lines of what people write, loops and all."""
    lines = HEAD.splitlines()
    for name in list(WORKING)[::3] + list(WORKING)[1::3]:
        if "class " not in WORKING[name]:
            lines.extend(WORKING[name].strip("\n").splitlines())
    assert len(lines) >= 200
    while len(lines) > 200 and lines[200].startswith((" ", ")")):
        lines.pop(200)
    return "\n".join(lines[:200]) + "\n"


def test_two_hundred_lines():
    cell = long_cell()
    assert calls(lambda: follow_cell(cell, lambda path: ABSENT)) < 200_000
