"""The user's code is read without a warning, and with every place where it was."""

import ast
import warnings

import pytest

from jupyter_dlkit.kernel.explain.code_text import Sources
from jupyter_dlkit.shapes.source import ABSENT, follow_cell
from jupyter_dlkit.shapes.source.parsing import parsed
from jupyter_dlkit.shapes.source.paths import paths_in

ODD = r"""
found = re.findall("\d+ \\d \w\
", text)  # a \comment
other = f'{x["a"]:\>10}' + '\400' + "\477" + b"\q".decode()
y = x @ w
"""


@pytest.fixture(autouse=True)
def _told():
    """Everything that the compiler has to say would be an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def places(tree):
    return [
        (type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        for node in ast.walk(tree)
        if hasattr(node, "lineno")
    ]


def test_nothing_is_said_and_every_place_stays():
    with pytest.raises(SyntaxError):  # as an error a warning is one
        ast.parse(ODD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        usual = ast.parse(ODD)
    assert places(parsed(ODD)) == places(usual)


@pytest.mark.parametrize(
    "text",
    [r"a = '\n\t\\d \x41 \u0041 \N{BULLET} \101 \\'", r"a = b'\x00\'' # \d", "a = 1 + \\\n 2"],
)
def test_what_is_an_escape_stays(text):
    assert ast.dump(parsed(text)) == ast.dump(ast.parse(text))


def test_whoever_reads_cells_reads_them_so():
    assert "x" in paths_in(ODD)
    assert follow_cell(ODD, lambda path: ABSENT) == []


def test_the_code_of_a_failed_cell_is_read_so(tmp_path):
    file = tmp_path / "failed.py"
    file.write_text(ODD)
    assert Sources().of(str(file)) is not None
