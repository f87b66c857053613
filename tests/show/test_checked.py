"""Whether shapes fit, as HTML and as text.  The engine is the real one."""

from __future__ import annotations

import re

import pytest

from jupyter_dlkit.api.checking import check_broadcast
from jupyter_dlkit.shapes import Operand
from jupyter_dlkit.show import html, text
from tests.show.markup import bare, read

FITS = """\
✓ add((8, 1, 6, 1), (7, 1, 5)) works: it returns (8, 7, 6, 5) float32 on cpu,
  6.56 KiB.

             −4   −3   −2   −1
  operand 1   8    1↔   6    1↔  float32 on cpu
  operand 2   ·    7    1↔   5   float32 on cpu
              ↔    ↔    ↔    ↔
  result      8    7    6    5
  ↔ a 1 that is stretched   · missing, counts as a 1"""

CLASHES = """\
✕ add((2, 2), (3, 3)) would fail.

             −2   −1
  operand 1   2✕   2✕  float32 on cpu
  operand 2   3✕   3✕  float32 on cpu
              ✕    ✕
  ✕ does not match
"""

RUNS_AND_IS_WRONG = """\
! mse_loss(p, y) runs, but look: it returns () float32 on cpu, 4 B.

             −2   −1
  p          64    1↔  float32 on cpu
  y           ·   64   float32 on cpu
              ↔    ↔
  broadcast  64   64
  ↔ a 1 that is stretched   · missing, counts as a 1
"""

P, Y = Operand((64, 1), name="p"), Operand((64,), name="y")


def test_dimensions_are_aligned_from_the_right_with_signs() -> None:
    assert text.checked(check_broadcast((8, 1, 6, 1), (7, 1, 5)), 80) == FITS


def test_a_clash_is_at_its_dimension_and_in_a_sentence() -> None:
    said = text.checked(check_broadcast((2, 2), (3, 3)), 80)
    assert said.startswith(CLASHES)
    assert "They must be equal, or one of them 1." in said
    assert "What would work" not in said  # an outer product would run, and is not what was meant


def test_a_loss_that_compares_everything_with_everything_shows_what_it_broadcasts_to() -> None:
    said = text.checked(check_broadcast(P, Y, operation="mse_loss"), 80)
    assert said.startswith(RUNS_AND_IS_WRONG)
    assert "  What would work:\n    p.squeeze(-1)\n" in said


def test_html_has_the_same_in_colour_and_signs() -> None:
    whole = read(html.checked(check_broadcast(P, Y, operation="mse_loss")))
    lines = whole.all("table")[0].all("tr")
    assert [one.text for one in lines] == [
        "−2−1", "p641↔float32 on cpu", "y·64float32 on cpu", "together↔↔", "broadcast6464",
    ]  # fmt: skip
    cells = lines[1].all("td") + lines[2].all("td")
    assert [one.attributes.get("class") for one in cells] == [
        "equal", "stretch", "about", "missing", "equal", "about",
    ]  # fmt: skip
    assert [one.attributes.get("title") for one in cells] == [
        "64", "1, stretched to 64", None, "none, becomes 64", "64", None,
    ]  # fmt: skip
    assert whole.all("p", "trap") and not whole.all("p", "clash")


def test_where_styles_are_taken_away_it_reads_in_order() -> None:
    lines = bare(html.checked(check_broadcast((2, 2), (3, 3))))
    assert lines[:7] == [
        "✕ add((2, 2), (3, 3)) would fail.",
        "The shapes, aligned at the last dimension",
        "−2  −1",
        "operand 1  2✕  2✕  float32 on cpu",
        "operand 2  3✕  3✕  float32 on cpu",
        "together  ✕  ✕",
        "✕ does not match",
    ]


def test_products_mark_the_dimension_that_is_wrong() -> None:
    one = Operand((3, 3), name="scores")
    said = text.checked(check_broadcast(one, Operand((2048,), name="labels"), operation="mm"), 80)
    assert "✕ mm(scores, labels) would fail." in said
    inner = text.checked(check_broadcast(one, Operand((4, 5), name="w"), operation="matmul"), 80)
    assert re.search(r"scores +3 +3✕", inner) and "inner dimensions" in inner


def test_an_expression_is_told_operation_by_operation() -> None:
    checked = check_broadcast("zork + 1")
    assert text.checked(checked, 80) == "✕ zork + 1 would fail.\n\n  There is no zork here."
    assert "There is no zork here." in bare(html.checked(checked))


def test_numbers_and_ranks_of_none() -> None:
    said = text.checked(check_broadcast((3, 3), 2.5), 80)
    assert "2.5" in said and "a number" in said
    assert text.checked(check_broadcast((), 2.5), 80).startswith("✓ add((), 2.5) works")
    read(html.checked(check_broadcast((), 2.5)))


def test_sizes_of_many_digits_stand_below_each_other() -> None:
    first, second = text.checked(check_broadcast((1_000_000, 1), (1, 12)), 80).splitlines()[4:6]
    assert first.index("1000000") + len("1000000") == second.index("1↔") + len("1")
    assert first.index("1↔") == second.index("12") + 1


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    deep = Operand((64, 3, 7, 7), name="network.encoder.layers[11].attention.weight")
    for checked in (
        check_broadcast(P, Y, operation="mse_loss"),
        check_broadcast((2, 2), (3, 3)),
        check_broadcast(deep, Operand((7, 8), name="b")),
    ):
        assert max(map(len, text.checked(checked, width).splitlines())) <= width


def test_colours_say_nothing_that_signs_do_not() -> None:
    checked = check_broadcast(P, Y, operation="mse_loss")
    coloured = text.checked(checked, 80, colour=True)
    assert "\x1b[36m" in coloured
    plain = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()]
    assert plain == text.checked(checked, 80).splitlines()


@pytest.mark.parametrize(
    ("operation", "shapes", "wrong"),
    [
        ("matmul", ((64, 784), (128, 10)), ["784", "128"]),
        ("matmul", ((3, 4), (5,)), ["4", "5"]),
        ("bmm", ((2, 3, 4), (3, 4, 5)), ["2", "3"]),
        ("inner", ((2, 3), (2, 4)), ["3", "4"]),
        ("linear", ((64, 784), (10, 100)), ["784", "100"]),
        ("cat", ((2, 3), (2, 4)), ["3", "4"]),
    ],
)
def test_both_sizes_that_do_not_match_are_marked(
    operation: str, shapes: tuple[tuple[int, ...], ...], wrong: list[str]
) -> None:
    result = check_broadcast(*shapes, operation=operation)
    marked = read(html.checked(result)).all("td", "clash")
    assert [one.text for one in marked] == [f"{size}✕" for size in wrong]
    assert re.findall(r"(\d+)✕", text.checked(result, 80)) == wrong


def test_a_figure_is_beside_its_unit() -> None:
    result = check_broadcast((8, 1, 6, 1), (7, 1, 5))
    assert "6.56\N{NO-BREAK SPACE}KiB" in html.checked(result)
    for width in range(40, 100):
        assert "6.56 KiB" in text.checked(result, width)


def test_a_sentence_begins_with_a_capital_where_an_operand_has_no_name() -> None:
    said = text.checked(check_broadcast((64, 784), (128, 10), operation="matmul"), 80)
    assert "\n  The input has 784" in said
