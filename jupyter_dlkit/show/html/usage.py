"""What a cell used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import usage_lines
from .markup import body, head, output, tag

if TYPE_CHECKING:
    from ...api.usage import Usage

_TITLES = ("device", "before", "after", "change", "peak")


def usage(result: Usage) -> str:
    """Seconds, and a line of bytes for each device and for the RAM of the process."""
    rows = [
        tag("tr", tag("th", line.device, scope="row"), *(tag("td", one) for one in line[1:]))
        for line in usage_lines.lines(result)
    ]
    table = tag("table", head(_TITLES), body(*rows))
    sentence = tag("p", usage_lines.sentence(result))
    note = tag("p", usage_lines.note(result), cls="quiet")
    return output("usage", sentence, tag("div", table, cls="wide"), note)
