"""Generators that wait in the middle, and old closures, with the tensors that they keep."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from .. import kinds as k
from ..memory.ledger import Holder
from .finding import Finding
from .scene import LEAST, Kept, Scene, size_of

_GENERATOR = re.compile(r"\.(?:gi|cr|ag)_frame\.f_locals\[")
_CLOSURE = ".__closure__["

#: How the account says who holds what nothing of the user's leads to.
_HELD_BY = re.compile(r"(held by|a cycle with) the (generator|coroutine|function) (.+)")


class _Keeper(NamedTuple):
    code: str
    name: str  #: the expression of the generator or function


def find(scene: Scene) -> Iterator[Finding]:
    """One for each generator or closure."""
    old = _old_functions(scene)
    kept: Dict[_Keeper, Dict[str, int]] = {}
    inside: Dict[_Keeper, Dict[str, None]] = {}
    for owner in ("container", "graph"):
        for group in scene.groups(owner):
            for device, piece in scene.of(owner, group):
                keeper = _keeper(piece.holder)
                if keeper is None or any(_keeper(other) != keeper for other in piece.others):
                    continue
                if keeper.code == "old_closure" and not (
                    keeper.name in old or _was_a_variable(scene, keeper.name, device, piece)
                ):
                    continue
                sizes = kept.setdefault(keeper, {})
                sizes[device] = sizes.get(device, 0) + size_of(device, piece)
                said = piece.holder.within or piece.holder.name
                inside.setdefault(keeper, {})[_variable(scene, keeper, said)] = None
    for keeper, sizes in kept.items():
        if Kept(sizes).bytes >= LEAST:
            yield _finding(keeper, Kept(sizes), [one for one in inside[keeper] if one])
    yield from _out_of_reach(scene)


def _keeper(holder: Holder) -> Optional[_Keeper]:
    """The last one on the way to what it has."""
    said = holder.within or holder.name
    if _CLOSURE in said:
        return _Keeper("old_closure", said.rpartition(_CLOSURE)[0])
    match = _GENERATOR.search(said)
    return None if match is None else _Keeper("old_generator", said[: match.start()])


def _variable(scene: Scene, keeper: _Keeper, said: str) -> str:
    rest = said[len(keeper.name) :]
    if keeper.code == "old_generator":
        return rest.partition("f_locals[")[2].partition("]")[0].strip("'\"")
    position = rest[len(_CLOSURE) :].partition("]")[0]
    for function in scene.objects(k.FUNCTION):
        if scene.name(function) == keeper.name and position.isdigit():
            names: Any = function.__code__.co_freevars
            return str(names[int(position)]) if int(position) < len(names) else ""
    return ""


def _finding(keeper: _Keeper, kept: Kept, variables: List[str]) -> Finding:
    name = keeper.name
    what = f", the most of it in {variables[0]}" if len(variables) > 1 else ""
    what = f" in its variable {variables[0]}" if len(variables) == 1 else what
    plain = name.isidentifier()
    if keeper.code == "old_generator":
        message = f"{name} is a generator that waits in the middle, and keeps {kept.said}{what}."
        hint = f"Let it go: del {name}" if plain else f"End it: {name}.close()"
    else:
        message = f"{name} is a function that keeps {kept.said}{what}, which nothing else has."
        hint = f"Let it go: del {name}" if plain else f"Take {name} away where it is kept."
        hint += "; or give the function what it needs as an argument."
    release = f"name:{name}" if plain else None
    return Finding(keeper.code, name, message, kept.bytes, kept.device, release, hint)


# Which closures are old --------------------------------------------------------------------


def _old_functions(scene: Scene) -> List[str]:
    """Expressions of functions of which the same line of code has made another since."""
    by_code: Dict[str, List[str]] = {}
    for function in scene.objects(k.FUNCTION):
        name = scene.name(function)
        if name is None or not function.__closure__:
            continue
        code = f"{function.__module__}.{function.__qualname__}"
        by_code.setdefault(code, []).append(name)
    old: List[str] = []
    for names in by_code.values():
        direct = [name for name in names if name.isidentifier()]
        newest = direct[-1:] or names[-1:]
        old += [name for name in names if name not in newest]
    return old


def _was_a_variable(scene: Scene, function: str, device: str, piece: Any) -> bool:
    """Whether it had a name of the user's too, in an earlier cell; it has none now."""
    if scene.watch is None:
        return False
    return (device, piece.start, piece.end - piece.start) in scene.watch.had_names(function)


# What nothing of the user's leads to --------------------------------------------------------


def _out_of_reach(scene: Scene) -> Iterator[Finding]:
    for group in scene.groups("unreachable"):
        match = _HELD_BY.fullmatch(group)
        if match is None:
            continue
        how, what, who = match.groups()
        kept = scene.freed(["unreachable"], group, lambda holder: holder.owner == "unreachable")
        if kept.bytes < LEAST:
            continue
        cycle = how == "a cycle with"
        why = ", in a cycle of references" if cycle else ", to which no variable leads"
        yield Finding(
            "old_closure" if what == "function" else "old_generator",
            None,
            f"The {what} {who} keeps {kept.said}{why}.",
            kept.bytes,
            kept.device,
            "garbage" if cycle else None,
            "Collect it: %release garbage"
            if cycle
            else f"Take {who} away where it was registered: the handle's .remove() of a hook, a"
            " callback's unregister().",
        )
