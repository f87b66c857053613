"""Whatever is claimed of a program of random tensor operations is what really happens."""

import ast
import os

import pytest

from jupyter_dlkit.shapes.source import ABSENT, UNKNOWN, follow_cell, names_after

from .programs import Program
from .running import contradiction, run

#: Programs of one run; the wide search is done with many more.
PROGRAMS = int(os.environ.get("DLKIT_SHAPE_PROGRAMS", "240"))
#: Another beginning gives other programs.
FIRST = int(os.environ.get("DLKIT_SHAPE_SEED", "0"))


def _nothing(path):
    return ABSENT


@pytest.mark.parametrize("part", range(4))
def test_no_line_that_runs_is_called_an_error_and_every_value_known_is_right(part):
    claims = values = failures = found = 0
    for seed in range(FIRST + part, FIRST + PROGRAMS, 4):
        source = Program(seed, blocks=seed % 3 > 0).source
        ran = run(source)
        errors = [one for one in follow_cell(source, _nothing) if one.severity == "error"]
        for error in errors:
            place = range(error.place.line, error.place.end_line + 1)
            claims += 1
            wrong = ran.failed not in place and not ran.lines.isdisjoint(place)
            assert not wrong, (
                f"seed {seed}: line {error.place.line} runs: {error.message}\n{source}"
            )
        if ran.failed is not None:
            failures += 1
            found += any(one.place.line <= ran.failed <= one.place.end_line for one in errors)
            source = _before(source, ran.failed)
            ran = run(source)
        for name, value in names_after(source, _nothing).items():
            if value is UNKNOWN or value is ABSENT:
                continue
            values += 1
            assert name in ran.namespace, f"seed {seed}: {name} is not there\n{source}"
            why = contradiction(value, ran.namespace[name])
            assert why is None, f"seed {seed}: {name} is {why}\n{source}"
    assert values > PROGRAMS
    assert claims >= 2
    assert found >= failures // 3, f"{found} of {failures} failures were found"


def _before(source, failed):
    """The whole statements before the line that failed."""
    ends = [one.end_lineno for one in ast.parse(source).body if one.end_lineno < failed]
    return "\n".join(source.split("\n")[: ends[-1] if ends else 0]) + "\n"
