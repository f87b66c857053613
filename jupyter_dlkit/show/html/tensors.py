"""A list of tensors as a table that folds."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .. import plain, sizes, tensor_lines
from ..tensor_lines import Folded, Line
from .markup import NOTHING, Html, body, code, fold, head, output, tag

if TYPE_CHECKING:
    from ...api.tensors import TensorRow, Tensors

#: Lines that are shown where not all were asked for.
MOST_LINES = 100
MOST_IN_GROUP = 50

#: Longer texts than these may not fit into their column: a pointer gets them in full.
_LONG_NAME, _LONG_SHAPE = 30, 16

_TITLES = ("name", "shape", "rank", "dtype", "device", "bytes")
_WIDTHS = Html("".join(f'<col class="c{i}">' for i in range(len(_TITLES))))
_HEAD = head(_TITLES)


def tensors(result: Tensors, more: str = "%tensors --all") -> str:
    """A table of name, shape, rank, dtype, device and bytes.

    Modules, optimizers and containers fold into one line, and a long list is cut: ``more`` is
    what shows the rest.
    """
    listing = tensor_lines.listing(result, MOST_LINES, MOST_IN_GROUP)
    parts = []
    if listing.lines:
        rows = Html("".join(_group(one) if isinstance(one, Folded) else _row(one)
                            for one in listing.lines))  # fmt: skip
        caption = tag("caption", listing.total)
        # Where the caption names the one device, its column is the first to give way to names.
        found = {one.device for one in listing.lines}
        alike = "alike" if len(found) == 1 and f"· {found.pop()} " in listing.total else None
        columns = tag("colgroup", _WIDTHS)
        parts.append(tag("table", caption, columns, _HEAD, body(rows), cls=alike))
    if listing.more:
        parts.append(tag("p", f"… and {listing.more:,} more: ", tag("code", more), cls="quiet"))
    hidden = result.total - len(result.rows)
    if listing.lines and hidden > 0:
        parts.append(tag("p", f"… and {hidden:,} more, beyond the limit.", cls="quiet"))
    parts += [tag("p", note, cls="quiet") for note in tensor_lines.notes(result)]
    return output("tensors", *parts)


def _row(line: Line) -> str:
    """Written out, for there may be ten thousand; what is not a constant is escaped."""
    words = f"{line.name}  {line.note}".strip()
    title = f' title="{escape(words)}"' if len(words) > _LONG_NAME else ""
    note = f" <small>{escape(line.note)}</small>" if line.note else ""
    cls = ' class="noted"' if line.note else ""
    return f'<tr><th scope="row"{cls}{title}>{code(line.name)}{note}</th>{_cells(line)}</tr>'


def _cells(line: Line) -> str:
    full = f' title="{escape(line.shape)}"' if len(line.shape) > _LONG_SHAPE else ""
    return (
        f"<td{full}>{escape(line.shape)}</td><td>{line.rank}</td><td>{escape(line.dtype)}</td>"
        f"<td>{escape(line.device)}</td><td>{line.bytes}</td>"
    )


def _group(group: Folded) -> str:
    words = " · ".join(filter(None, (group.type, group.note)))
    count = sizes.count(group.tensors, "tensor")
    line = tag(
        "tr",
        tag("th", code(group.name), " ", tag("small", words), scope="row",
            title=f"{group.name}  {words}" if len(group.name) + len(words) > _LONG_NAME else None),
        Html(_cells(Line("", count, "", group.dtype, group.device, group.bytes, ""))),
        cls="group",
    )  # fmt: skip
    rows = "".join(map(_row, group.lines))
    inner = tag("table", tag("colgroup", _WIDTHS), _HEAD, body(Html(rows)))
    left = group.tensors - len(group.lines)
    rest = (
        tag("p", f"… and {left:,} more: ", tag("code", f"%tensors {group.name} --all"), cls="quiet")
        if left
        else NOTHING
    )
    details = fold(tag("span", f"{count} of {group.name}"), inner, rest, open=group.open)
    # JupyterLab, where it takes the style sheet away, would have it at the right.
    cell = tag("td", details, colspan=str(len(_TITLES)), style="text-align:left")
    return line + tag("tr", cell, cls="inside")


def tensor(row: TensorRow) -> str:
    """One tensor: what is known of it."""
    facts = [
        tag("tr", tag("th", word, scope="row"), tag("td", fact))
        for word, fact in tensor_lines.facts(row)
    ]
    name = tag("caption", code(plain.name(row.name)))
    return output("tensor", tag("table", name, body(*facts)))
