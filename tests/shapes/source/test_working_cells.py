"""Of a cell that runs nothing is said: a false alarm is worse than silence."""

import json
from pathlib import Path

import pytest

from jupyter_dlkit.shapes.source import ABSENT, follow_cell, names_after

from .running import contradiction, run
from .working_cells import HEAD, WORKING

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.ipynb"))


def _nothing(path):
    return ABSENT


@pytest.mark.parametrize("name", WORKING)
def test_nothing_is_said_of_a_cell_that_runs(name):
    cell = HEAD + WORKING[name].lstrip("\n")
    ran = run(cell)
    assert ran.error is None, f"line {ran.failed}: {ran.error!r}"

    assert follow_cell(cell, _nothing) == []

    for known, value in names_after(cell, _nothing).items():
        if known in ran.namespace:
            why = contradiction(value, ran.namespace[known])
            assert why is None, f"{known} is {why}"


#: What they show on purpose.  The notebook for Colab asks ``%broadcast`` about it instead.
TRAPS = {"colab": [], "tour": [("predictions - targets", "warning", "outer_product")]}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_have_no_error_and_no_trap_but_what_they_show(path):
    cells = json.loads(path.read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    # One cell after another: what earlier ones bind is there.
    whole = "\n".join(code)

    findings = follow_cell(whole, _nothing)

    found = [(one.source, one.severity, one.code) for one in findings]
    assert found == TRAPS[path.stem]
