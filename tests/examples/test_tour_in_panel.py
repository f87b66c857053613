"""What the tour says about the panel is what a client of the server is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from tests.live.server import LiveServer, ServedKernel

from .test_tour import TOUR

Rows = dict[str, dict[str, Any]]


class Student:
    """Runs the cells of the tour in order, and looks at the list of tensors."""

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        self._server = server
        self._kernel = kernel
        notebook = nbformat.read(TOUR, as_version=nbformat.NO_CONVERT)
        self._cells = [cell for cell in notebook.cells if cell.cell_type == "code"]

    def go_to(self, cell: str) -> None:
        """Runs what was not run yet, to that cell and with it."""
        while True:
            one = self._cells.pop(0)
            self._kernel.finish(self._kernel.start(one.source))
            if one.id == cell:
                return

    def sees(self, good: Callable[[Rows], bool]) -> Rows:
        """The rows by name, as soon as they are good; the last ones if they never are."""
        deadline = time.monotonic() + 30
        while True:
            answer = self._server.get(f"jupyter_dlkit/kernels/{self._kernel.id}/tensors")
            rows = {row["name"]: row for row in answer.json().get("tensors", ())}
            if good(rows) or time.monotonic() > deadline:
                return rows


def owned(rows: Rows, owner: str) -> list[dict[str, Any]]:
    return [row for row in rows.values() if row["owner"] == owner]


@pytest.mark.timeout(300)
def test_the_panel_shows_what_the_tour_says() -> None:
    with LiveServer() as server:
        student = Student(server, server.start_kernel("today", "tour.ipynb"))

        student.go_to("index")
        rows = student.sees(lambda rows: "large" in rows)
        assert (rows["random"]["shape"], rows["listed"]["shape"]) == ([3, 4], [2, 3])
        assert (rows["random"]["bytes"], rows["listed"]["bytes"]) == (48, 48)
        assert rows["first_row"]["is_view"]
        assert rows["first_row"]["storage"]["id"] == rows["listed"]["storage"]["id"]
        assert not rows["large"]["is_view"]

        student.go_to("max")
        rows = student.sees(lambda rows: "best[1]" in rows)
        assert (rows["total"]["shape"], rows["total"]["rank"]) == ([], 0)
        assert "number" not in rows
        assert rows["here"]["bytes"] == 2**20
        assert "there" in (rows["here"]["aliases"] if "there" not in rows else rows)
        assert rows["best[0]"]["group"] == "best"

        student.go_to("permute")
        rows = student.sees(lambda rows: "packed" in rows)
        assert [rows[name]["bytes"] for name in ("whole", "real", "half", "yes_no")] == [
            *(24, 12, 6, 3)
        ]
        assert rows["same"]["version"] == 2
        shared = [rows[name]["storage"] for name in ("line", "table", "turned")]
        assert len({storage["id"] for storage in shared}) == 1
        assert shared[0]["bytes"] == 96
        assert rows["flat"]["storage"]["id"] != shared[0]["id"]
        assert rows["for_torch"]["is_view"]
        assert (rows["packed"]["is_view"], rows["packed"]["bytes"]) == (False, 18 * 1024)

        student.go_to("model")
        rows = student.sees(lambda rows: "model[4].bias" in rows)
        parameters = owned(rows, "parameter")
        assert {row["group"] for row in parameters} == {"model"}
        size = sum(row["bytes"] for row in parameters)
        assert size == 17412
        assert owned(rows, "gradient") == owned(rows, "optimizer") == []

        student.go_to("train")
        rows = student.sees(lambda rows: len(owned(rows, "gradient")) == 6)
        assert sum(row["bytes"] for row in owned(rows, "gradient")) == size
        assert sum(row["bytes"] for row in owned(rows, "optimizer")) // size == 2
        assert (rows["loss"]["rank"], rows["loss"]["is_leaf"]) == (0, False)
        assert rows["loss"]["grad_fn"] is not None
        assert rows["model[0].weight"]["is_leaf"]

        student.go_to("tidy")
        rows = student.sees(lambda rows: "block" in rows)
        assert max(rows, key=lambda name: rows[name]["bytes"]) == "block"
        student.go_to("tidy-del")
        assert "block" not in student.sees(lambda rows: "block" not in rows)
