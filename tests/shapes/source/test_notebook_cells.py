"""What notebooks have beside Python: magics, shell lines, help, cells that are not Python."""

import ast
import time
from pathlib import Path

import pytest

from jupyter_dlkit.shapes import Operand
from jupyter_dlkit.shapes.source import (
    ABSENT,
    UNKNOWN,
    Items,
    Named,
    follow_cell,
    follow_whole_cell,
)
from jupyter_dlkit.shapes.source.magics import as_python

LIVE = {
    "torch": Named("torch"),
    "x": Operand((2, 3)),
    "w": Operand((4, 5)),
}


def look(path):
    return LIVE.get(path, ABSENT)


def lines_of(cell):
    return [one.place.line for one in follow_cell(cell, look)]


@pytest.mark.parametrize(
    "before",
    [
        "%matplotlib inline",
        "!pip install 'a thing",
        "!ls {x} | grep (",
        "  # a comment",
        "%timeit y = 3\n%env A=1\n",
        "x?",
        "?x.view",
        "files = !ls *.py",
        "%config A = \\\n  3",
        "text = '''\n%not a magic\n!nor this\n'''",
        "value = (3\n  % 2\n)",
        "%load_ext autoreload\n%autoreload 2" if False else "%load_ext autoreload",
        "%%time",
        "%%capture out\n",
    ],
)
def test_lines_stay_where_they_are(before):
    cell = f"{before}\ny = x @ w\n"
    assert lines_of(cell) == [cell[: cell.index("y = x")].count("\n") + 1]


@pytest.mark.parametrize(
    "before",
    ["%run other.py", "%time x = torch.zeros(3, 4)", "x = %sql select 1", "%reset -f", "x = !ls"],
)
def test_a_magic_that_may_bind_names_leaves_them_unknown(before):
    assert lines_of(f"{before}\ny = x @ w\n") == []


def test_a_magic_inside_a_block_keeps_the_block():
    cell = "if True:\n    !ls\n    %matplotlib inline\n    y = x @ w\n"
    assert lines_of(cell) == [4]


@pytest.mark.parametrize("cell", ["%%bash\nx @ w\n", "%%html\n<b>\n", "%%mymagic\ny = x @ w\n"])
def test_cells_that_are_not_python_are_left_alone(cell):
    followed = follow_whole_cell(cell, look)
    assert followed.findings == ()
    assert "is not followed" in followed.unparsed


@pytest.mark.parametrize("cell", ["y = (x @ w", "for\n", "x @ w\n  y = 3\n", "\0", "x = 'a\n"])
def test_what_cannot_be_parsed_is_said_with_its_line_and_nothing_is_found(cell):
    followed = follow_whole_cell(cell, look)
    assert followed.findings == ()
    assert "cannot be parsed" in followed.unparsed


@pytest.mark.parametrize(
    "cell",
    [
        "x @ w",
        "await f(x @ w)",
        "y = x @ w;",
        "\ty = 3\n" if False else "y = x @ w  # %d !x ?",
        "print('%d' % 3, x @ w)",
        "y = x @ w\r\nz = 3\r\n",
        "\x0cy = x @ w",
    ],
)
def test_what_is_python_stays_python(cell):
    assert lines_of(cell) == [1]


def test_python_without_magics_is_not_changed():
    source = ast.unparse(ast.parse(Path(__file__).read_text()))
    assert as_python(source).python == source


HOSTILE = {
    "deep brackets": "(" * 5000 + "x" + ")" * 5000,
    "deep sums": "x" + " + x" * 20_000,
    "deep calls": "f(" * 90 + "x @ w" + ")" * 90,
    "large powers": "n = 10 ** 10 ** 10 ** 10\ny = x.view(n)",
    "large shifts": "n = 1 << 10 ** 12\ny = x.view(n)",
    "long tuples": "n = (1,) * 10 ** 12\nm = [0] * 10 ** 10\n",
    "long texts": "s = 'a' * 10 ** 12",
    "large ranges": "ys = [x @ x.T for i in range(10 ** 15) for j in range(10 ** 15)]",
    "comprehensions in comprehensions": "ys = " + "[" * 8 + "x" + " for _ in range(60)]" * 8,
    "loops in loops": "".join("  " * n + "for i in range(60):\n" for n in range(15))
    + "  " * 15
    + "y = x",
    "a list in itself": "a = [x]\na.append(a)\nb = torch.stack(a)\nfor c in a:\n  d = c @ w\nf(a)",
    "a list doubled": "a = [x, x]\n" + "a = a + a\n" * 100 + "b = torch.cat(a)",
    "a tuple of tuples": "a = (x, x)\n"
    + "a = (a, a)\n" * 60
    + "b = a == a\nfor i in 1, 2:\n  a = (a, i)",
    "huge sizes": "y = torch.zeros(2 ** 62, 2 ** 62) @ torch.zeros(2 ** 63)",
    "many dimensions": "y = torch.zeros(*([1] * 200))",
    "odd names": "y = ℌ = x\nz = ℌ @ w",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_source_is_slow_or_raises(name):
    import time

    begun = time.perf_counter()
    follow_whole_cell(HOSTILE[name], look)
    assert time.perf_counter() - begun < 30


def test_what_look_does_not_know_is_not_claimed():
    assert follow_cell("y = x @ w", lambda path: UNKNOWN) == []


LONG = {
    "the same": "y = x + w.T[:2, :3]\n" * 10_000,
    "different": "".join(f"y = torch.zeros({n}, 3) @ x\n" for n in range(4, 6500)),
    "loops": "for i in range(9):\n  for j in range(9):\n    y = x + x\n    z = y @ y\n" * 2500,
    "names": "".join(f"a{n} = [x, [x, x]]\n" for n in range(5000)) + "x += 1\n" * 5000,
    "branches": "".join(f"if q{n}:\n  y{n} = x\n" for n in range(8000)),
    "calls": "".join(f"a{n} = [x]\nf(a{n})\n" for n in range(5000)),
}


@pytest.mark.parametrize("name", LONG)
def test_a_very_long_cell_is_followed_for_a_while_and_that_is_said(name):
    begun = time.thread_time()
    followed = follow_whole_cell(LONG[name], look)
    assert time.thread_time() - begun < 30
    assert len(followed.findings) <= 100
    if name != "branches":
        assert "only its beginning was followed" in followed.unparsed


def test_tensors_of_a_list_are_alike_whatever_they_are_called():
    named = {"rows": Items([Operand((2, 3), name="rows[0]"), Operand((2, 3), name="rows[1]")])}
    found = follow_cell("for row in rows:\n    y = row @ row", lambda p: named.get(p, ABSENT))
    assert [one.place.line for one in found] == [2]
