"""How a name is deleted as a user would by hand.

By hand means: variables, outputs, items of plain dicts, attributes of plain
objects.  Removing a slot of a list would shift the others, and what a module, an
optimizer or an object of a library has would break it: kept.
"""

from __future__ import annotations

import ast
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ..errors import Refusal
from ..kinds import DICT, OBJECT, instance_dict
from ..resolve import Resolver


class Unbinding(NamedTuple):
    """What deletes one name."""

    run: Callable[[], Any]
    places: Tuple[int, ...]  #: ``id`` of what has the name now


def of_path(session: Any, path: str, attributes: bool) -> Optional[Unbinding]:
    """What deletes one path; None where a person could not.

    ``attributes``: whether an attribute of a plain object may be deleted, too.
    """
    try:
        tree: Any = ast.parse(path, mode="eval").body
    except SyntaxError:
        return None
    live = session.live
    if isinstance(tree, ast.Name):
        name = tree.id
        return Unbinding(lambda: live.pop(name, None), (id(live),))
    if not isinstance(tree, (ast.Subscript, ast.Attribute)):
        return None
    resolver = Resolver(session.namespace, session.outputs)
    try:
        place = resolver.resolve(ast.get_source_segment(path, tree.value) or "")
    except Refusal:
        return None
    kind = session.heap.kinds.one(place)
    if isinstance(tree, ast.Attribute):
        found = instance_dict(place, session.heap.kinds.layout(type(place)))
        if kind != OBJECT or found is None or not attributes:
            return None
        held, name = found, tree.attr
        return Unbinding(lambda: held.pop(name, None), (id(held), id(place)))
    index: Any = tree.slice
    if index.__class__.__name__ == "Index":  # Python 3.8's tree
        index = index.value
    try:
        key = ast.literal_eval(index)
    except (ValueError, TypeError):
        return None
    if kind == DICT and type(place) is dict and key in place:
        return Unbinding(lambda: place.pop(key, None), (id(place),))
    return None


def of_history(session: Any, value: Any) -> List[Unbinding]:
    """Names that IPython itself gave it: ``Out[5]``, ``_5``, ``_``; and its other variables."""
    live: Dict[str, Any] = session.live
    outputs = session.live_outputs
    found = [
        Unbinding(lambda name=name: live.pop(name, None), (id(live),))  # type: ignore[misc]
        for name, other in list(live.items())
        if other is value
    ]
    found += [
        Unbinding(lambda number=number: outputs.pop(number, None), (id(outputs),))  # type: ignore[misc]
        for number, other in list(outputs.items())
        if other is value
    ]
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    hook = getattr(shell, "displayhook", None)
    found += [
        Unbinding(
            lambda name=name: setattr(hook, name, ""),  # type: ignore[misc]
            (id(hook), id(vars(hook))),
        )
        for name in ("_", "__", "___")
        if getattr(hook, name, None) is value
    ]
    return found
