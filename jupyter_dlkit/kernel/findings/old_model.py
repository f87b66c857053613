"""A model that was defined again, while something still has the old one."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .. import kinds as k
from ..memory.ledger import Holder, Piece
from ..transfer.sizes import binary
from .eyes import Eyes
from .finding import Finding
from .scene import LEAST, Kept, Place, Scene, size_of
from .watch import Model

#: Owners of an old model's parameters that are not a name that the user chose for it.
_STALE = ("optimizer", "graph", "output", "exception", "unreachable")

_CHOSEN = re.compile(r"\w+(\[[^\]]*\])*")


def find(scene: Scene) -> Iterator[Finding]:
    """Old models that an optimizer, or something else, has."""
    whole = scene.whole
    if whole is None:
        return
    told: Set[Place] = set()
    for optimizer in scene.objects(k.OPTIMIZER):
        yield from _of_optimizer(scene, optimizer, told)
    watch = scene.watch
    for model in watch.replaced() if watch is not None else ():
        found = _replaced(scene, model, told)
        if found is not None:
            yield found


# An optimizer's ----------------------------------------------------------------------------


def _of_optimizer(scene: Scene, optimizer: Any, told: Set[Place]) -> Iterator[Finding]:
    whole, name = scene.whole, scene.name(optimizer)
    assert whole is not None
    inside = [
        (device, piece)
        for device, piece in scene.of("optimizer", name or "")
        if f"{name}.param_groups[" in piece.holder.name and ".state[" not in piece.holder.name
    ]
    if name is None or not inside:
        return
    lost = _unnamed(whole, optimizer, {place(device, piece) for device, piece in inside})
    model = _alike(scene, lost)
    if model is None:
        return
    # Its state and gradients go with it.
    kept = scene.freed(("optimizer", "gradient"), name, lambda holder: holder.group == name)
    told.update(place(device, piece) for device, piece in inside)
    if kept.bytes < LEAST:
        return
    yield Finding(
        "old_model",
        name,
        f"{name} has the parameters of an older {model}, which was defined again since:"
        f" {kept.said}, and {name}.step() does not train {model}.",
        kept.bytes,
        kept.device,
        f"name:{name}",
        f"Make the optimizer again after the model: {name} ="
        f" torch.optim.{k.type_name(type(optimizer))}({model}.parameters(), …)",
    )


def _unnamed(whole: Any, optimizer: Any, places: Set[Place]) -> List[Any]:
    """Its parameters; none if some of them have a name of their own."""
    own = k.instance_dict(optimizer, whole.kinds.layout(type(optimizer))) or {}
    groups = own.get("param_groups")
    found: List[Any] = []
    for group in groups if type(groups) is list else ():
        members = group.get("params") if type(group) is dict else None
        for one in members if type(members) is list else ():
            if whole.kinds.one(one) == k.TENSOR:
                found.append(one)
    return found if all(_place(whole, one) in places for one in found) else []


def _place(whole: Any, tensor: Any) -> Optional[Place]:
    describer = whole.describer
    try:
        start = describer.torch._C.StorageBase.data_ptr(describer.storage(tensor))
        return str(describer.get["device"](tensor)), start
    except (RuntimeError, NotImplementedError):
        return None


def _alike(scene: Scene, parameters: List[Any]) -> Optional[str]:
    """A variable with a module of the same parameters' shapes."""
    whole = scene.whole
    assert whole is not None
    shape = whole.describer.get["shape"]
    wanted = sorted(tuple(shape(one)) for one in parameters)
    for name, value in whole.roots.namespace.items():
        if not wanted or whole.kinds.one(value) != k.MODULE:
            continue
        if sorted(tuple(shape(one)) for one in _parameters(whole, value)) == wanted:
            return name
    return None


def _parameters(whole: Any, module: Any) -> List[Any]:
    found: Dict[int, Any] = {}
    waiting, seen = [module], {id(module)}
    while waiting:
        one = waiting.pop()
        own = k.instance_dict(one, whole.kinds.layout(type(one))) or {}
        both: Any = ((own.get("_parameters"), k.TENSOR), (own.get("_modules"), k.MODULE))
        for entries, kind in both:
            for value in list(dict.values(entries)) if issubclass(type(entries), dict) else ():
                if whole.kinds.one(value) != kind:
                    continue
                if kind == k.TENSOR:
                    found[id(value)] = value
                elif id(value) not in seen:
                    seen.add(id(value))
                    waiting.append(value)
    return list(found.values())


# Anything else's ---------------------------------------------------------------------------


def _replaced(scene: Scene, model: Model, told: Set[Place]) -> Optional[Finding]:
    """A model whose variable was bound again, and that is still there."""
    whole, name, module = scene.whole, model.name, model.module()
    assert whole is not None
    if module is None:
        return None
    wanted = set(Eyes(whole.describer.torch, whole.kinds).parameters(module))
    if not wanted:
        return None
    there: List[Tuple[str, Piece]] = [
        (device, piece)
        for device, pieces in scene.pieces.items()
        for piece in pieces
        if (device, piece.start, piece.end - piece.start) in wanted
    ]
    if len(there) < len(wanted) or any(place(*one) in told for one in there):
        return None
    path = next((scene.name(one) for one in scene.objects(k.MODULE) if one is module), None)
    del module
    if path is None and any(piece.holder.owner not in _STALE for _, piece in there):
        return None  # another module has them too
    if path is not None and (_CHOSEN.fullmatch(path) or path.startswith(f"{name}.")):
        return None  # a name that the user gave it
    sizes: Dict[str, int] = {}
    owners = {piece.holder.owner for _, piece in there}
    groups = {piece.holder.group for _, piece in there}

    def mine(holder: Holder) -> bool:
        return holder.group in groups

    for group in groups:
        kept = scene.freed(sorted(owners | {"buffer", "gradient"}), group, mine)
        for device, size in kept.sizes.items():
            sizes[device] = sizes.get(device, 0) + size
    if path is None:
        sizes = {}
        for device, piece in there:
            sizes[device] = sizes.get(device, 0) + size_of(device, piece)
    told.update(place(*one) for one in there)
    kept = Kept(sizes)
    if kept.bytes < LEAST:
        return None
    holder = there[0][1].holder
    by, release, hint = _held(holder, path)
    return Finding(
        "old_model",
        path,
        f"The {model.type} that {name} was before is still there, held by {by}:"
        f" {binary(kept.bytes)} on {kept.device}.",
        kept.bytes,
        kept.device,
        release,
        hint,
    )


def _held(holder: Holder, path: Optional[str]) -> Tuple[str, Optional[str], str]:
    """By whom, what may be released, and what to do."""
    if path is not None:
        parent = path.partition(".")[0].partition("[")[0]
        return path, None, f"Make {parent} again after the model, or let it go: del {parent}"
    if holder.owner == "output":
        release = f"output:{holder.group[4:-1]}"
        return holder.group, release, f"Release it: %release {release}"
    if holder.owner == "exception":
        return holder.said, "last_exception", "Release it: %release last_exception"
    if holder.owner == "graph":
        name = holder.within or holder.group
        by_name = f"name:{name}" if name.isidentifier() else None
        return holder.said, by_name, f"Let the result go: del {name}"
    if holder.owner == "unreachable" and holder.group.startswith("a cycle"):
        return holder.group, "garbage", "Collect it: %release garbage"
    said = holder.group[len("held by ") :] if holder.group.startswith("held by ") else holder.said
    return said, None, f"Delete it before it is defined again: del {said}"


def place(device: str, piece: Piece) -> Place:
    """Where a piece begins."""
    return device, piece.start
