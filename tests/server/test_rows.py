"""Lists by columns become rows, pages and searches."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from jupyter_dlkit.server.rows import View, arrange, splice

ROWS = [
    ("1", "model.weight", ["w"], "parameter", "cuda:0", [3, 4], 48, "float32"),
    ("2", "Batch", [], "variable", "cpu", None, None, "float32"),
    ("3", "x[0]", ["y"], "container", "cpu", [2], 8, "int64"),
    ("4", "b*", [], "variable", "cuda:0", [3, None], 16, "float16"),
]


def listed() -> bytes:
    """What an agent sends of ROWS, reduced to the columns that matter here."""
    names = ("id", "name", "aliases", "owner", "device", "shape", "bytes", "dtype")
    columns: dict[str, Any] = dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True))
    columns["type"] = ["Tensor"] * len(ROWS)
    columns["storage"] = {
        "id": ["s1", None, "s3", "s4"],
        "bytes": [48, None, 8, 16],
        "shared_by": [0, None, 0, 0],
    }
    return orjson.dumps({"revision": "e.1", "total": len(ROWS), "columns": columns})


def ids(view: View) -> str:
    answer = orjson.loads(arrange(listed(), view, by_columns=False))
    by_columns = orjson.loads(arrange(listed(), view, by_columns=True))
    assert [row["id"] for row in answer["tensors"]] == by_columns["columns"]["id"]
    assert answer["total"] == by_columns["total"]
    return "".join(row["id"] for row in answer["tensors"])


def test_a_row_has_its_values_of_every_column() -> None:
    answer = orjson.loads(arrange(listed(), View(), by_columns=False))
    assert "columns" not in answer
    assert answer["revision"] == "e.1"
    first, second = answer["tensors"][:2]
    assert (first["name"], first["shape"]) == ("model.weight", [3, 4])
    assert first["storage"] == {"id": "s1", "bytes": 48, "shared_by": 0}
    assert second["storage"] is None


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), "1234"),
        (View(device="cpu"), "23"),
        (View(owner="variable"), "24"),
        (View(q="BATCH"), "2"),
        (View(q="w"), "1"),  # an alias, and part of a name
        (View(q="y"), "3"),
        (View(q="b*"), "4"),  # literal, not a pattern
        (View(q="."), "1"),
        (View(q="float"), "124"),
        (View(q="cuda", owner="variable"), "4"),
        (View(q=""), "1234"),
        (View(sort="name"), "4213"),
        (View(sort="bytes"), "3412"),
        (View(sort="bytes", order="desc"), "1432"),  # the unknown stays last
        (View(sort="shape"), "3412"),
        (View(sort="shape", order="desc"), "1432"),
        (View(offset=1, limit=2), "23"),
        (View(sort="bytes", limit=1), "3"),
        (View(offset=9), ""),
    ],
)
def test_a_view_chooses_and_orders(view: View, expected: str) -> None:
    assert ids(view) == expected


def test_the_total_counts_what_was_found_before_paging() -> None:
    answer = orjson.loads(arrange(listed(), View(device="cuda:0", limit=1), by_columns=True))
    assert answer["total"] == 2
    assert answer["columns"]["storage"] == {"id": ["s1"], "bytes": [48], "shared_by": [0]}


def test_the_kernels_state_is_put_in_front() -> None:
    assert splice('a"b', b'{"x":1}') == b'{"kernel_state":"a\\"b","x":1}'
