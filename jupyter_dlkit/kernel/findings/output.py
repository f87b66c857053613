"""Outputs: what a cell showed stays in ``Out``, whatever becomes of its variables."""

from __future__ import annotations

import re
from typing import Dict, Iterator, List

from ..kinds import ARRAY, TENSOR
from ..memory.ledger import Holder
from .finding import Finding
from .scene import LEAST, Kept, Scene, size_of

_NUMBER = re.compile(r"Out\[(\d+)\]")

#: Other names that IPython gives an output.
_OF_HISTORY = re.compile(r"_+\d*$")


def find(scene: Scene) -> Iterator[Finding]:
    """One for each output that keeps some, and for each that is a large variable."""
    for group in scene.groups("output"):
        match = _NUMBER.fullmatch(group)
        if match is None:
            continue

        def mine(holder: Holder, group: str = group) -> bool:
            return holder.owner == "output" and (
                holder.group == group or bool(_OF_HISTORY.match(holder.group))
            )

        kept = _with_graph(scene, group, scene.freed(["output"], group, mine))
        if kept.bytes < LEAST:
            continue
        also = _also(scene, group)
        stays = f" {also[0]} stays: it is a variable of yours too." if also else ""
        yield Finding(
            "output",
            group,
            f"{group} keeps {kept.said}: the value that cell {match[1]} showed.{stays}",
            kept.bytes,
            kept.device,
            f"output:{match[1]}",
            f"Release it: %release output:{match[1]}. To keep a value out of Out, assign it to a"
            " name or end the line with a semicolon.",
        )
    yield from _variables(scene)


def _with_graph(scene: Scene, group: str, kept: Kept) -> Kept:
    """And what its graph keeps."""

    def mine(holder: Holder) -> bool:
        if holder.owner == "graph":
            return holder.group == group or bool(_OF_HISTORY.match(holder.group))
        return holder.owner == "output" and (
            holder.group == group or bool(_OF_HISTORY.match(holder.group))
        )

    sizes = dict(kept.sizes)
    for device, size in scene.freed(["graph"], group, mine).sizes.items():
        sizes[device] = sizes.get(device, 0) + size
    return Kept(sizes)


def _also(scene: Scene, group: str) -> List[str]:
    """Variables that the output has too."""
    inside = (f"{group}[", f"{group}.")
    found: Dict[str, None] = {}
    for pieces in scene.pieces.values():
        for piece in pieces:
            if piece.holder.owner == "output":
                continue
            if any(one.name.startswith(inside) for one in piece.others):
                found[piece.holder.group or piece.holder.name] = None
    return list(found)


def _variables(scene: Scene) -> Iterator[Finding]:
    """Outputs that are variables: to release them leaves the variables, and frees nothing."""
    whole = scene.whole
    if whole is None or not whole.roots.outputs:
        return
    names = {id(value): name for name, value in whole.roots.namespace.items()}
    of_variable: Dict[str, List[int]] = {}
    for number, value in whole.roots.outputs.items():
        name = names.get(id(value))
        if name is None or type(number) is not int:
            continue
        if whole.kinds.one(value) in (TENSOR, ARRAY):
            of_variable.setdefault(name, []).append(number)
    if not of_variable:
        return
    for device, pieces in scene.pieces.items():
        for piece in pieces:
            holder = piece.holder
            if holder.name in of_variable and piece.others and size_of(device, piece) >= LEAST:
                outputs = [f"Out[{number}]" for number in of_variable.pop(holder.name)]
                more = f" and {len(outputs) - 2} more" if len(outputs) > 2 else ""
                said = ", ".join(outputs[:2]) + more
                yield Finding(
                    "output_is_variable",
                    outputs[0],
                    f"{said} {'is' if len(outputs) == 1 else 'are'} {holder.name}: to release"
                    f" {'it' if len(outputs) == 1 else 'them'} frees nothing, your variable"
                    f" {holder.name} stays.",
                    0,
                    device,
                    None,
                    f"To free it, delete both: del {holder.name}, then"
                    f" %release output:{of_number(outputs[0])}",
                )


def of_number(output: str) -> str:
    """``7`` of ``Out[7]``."""
    return output[4:-1]
