"""From pieces of memory to a tree of owners, the largest first."""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Tuple

from .values import Owner

#: Children of a part that are listed; the others are one line.
MOST_CHILDREN = 100

_ONE_STEP = re.compile(r"\[\d+\]|\.\w+")


class Share(NamedTuple):
    """A piece that has an owner."""

    owner: str
    group: str
    path: Tuple[str, ...]  #: from the group to the tensor
    bytes: int
    also: Tuple[str, ...]


def tree(
    shares: List[Share], shared: Dict[Tuple[str, str], List[str]], hints: Dict[Tuple[str, str], str]
) -> Tuple[Owner, ...]:
    """Owners, each with its parts.  ``shared`` and ``hints`` are by owner and group."""
    groups: Dict[Tuple[str, str], List[Share]] = {}
    for share in shares:
        groups.setdefault((share.owner, share.group), []).append(share)
    owners = []
    for key, members in groups.items():
        owner, group = key
        node = _Node(group)
        for member in members:
            node.put(member.path, member)
        part = node.part(owner, True)
        also = list(dict.fromkeys([*part.also, *shared.get(key, ())]))
        owners.append(
            Owner(
                owner,
                part.name,
                part.bytes,
                part.storages,
                part.children,
                tuple(also),
                hints.get(key),
            )
        )
    owners.sort(key=lambda one: -one.bytes)
    return tuple(owners)


class _Node:
    """A name, with what is directly under it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inner: Dict[str, _Node] = {}
        self.shares: List[Share] = []
        self.bytes = 0  #: with what is under it
        self.storages = 0

    def put(self, path: Tuple[str, ...], share: Share) -> None:
        node = self
        node.bytes += share.bytes
        node.storages += 1
        for step in path:
            inner = node.inner.get(step)
            if inner is None:
                inner = node.inner[step] = _Node(step)
            node = inner
            node.bytes += share.bytes
            node.storages += 1
        node.shares.append(share)

    def part(self, owner: str, top: bool = False) -> Owner:
        node = self
        single = not top or node.storages == 1
        while single and len(node.inner) == 1 and not node.shares:  # a chain is one step
            (inner,) = node.inner.values()
            if not inner.name.startswith(node.name):
                break
            node = inner
        also = list(dict.fromkeys(name for share in node.shares for name in share.also))
        inside = list(node.inner.values())
        if inside and node.shares:
            own = _Node(node.name)
            for share in node.shares:
                own.put((), share)
            inside.append(own)
            also = []
        inside.sort(key=lambda one: -one.bytes)
        rest: List[_Node] = []
        if len(inside) > MOST_CHILDREN:
            inside, rest = inside[: MOST_CHILDREN - 1], inside[MOST_CHILDREN - 1 :]
        children = [one.part(owner) for one in inside]
        if rest:
            size, storages = sum(one.bytes for one in rest), sum(one.storages for one in rest)
            children.append(Owner(owner, f"{len(rest)} more", size, storages))
        return Owner(owner, node.name, node.bytes, node.storages, tuple(children), tuple(also))


def steps(name: str, group: str) -> List[str]:
    """The expressions on the way from ``group`` to ``name``: ``model.fc``, ``model.fc.weight``."""
    if name == group:
        return []
    if not name.startswith(group) or name[len(group)] not in ".[(":
        return [name]
    if _ONE_STEP.fullmatch(name, len(group)):
        return [name]
    found: List[str] = []
    depth, quote = 0, ""
    for position in range(len(group), len(name)):
        letter = name[position]
        if quote:
            if letter == quote and name[position - 1] != "\\":
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter in "[(":
            if depth == 0 and position > len(group):
                found.append(name[:position])
            depth += 1
        elif letter in "])":
            depth -= 1
        elif letter == "." and depth == 0 and position > len(group):
            found.append(name[:position])
    found.append(name)
    return found
