"""A value is shown once, can be assigned, and holds no tensor."""

from __future__ import annotations

import pytest

from .notebook import Notebook

MODEL = """
x = torch.ones(8, 1, 6, 1)
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
"""

#: Each magic whose value is a result, and the class of it.
RESULTS = {
    "%tensors": "Tensors",
    "%tensors model.* --sort bytes --limit 3 --all": "Tensors",
    "%gpu": "Status",
    "%to toy model --dry-run": "Moved",
    "%broadcast x x": "Checked",
    "%broadcast x @ x + 1": "Checked",
    "%dlkit tensors": "Tensors",
}


@pytest.mark.parametrize("line", RESULTS)
def test_shown_once_and_kept_where_ipython_keeps_values(notebook: Notebook, line: str) -> None:
    notebook.run(MODEL)
    ran = notebook.run(line)
    assert ran.status == "ok"
    assert len(ran.results) == 1 and not ran.displayed
    assert not ran.stdout and not ran.stderr
    assert "<" in ran.results[0]["text/html"] and ran.result
    assert notebook.value("type(_).__name__, _ is Out[max(Out)]") == (RESULTS[line], True)


@pytest.mark.parametrize("line", RESULTS)
def test_assigned_and_not_shown(notebook: Notebook, line: str) -> None:
    notebook.run(MODEL)
    ran = notebook.run(f"t = {line}")
    assert (ran.status, ran.results, ran.displayed) == ("ok", [], [])
    assert notebook.value("type(t).__name__") == RESULTS[line]


@pytest.mark.parametrize(
    "line", ["%tensors;", "%tensors ;", "%tensors model;", "%dlkit tensors;", "%tensors; # all"]
)
def test_a_semicolon_silences_as_behind_any_expression(notebook: Notebook, line: str) -> None:
    notebook.run(MODEL)
    notebook.run("7")
    ran = notebook.run(line)
    assert (ran.status, ran.results, ran.displayed) == ("ok", [], []), ran.stderr
    assert notebook.value("_") == 7
    assert notebook.run(f"for _n in range(2):\n    {line}\nprint(1)").displayed == []
    assert notebook.run(f"s = {line}").results == []
    assert notebook.value("type(s).__name__") == "Tensors"


def test_in_the_middle_of_a_cell_it_is_shown_there(notebook: Notebook) -> None:
    notebook.run(MODEL)
    ran = notebook.run("%tensors x\nfor n in (1, 2):\n    %broadcast x x\nu = %gpu\n5")
    assert [text.split()[0] for text in ran.shown] == ["name", "✓", "✓"]
    assert ran.result == "5"


def test_at_the_end_of_a_cell_it_is_its_value(notebook: Notebook) -> None:
    notebook.run(MODEL)
    ran = notebook.run("n = 1\n%tensors x\n# that was all\n")
    assert len(ran.results) == 1 and not ran.displayed


def test_inside_of_functions_and_other_magics(notebook: Notebook) -> None:
    notebook.run(MODEL)
    notebook.run("def look():\n    %tensors x\n    c = %broadcast x x\n    return c")
    ran = notebook.run("c = look()")
    assert len(ran.displayed) == 1 and not ran.results
    assert notebook.value("type(c).__name__") == "Checked"
    timed = notebook.run("%time %tensors x")
    assert len(timed.results) == 1 and not timed.displayed
    assert notebook.run("%timeit -n 3 -r 2 %tensors x").displayed == []


def test_nothing_appears_in_the_namespace(notebook: Notebook) -> None:
    notebook.run(MODEL)
    names = "sorted(n for n in globals() if n.strip('_i').strip('0123456789'))"
    before = notebook.value(names)
    for line in [*RESULTS, "%dlkit", "%%memory\n1"]:
        assert notebook.run(line).status == "ok"
    notebook.run("%tensors --nonsense")
    notebook.run("%unload_ext jupyter_dlkit")
    assert notebook.value(names) == before


HELD = """
import weakref, gc
class Kept(torch.nn.Linear): pass
model = Kept(3, 3)
w = weakref.ref(model), weakref.ref(model.weight.untyped_storage())
"""


def test_holding_results_keeps_no_tensor_alive(notebook: Notebook) -> None:
    """Nor does an error: its traceback is what IPython keeps as the last one."""
    notebook.run(HELD)
    notebook.run("gc.disable()")
    lines = ["%tensors", "%broadcast model.weight model.bias", "%to toy model --dry-run"]
    lines += ["%to toy model", "%to --undo", "%dlkit tensors model", "%broadcast model(model.bias)"]
    for number, line in enumerate(lines):
        assert notebook.run(f"kept{number} = {line}").status == "ok"
        assert notebook.run(line).status == ("error" if line == "%to --undo" else "ok")
    for line in ("%to nowhere model", "%broadcast model nothing", "%to toy model model.bia"):
        assert "\n" not in notebook.run(line).usage_error
        notebook.run("%xmode Minimal")
    notebook.run("del model")
    assert notebook.run("print(w[0]() is None)").stdout == "True\n"
    notebook.run("gc.enable()")
