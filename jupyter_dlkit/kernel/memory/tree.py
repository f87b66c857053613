"""From pieces of memory to a tree of owners, the largest first."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Tuple

from .values import Owner

#: Children of a part that are listed; the others are one line.
MOST_CHILDREN = 100


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

    def put(self, path: Tuple[str, ...], share: Share) -> None:
        node = self
        for step in path:
            inner = node.inner.get(step)
            if inner is None:
                inner = node.inner[step] = _Node(step)
            node = inner
        node.shares.append(share)

    def count(self) -> int:
        return len(self.shares) + sum(inner.count() for inner in self.inner.values())

    def part(self, owner: str, top: bool = False) -> Owner:
        node = self
        single = not top or node.count() == 1
        while single and len(node.inner) == 1 and not node.shares:  # a chain is one step
            (inner,) = node.inner.values()
            if not inner.name.startswith(node.name):
                break
            node = inner
        children = [inner.part(owner) for inner in node.inner.values()]
        own = sum(share.bytes for share in node.shares)
        also = list(dict.fromkeys(name for share in node.shares for name in share.also))
        if children and node.shares:
            children.append(Owner(owner, node.name, own, len(node.shares), (), tuple(also)))
            also = []
        children.sort(key=lambda child: -child.bytes)
        total = own if not children else sum(child.bytes for child in children)
        storages = len(node.shares) if not children else sum(c.storages for c in children)
        if len(children) > MOST_CHILDREN:
            rest = children[MOST_CHILDREN - 1 :]
            children[MOST_CHILDREN - 1 :] = [
                Owner(
                    owner,
                    f"{len(rest)} more",
                    sum(child.bytes for child in rest),
                    sum(child.storages for child in rest),
                )
            ]
        return Owner(owner, node.name, total, storages, tuple(children), tuple(also))


def steps(name: str, group: str) -> List[str]:
    """The expressions on the way from ``group`` to ``name``: ``model.fc``, ``model.fc.weight``."""
    if name == group:
        return []
    if not name.startswith(group) or name[len(group)] not in ".[(":
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
