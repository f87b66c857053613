"""``%%memory`` runs a cell as it would run without it, and shows what it took."""

from __future__ import annotations

import re

import pytest

from .notebook import Notebook

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_the_value_of_the_last_expression_is_the_cells(notebook: Notebook) -> None:
    ran = notebook.run("%%memory\nx = torch.ones(5)\nx.sum() + 2")
    assert ran.result == "tensor(7.)"
    assert len(ran.displayed) == 1 and "took" in ran.shown[0]
    assert "<" in ran.displayed[0]["text/html"]
    assert notebook.value("float(_), _ is Out[max(Out)], x.shape[0]") == (7.0, True, 5)


@pytest.mark.parametrize("body", ["x = 1", "x = 1\nx;", "", "# nothing", "def f(): return 1"])
def test_no_value_where_the_cell_has_none(notebook: Notebook, body: str) -> None:
    notebook.run("11")
    ran = notebook.run(f"%%memory\n\n{body}\n")
    assert (ran.status, ran.results, len(ran.displayed)) == ("ok", [], 1), ran
    assert notebook.value("_") == 11


def test_names_magics_and_output_are_the_users(notebook: Notebook) -> None:
    ran = notebook.run("%%memory\nprint('seen')\n%tensors\ny = 3\nhere = __name__, y\nlist(here)")
    assert ran.stdout == "seen\n"
    assert [("took" in text) for text in ran.shown] == [False, True]
    assert ran.result == "['__main__', 3]"
    again = notebook.run("%%dlkit memory\n!echo out\n%time y + 1")
    assert "out" in again.stdout and "Wall time" in again.stdout
    assert again.result == "4"


FAILING = "%%memory\ndef f(a, b):\n    return a @ b\n\nf(torch.ones(2, 3), torch.ones(4, 5))"


def test_an_error_is_the_users_and_what_was_used_is_shown(notebook: Notebook) -> None:
    ran = notebook.run(FAILING)
    assert ran.status == "error" and len(ran.displayed) == 1
    traceback = ANSI.sub("", ran.traceback)
    assert "RuntimeError" in traceback and "jupyter_dlkit" not in traceback
    # The lines that failed, with their numbers in the notebook's cell.
    assert re.search(r"-> 5 f\(torch", traceback) and re.search(r"-> 3 +return a @ b", traceback)
    assert "dlkit: a @ b failed (line 3)." in ran.stderr
    last = "type(sys.last_value).__name__, str(sys.last_value).split()[0]"
    assert notebook.run("import sys").status == "ok"
    assert notebook.value(last) == ("RuntimeError", "mat1")
    # What %debug shows: the frame of the user's function.
    notebook.run(
        "t = sys.last_traceback\nwhile t.tb_next: t = t.tb_next\nn = t.tb_frame.f_code.co_name"
    )
    assert notebook.value("n, tuple(t.tb_frame.f_locals['b'].shape)") == ("f", (4, 5))


def test_an_error_in_the_cells_own_lines(notebook: Notebook) -> None:
    ran = notebook.run("%%memory\nx = 1\n1 / 0")
    traceback = ANSI.sub("", ran.traceback)
    assert re.search(r"-> 3 1 / 0", traceback) and "dlkit" not in traceback + ran.stderr
    assert notebook.value("x") == 1
    syntax = notebook.run("%%memory\nx = 2\nx x")
    shown = ANSI.sub("", syntax.traceback)
    assert syntax.status == "error" and not syntax.displayed
    assert re.search(r"line 3\n +x x\n +\^\n?SyntaxError: invalid syntax", shown)
    # Nobody else's frames: the place that is named is the cell's.
    assert "dlkit" not in shown and "site-packages" not in shown
    assert notebook.value("x") == 1


def test_an_interrupt_ends_the_cell_and_shows_what_was_used(notebook: Notebook) -> None:
    started = notebook.start("%%memory\nprint('begun', flush=True)\nwhile True: pass")
    notebook.kernel.wait_for_output(started, "begun")
    notebook.kernel.interrupt()
    ran = notebook.finish(started)
    assert "KeyboardInterrupt" in ran.traceback and "took" in ran.shown[0]


def test_devices_are_measured(notebook: Notebook) -> None:
    """What stays and what was needed at most, on the second device, in bytes."""
    notebook.run("big = torch.ones(1 << 20, device='toy:0'); del big")
    ran = notebook.run("%%memory\nx = torch.ones(1 << 18, device='toy:0')\ny = x + x\ndel y")
    assert "toy:0" in ran.shown[0] and "+1 MiB" in ran.shown[0], ran.shown
    assert "at most" in ran.shown[0]
    ran = notebook.run("%%memory --reset-peak\ny = x + x\ndel y")
    assert "2 MiB" in ran.shown[0] and "at most" not in ran.shown[0], ran.shown


def test_a_breakpoints_file_is_the_cells(notebook: Notebook) -> None:
    """Code of the cell has the file name of the cell: the debugger's and the checker's."""
    ran = notebook.run(
        "%%memory\ndef g(): pass\nimport sys\nouter = sys._getframe()\n"
        "while outer.f_code.co_name != 'run_cell_magic': outer = outer.f_back\n"
        "outer.f_back.f_code.co_filename == g.__code__.co_filename, g.__code__.co_firstlineno"
    )
    assert ran.result == "(True, 2)"
    assert notebook.run("import inspect; print(inspect.getsource(g))").stdout == "def g(): pass\n\n"
