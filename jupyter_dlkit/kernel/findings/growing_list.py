"""A list that every iteration makes longer, with tensors in it."""

from __future__ import annotations

from typing import Dict, Iterator, Optional

from ..kinds import LIST
from . import graphs, terms
from .finding import Finding
from .graphs import Keeper
from .scene import LEAST_GROWING, Kept, Scene
from .watch import Growth

#: Results in one list whose graphs look alike and share nothing: as many iterations.
_MOST_RESULTS = 5


def find(scene: Scene) -> Iterator[Finding]:
    """One for each list: seen to grow from cell to cell, or with the graphs of many iterations."""
    watched = scene.watch.growing() if scene.watch is not None else {}
    if scene.whole is None:
        yield from _in_a_cell(scene, watched)
        return
    of_graphs = {keeper.group: keeper for keeper in graphs.keepers(scene)}
    found = {}
    for group, keeper in of_graphs.items():
        if len(keeper.roots) >= _MOST_RESULTS and _is_list(scene, group):
            nodes = [root.node for root in keeper.roots]
            if terms.alike(nodes, scene.whole.graphs.nexts) >= _MOST_RESULTS:
                found[group] = len(nodes)
    for name in dict.fromkeys([*watched, *found]):
        keeper = of_graphs.get(name.partition("[")[0], Keeper(name, []))
        kept = _kept(scene, name, keeper)
        if kept.bytes >= LEAST_GROWING:
            yield _finding(name, kept, watched.get(name), found.get(name))


def _in_a_cell(scene: Scene, watched: Dict[str, Growth]) -> Iterator[Finding]:
    for name, growth in watched.items():
        kept = _kept(scene, name, Keeper(name, []))
        if kept.bytes >= LEAST_GROWING:
            yield _finding(name, kept, growth, None)


def _finding(name: str, kept: Kept, growth: Optional[Growth], results: Optional[int]) -> Finding:
    if growth is not None:
        why = f"has grown from {growth.first:,} to {growth.last:,} tensors in {growth.cells} cells"
    else:
        why = f"keeps the graphs of {results:,} iterations"
    code = f"{name}.append(loss.item())"
    return Finding(
        "growing_list",
        name,
        f"{name} {why}, and keeps {kept.said}.",
        kept.bytes,
        kept.device,
        f"name:{name}",
        f"Append a number, {code}, or what is needed of a tensor: {name}.append(x.detach().cpu())",
    )


def _is_list(scene: Scene, name: str) -> bool:
    assert scene.whole is not None
    return scene.whole.kinds.one(scene.whole.roots.namespace.get(name)) == LIST


def _kept(scene: Scene, name: str, keeper: Keeper) -> Kept:
    """Of a list; of one in a dict, what has its name."""
    if "[" not in name and scene.whole is not None:
        return graphs.freed(scene, keeper)
    group = name.partition("[")[0]
    inside = f"{name}["

    def mine(holder: object) -> bool:
        said = getattr(holder, "within", "") or getattr(holder, "name", "")
        return bool(said.startswith(inside))

    return scene.freed(("graph", "container"), group, mine)
