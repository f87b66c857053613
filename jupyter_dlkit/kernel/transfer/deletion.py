"""Deletes the names of a tensor as a user would by hand, and says what still holds it.

By hand means: variables, outputs, items of plain dicts, attributes of plain
objects.  Removing a slot of a list would shift the others, and a parameter, a
buffer or an optimizer's state belongs to something that would break: kept.
"""

from __future__ import annotations

import ast
import gc
import sys
import types
from typing import Any, Callable, Dict, List, Optional, Tuple

from ..errors import Refusal
from ..kinds import DICT, OBJECT, TENSOR, WRAPPED, instance_dict, type_name
from ..resolve import Resolver
from . import target_device
from .sizes import binary
from .targets import Target
from .values import DONE, Bytes, Deletion

#: Owners whose tensors belong to something that would break without them.
_BELONGING = ("parameter", "buffer", "gradient", "optimizer")


def delete(session: Any, targets: List[Target], id: Optional[str]) -> Deletion:
    """Delete every name of the one target; ``targets`` is empty afterwards."""
    target = targets.pop()
    heap = session.heap
    if heap.kinds.one(target.value) not in (TENSOR, WRAPPED):
        raise Refusal("not_a_tensor", f"{target.path} is not a tensor.", "Choose a tensor.", 409)
    names = heap.names(target.value)
    paths = [target.path] if names is None else [names.name, *names.aliases]
    steps: List[Tuple[str, Callable[[], None]]] = []
    kept: List[str] = []
    for path in dict.fromkeys([target.path, *paths]):
        step = _step(session, path, names.owner if names else "variable")
        if step is None:
            kept.append(path)
        else:
            steps.append((path, step))
    history = _history(session, target.value)
    storage = _storage(session, target.value)
    device = session.describer.get["device"](target.value)
    before = heap.host_bytes() if device.type == "cpu" else None
    if before is None:
        before = target_device.allocated_bytes(session.torch, device)
    for _, step in steps:
        step()
    for step in history:
        step()
    steps.clear()
    history.clear()
    path, value = target.path, [target.value]
    del target, names
    session.drop()
    gone = [name for name in dict.fromkeys([path, *paths]) if name not in kept]
    held = [*kept, *_holders(value, bool(kept))]
    value.clear()
    freed = _freed(session.torch, storage)
    del storage  # measured without what we hold
    if device.type == "cpu":
        after = None if before is None else before - freed
    else:
        after = target_device.allocated_bytes(session.torch, device)
    return Deletion(
        id,
        DONE,
        path,
        _said(gone, kept, held, freed),
        deleted=tuple(gone),
        kept=tuple(kept),
        still_held_by=tuple(held),
        bytes={str(device): Bytes(before, after)},
    )


def _said(gone: List[str], kept: List[str], held: List[str], freed: int) -> str:
    if not gone:
        return f"Nothing was deleted: {kept[0]} belongs to something that would break without it."
    text = f"Deleted {', '.join(gone)}"
    if held:
        return f"{text}; its memory is still held by {', '.join(held[:3])}."
    return f"{text}; {binary(freed)} are free again." if freed else f"{text}."


# Names ---------------------------------------------------------------------------------


def _step(session: Any, path: str, owner: str) -> Optional[Callable[[], None]]:
    """What deletes one path; None where a person could not."""
    try:
        tree: Any = ast.parse(path, mode="eval").body
    except SyntaxError:
        return None
    live = session.live
    if isinstance(tree, ast.Name):
        name = tree.id
        return lambda: live.pop(name, None)
    if owner in _BELONGING or not isinstance(tree, (ast.Subscript, ast.Attribute)):
        return None
    resolver = Resolver(session.namespace, session.outputs)
    try:
        place = resolver.resolve(ast.get_source_segment(path, tree.value) or "")
    except Refusal:
        return None
    kind = session.heap.kinds.one(place)
    if isinstance(tree, ast.Attribute):
        attributes = instance_dict(place, session.heap.kinds.layout(type(place)))
        if kind != OBJECT or attributes is None:
            return None
        found, name = attributes, tree.attr
        return lambda: found.pop(name, None)
    index: Any = tree.slice
    if index.__class__.__name__ == "Index":  # Python 3.8's tree
        index = index.value
    try:
        key = ast.literal_eval(index)
    except (ValueError, TypeError):
        return None
    if kind == DICT and type(place) is dict and key in place:
        return lambda: place.pop(key, None)
    return None


def _history(session: Any, tensor: Any) -> List[Callable[[], None]]:
    """Names that IPython itself gave it: ``Out[5]``, ``_5``, ``_``."""
    live: Dict[str, Any] = session.live
    steps: List[Callable[[], None]] = []
    for name in [name for name, value in list(live.items()) if value is tensor]:
        steps.append(lambda name=name: live.pop(name, None))  # type: ignore[misc]
    outputs = session.live_outputs
    for number in [number for number, value in list(outputs.items()) if value is tensor]:
        steps.append(lambda number=number: outputs.pop(number, None))  # type: ignore[misc]
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    hook = getattr(shell, "displayhook", None)
    for name in ("_", "__", "___"):
        if getattr(hook, name, None) is tensor:
            steps.append(lambda name=name: setattr(hook, name, ""))  # type: ignore[misc]
    return steps


# Who still holds it ----------------------------------------------------------------------


def _holders(value: List[Any], named: bool) -> List[str]:
    """Who has the tensor besides ``value``, as far as the collector sees."""
    ours = {id(value), id(sys._getframe())}
    found: List[str] = []
    for referrer in gc.get_referrers(value[0]):
        if id(referrer) in ours or referrer is value:
            continue
        said = _called(referrer)
        if said is not None and not named and said not in found:
            found.append(said)
    return found


def _called(referrer: Any) -> Optional[str]:
    if isinstance(referrer, types.FrameType):
        code = referrer.f_code
        if "jupyter_dlkit" in code.co_filename:
            return None
        return f"a call of {code.co_name}() that is kept, by an exception perhaps"
    if isinstance(referrer, types.CellType):
        return "a variable that a function encloses"
    if isinstance(referrer, (types.GeneratorType, types.CoroutineType)):
        return f"the generator {referrer.__name__}"
    return f"a {type_name(type(referrer))}"


def _storage(session: Any, tensor: Any) -> Any:
    return session.describer.storage(tensor) if session.heap.storage(tensor) is not None else None


def _freed(torch: Any, storage: Any) -> int:
    """Bytes that nobody but us holds any more."""
    if storage is None or torch._C._storage_Use_Count(storage._cdata) > 1:
        return 0
    return int(storage.nbytes())
