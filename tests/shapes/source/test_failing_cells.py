"""A cell that fails is marked at the line that fails, and nowhere before."""

import pytest

from jupyter_dlkit.shapes.source import ABSENT, follow_cell

from .failing_cells import FAILING, HEAD
from .running import run


@pytest.mark.parametrize("name", FAILING)
def test_the_line_that_fails_is_marked_and_no_other(name):
    cell = HEAD + FAILING[name].lstrip("\n")
    lines = cell.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("#!")]
    ran = run(cell)
    assert ran.error is not None, "the cell runs"

    findings = [one for one in follow_cell(cell, lambda path: ABSENT) if one.severity == "error"]

    assert findings, f"silent about {ran.error}"
    first = findings[0]
    assert first.place.line <= marked[0] <= first.place.end_line, first
    assert all(one.place.end_line >= marked[0] for one in findings)
    assert first.source in cell
    assert all(
        operand in cell or operand[-1:] == "]" or ".weight" in operand for operand in first.operands
    )


def test_the_place_is_that_of_the_sub_expression_in_utf8():
    cell = HEAD + FAILING["accents before the error"].lstrip("\n")
    place = follow_cell(cell, lambda path: ABSENT)[0].place
    line = cell.split("\n")[place.line - 1].encode()
    assert line[place.column : place.end_column].decode() == "größe @ größe"
