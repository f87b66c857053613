"""A list of tensors, as HTML and as text."""

from __future__ import annotations

import re
import textwrap
import unicodedata

import pytest

from jupyter_dlkit.api.result import ByDevice
from jupyter_dlkit.api.row import Storage
from jupyter_dlkit.api.tensors import Group, Tensors, Total
from jupyter_dlkit.show import html, text
from tests.show.markup import bare, read
from tests.show.results import listed, row, training

WIDE = """\
  name                shape              rank  dtype    device      bytes
▸ batches dict        2 tensors                float32  cpu      6.12 MiB  views of images
  images              (2048, 1, 28, 28)     4  float32  cpu      6.12 MiB  shared by 2
  labels              (2048,)               1  int64    cpu        16 KiB
  loss                ()                    0  float32  cpu           4 B
▸ model Sequential    3 tensors                mixed    cuda:0      648 B"""


def test_groups_fold_into_a_line_with_totals() -> None:
    lines = text.tensors(training(), width=100).splitlines()
    assert [" ".join(line.split()) for line in lines[:6]] == [
        " ".join(line.split()) for line in WIDE.splitlines()
    ]
    assert lines[6] == "8 tensors · cpu 6.14 MiB · cuda:0 648 B"


def test_columns_stand_below_each_other() -> None:
    head, *lines = text.tensors(training(), width=100).splitlines()[:6]
    shape, device, end = head.index("shape"), head.index("device"), head.index("bytes") + 5
    for line in lines:
        assert line[shape - 2 : shape] == "  " and line[shape] != " "
        assert line[device - 2 : device] == "  " and line[device : device + 3] in ("cpu", "cud")
        assert line[end - 2 : end].strip() in ("B", "iB") and line[end : end + 1] in ("", " ")


@pytest.mark.parametrize("width", [40, 56, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    deep = "network.encoder.layers[11].attention.self.query.weight"
    rows = [*training().rows, row(deep, 1024, 1024, 3, 3, 3), row("データ['訓練']", 3)]
    said = text.tensors(listed(*rows, groups=training().groups), width)
    assert max(map(cells, said.splitlines())) <= width
    assert "iB" in said and "name" in said


def cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def test_wide_characters_take_two_cells() -> None:
    head, wide, plain = text.tensors(listed(row("重み", 3), row("w", 3)), 80).splitlines()[:3]
    end = cells(head)
    assert cells(wide) == end == cells(plain)
    assert cells(wide[: wide.index("(")]) == cells(plain[: plain.index("(")])


def test_colour_is_only_there_when_asked_for() -> None:
    assert "\x1b" not in text.tensors(training(), 80)
    coloured = text.tensors(training(), 80, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == text.tensors(training(), 80).split()


def test_views_say_whose_storage_they_share() -> None:
    view = row("view", 28, is_view=True, storage=Storage("images", 6422528, 3))
    said = text.tensors(listed(*training().rows, view), 100)
    assert "view of images" in said
    orphan = listed(
        row("a", 2, is_view=True, storage=Storage("gone", 80, 1)),
        row("b", 2, is_view=True, storage=Storage("gone", 80, 1)),
    )
    assert "shares with b" in text.tensors(orphan, 100)
    elsewhere = listed(row("a", 2, is_view=True, storage=Storage("gone", 80, 2)))
    assert "shares with 2 others" in text.tensors(elsewhere, 100)


def test_the_same_in_html_folds_without_a_script() -> None:
    whole = read(html.tensors(training()))
    assert [one.text for one in whole.all("tr", "group")] == [
        "batches dict · views of images2 tensorsfloat32cpu6.12 MiB",
        "model Sequential3 tensorsmixedcuda:0648 B",
    ]
    folded = whole.all("details")
    assert [one.all("summary")[0].text for one in folded] == [
        "2 tensors of batches",
        "3 tensors of model",
    ]
    assert not any("open" in one.attributes for one in folded)
    assert [one.text for one in folded[1].all("th") if one.attributes["scope"] == "row"] == [
        "[0].weight",
        "[0].bias",
        "[1].num_batches_tracked",
    ]


def test_devices_give_way_to_names_only_where_the_caption_has_them() -> None:
    def gives_way(listing: Tensors) -> bool:
        return "alike" in (read(html.tensors(listing)).all("table")[0].attributes.get("class", ""))

    x, y = row("x", 3), row("y", 2)
    assert gives_way(listed(x, y))
    assert not gives_way(listed(x, row("y", 2, device="cuda:0")))
    assert not gives_way(listed(x, totals=ByDevice({"cpu": Total(2, 20)})))


def test_where_styles_are_taken_away_it_reads_as_a_table() -> None:
    assert bare(html.tensors(training()))[:5] == [
        "8 tensors · cpu 6.14 MiB · cuda:0 648 B",
        "name  shape  rank  dtype  device  bytes",
        "batches dict · views of images  2 tensors    float32  cpu  6.12 MiB",
        "2 tensors of batches",
        "name  shape  rank  dtype  device  bytes",
    ]


def test_a_group_stands_where_its_bytes_put_it() -> None:
    rows = (
        row("big", 100),
        row("model.b", 60, group="model"),
        row("model.a", 60, group="model"),
        row("small", 1),
    )
    groups = (Group("model", "module", "Net"),)
    largest_first = listed(*rows, groups=groups, sort="bytes", descending=True)
    lines = text.tensors(largest_first, 80).splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["▸", "big", "small"]


def test_what_was_asked_for_by_name_is_unfolded() -> None:
    few = [one for one in training().rows if one.group == "model"]
    asked = training(pattern="model", rows=tuple(few), total=3)
    said = text.tensors(asked, 80).splitlines()
    assert [line.split()[0] for line in said[1:]] == [
        "▾", "[0].weight", "[0].bias", "[1].num_batches_tracked", "3",
    ]  # fmt: skip
    assert said[-1] == "3 of 8 tensors · 648 B"
    assert "open" in read(html.tensors(asked)).all("details")[0].attributes


def test_a_long_list_is_cut_and_says_how_to_see_the_rest() -> None:
    many = listed(*(row(f"x{i}", 3) for i in range(1340)))
    assert "… and 1,240 more: %tensors --all" in bare(html.tensors(many))
    assert "… and 1,280 more: %tensors --all" in text.tensors(many, 80)
    assert "… and 1,280 more: jupyter dlkit tensors --all" in text.tensors(
        many, 80, more="jupyter dlkit tensors --all"
    )
    everything = listed(*many.rows, all=True)
    assert len(read(html.tensors(everything)).all("tr")) == 1341
    limited = listed(*many.rows[:10], total=1340)
    assert "and 1,330 more" in text.tensors(limited, 80)


def test_a_long_group_is_cut_too() -> None:
    rows = [row(f"model.layers[{i}].weight", 3, group="model") for i in range(150)]
    folded = listed(*rows, groups=(Group("model", "module", "Net"),))
    assert "… and 100 more: %tensors model --all" in bare(html.tensors(folded))


def test_a_thousand_lines_are_of_a_reasonable_size() -> None:
    rows = [row(f"model.layers[{i}].weight", 64, 64, 3, 3, group="model") for i in range(1000)]
    groups = (Group("model", "module", "Net"),)
    assert len(html.tensors(listed(*rows, groups=groups))) < 25_000
    assert len(html.tensors(listed(*rows, groups=groups, all=True))) < 180_000


def test_what_is_not_known_is_a_dash() -> None:
    strange = row("s", shape=None, rank=None, dtype=None, device=None, bytes=None, storage=None)
    line = text.tensors(listed(strange, totals=ByDevice({})), 80).splitlines()[1]
    assert line.split() == ["s", "–", "–", "–", "–", "–"]


def test_an_empty_kernel_says_calmly_what_to_do() -> None:
    empty = listed()
    assert text.tensors(empty, 80) == textwrap.fill(
        "There are no tensors here yet. Make one, such as x = torch.rand(3, 4), and look again.",
        80,
    )
    assert bare(html.tensors(empty)) == [text.tensors(empty, 200)]
    assert not read(html.tensors(empty)).all("table")
    noted = listed(note="torch is not imported here.")
    assert text.tensors(noted, 80) == "torch is not imported here."
    searched = listed(pattern="wieght", totals=ByDevice({"cpu": Total(15, 60)}))
    assert text.tensors(searched, 80).startswith("There is no tensor like wieght among the 15 te")


def test_what_was_left_out_is_said() -> None:
    cut = training(complete=False, cut=ByDevice({"huge": "it has a million items."}))
    assert "Not all of huge is listed: it has a million items." in text.tensors(cut, 100)
    assert "Not all of huge is listed: it has a million items." in bare(html.tensors(cut))


def test_one_tensor_is_told_fact_by_fact() -> None:
    one = row("x", 3, 4, aliases=("y",), requires_grad=True, strides=(4, 1))
    lines = text.tensor(one, 80).splitlines()
    assert lines[0] == "x"
    assert {" ".join(line.split()) for line in lines} >= {
        "shape (3, 4)", "rank 2", "elements 12", "bytes 48 B", "gradient a leaf that asks for one",
        "also y",
    }  # fmt: skip
    assert ["shape", "(3, 4)"] in [line.split("  ") for line in bare(html.tensor(one))]
