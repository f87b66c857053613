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
    for operand in first.operands:
        owner = operand.partition(".")[0].partition("[")[0]  # net[4].weight
        made = operand.startswith("the output of ") or operand.endswith("]")
        assert made or operand in cell or owner in cell, operand


def test_the_place_is_that_of_the_sub_expression_in_utf8():
    cell = HEAD + FAILING["accents before the error"].lstrip("\n")
    place = follow_cell(cell, lambda path: ABSENT)[0].place
    line = cell.split("\n")[place.line - 1].encode()
    assert line[place.column : place.end_column].decode() == "größe @ größe"


def _edited(cell, edit):
    """The cell with one edit made."""
    lines = [line.encode() for line in cell.split("\n")]
    place = edit.place
    before = [*lines[: place.line - 1], lines[place.line - 1][: place.column]]
    after = [lines[place.end_line - 1][place.end_column :], *lines[place.end_line :]]
    return b"\n".join(before).decode() + edit.replacement + b"\n".join(after).decode()


@pytest.mark.parametrize("name", FAILING)
def test_each_edit_that_is_offered_makes_the_line_run(name):
    cell = HEAD + FAILING[name].lstrip("\n")
    first = next(one for one in follow_cell(cell, lambda path: ABSENT) if one.severity == "error")
    for edit in first.edits:
        mended = _edited(cell, edit)
        ran = run(mended)
        assert ran.error is None or ran.failed > first.place.end_line, f"{mended}\n{ran.error!r}"


def test_most_of_the_cells_have_an_edit():
    offered = 0
    for text in FAILING.values():
        findings = follow_cell(HEAD + text.lstrip("\n"), lambda path: ABSENT)
        offered += any(one.edits for one in findings)
    assert offered >= 30
