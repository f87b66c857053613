"""What the shape engine takes: one check, and a cell that is followed without being run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from jupyter_dlkit.shapes import check
from jupyter_dlkit.shapes.source import ABSENT, follow_cell
from tests.shapes.source.test_speed import long_cell
from tests.shapes.test_speed import ODD, OTHER, TEN

from .figures import Figure, Sample


def taken(function: Callable[[], object], times: int) -> Sample:
    """Milliseconds of each run, after one that is not counted."""
    function()
    sample = Sample()
    for _ in range(times):
        began = time.perf_counter()
        function()
        sample.values.append((time.perf_counter() - began) * 1000)
    return sample


def checking(times: int) -> Iterator[Figure]:
    """One check of ten operands, and 200 lines."""
    cell = long_cell()
    chain = {"equation": "ab,bc,cd,de,ef,fg,gh,hi,ij,jk->ak"}
    for name, function, limit in (
        ("a check of ten operands that fit", lambda: check("cat", TEN, {}), 1),
        ("a check of ten operands that do not", lambda: check("cat", OTHER, {}), 1),
        ("an einsum of ten operands that do not fit", lambda: check("einsum", ODD, chain), 1),
        ("a cell of 200 lines", lambda: follow_cell(cell, lambda _: ABSENT), 50),
    ):
        sample = taken(function, times)
        yield Figure(f"{name}, median", "shapes", sample.median, "ms", limit, note=str(sample))
