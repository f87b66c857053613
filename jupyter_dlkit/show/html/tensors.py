"""A list of tensors as a table that folds."""

from __future__ import annotations

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
        parts.append(tag("table", caption, tag("colgroup", _WIDTHS), _HEAD, body(rows)))
    if listing.more:
        parts.append(tag("p", f"… and {listing.more:,} more: ", tag("code", more), cls="quiet"))
    hidden = result.total - len(result.rows)
    if listing.lines and hidden > 0:
        parts.append(tag("p", f"… and {hidden:,} more, beyond the limit.", cls="quiet"))
    parts += [tag("p", note, cls="quiet") for note in tensor_lines.notes(result)]
    return output("tensors", *parts)


def _row(line: Line) -> str:
    note = (" ", tag("small", line.note)) if line.note else ()
    words = f"{line.name}  {line.note}".strip()
    title = words if len(words) > _LONG_NAME else None
    cls = "noted" if line.note else None
    return (
        f"<tr>{tag('th', code(line.name), *note, scope='row', cls=cls, title=title)}"
        f"{_cells(line.shape, line.rank, line.dtype, line.device, line.bytes)}</tr>"
    )


def _cells(shape: str, rank: str, dtype: str, device: str, bytes: str) -> str:
    """Five cells, written for speed: there may be ten thousand lines."""
    full = shape if len(shape) > _LONG_SHAPE else None
    return (
        f"{tag('td', shape, title=full)}{tag('td', rank)}{tag('td', dtype)}{tag('td', device)}"
        f"{tag('td', bytes)}"
    )


def _group(group: Folded) -> str:
    words = " · ".join(filter(None, (group.type, group.note)))
    count = sizes.count(group.tensors, "tensor")
    line = tag(
        "tr",
        tag("th", code(group.name), " ", tag("small", words), scope="row",
            title=f"{group.name}  {words}" if len(group.name) + len(words) > _LONG_NAME else None),
        Html(_cells(count, "", group.dtype, group.device, group.bytes)),
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
