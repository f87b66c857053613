"""Outputs: ``Out[7]``, ``_7``, ``_``, and what else IPython keeps of them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set

from ..memory.roots import Roots
from .parts import Part, Reference, roots

#: Names of the last three outputs.
_UNDERSCORES = ("_", "__", "___")


def part(shell: Any, what: str, number: Optional[int]) -> Part:
    """All outputs, or that of one cell."""
    history = _history(shell)
    known = [n for n in list(history) if type(n) is int]  # its keys are what the user likes
    numbers = known if number is None else [n for n in known if n == number]
    kept = {id(history[n]) for n in known if number is not None and n != number}
    gone = {id(history[n]) for n in numbers} - kept
    references: List[Reference] = []
    names: Set[str] = set()
    for n in numbers:
        references.append(_pop(history, n, f"Out[{n}]"))
        name = f"_{n}"
        for space, label in _spaces(shell):
            if name in space and space[name] is history[n]:
                references.append(_pop(space, name, name if label == "" else f"{label}[{name!r}]"))
                names.add(name)
    references += _last_three(shell, None if number is None else gone, names)
    references += _last_result(shell, None if number is None else gone)
    nothing = None
    if not references:
        nothing = (
            "there is no output that is kept"
            if number is None
            else f"no output of cell {number} is kept"
        )

    def only() -> Any:
        outputs = {n: history[n] for n in numbers if n in history}
        space = shell.user_ns
        return roots(shell, outputs=outputs, history={n: space[n] for n in names if n in space})

    def without(rest: Roots) -> Roots:
        for n in numbers:
            rest.outputs.pop(n, None)
        for name in names:
            rest.history.pop(name, None)
        return rest

    return Part(what, references, only, without, nothing=nothing)


def _history(shell: Any) -> Dict[Any, Any]:
    manager = getattr(shell, "history_manager", None)
    found = getattr(manager, "output_hist", None)
    if type(found) is not dict:
        found = shell.user_ns.get("_oh")
    return found if type(found) is dict else {}


def _spaces(shell: Any) -> List[Any]:
    hidden = getattr(shell, "user_ns_hidden", None)
    spaces = [(shell.user_ns, "")]
    return [*spaces, (hidden, "user_ns_hidden")] if type(hidden) is dict else spaces


def _pop(space: Dict[Any, Any], key: Any, name: str) -> Reference:
    return Reference(name, lambda: space.pop(key, None))


def _last_three(shell: Any, gone: Optional[Set[int]], names: Set[str]) -> List[Reference]:
    """``_``, ``__`` and ``___``, where they are IPython's; they are empty texts at first.

    ``gone``: ``id`` of what is released, None for everything.
    """
    hook = getattr(shell, "displayhook", None)
    references: List[Reference] = []
    for name in _UNDERSCORES:
        value = getattr(hook, name, "")
        if type(value) is str and value == "":
            continue
        if gone is not None and id(value) not in gone:
            continue
        references.append(_empty(vars(hook), name, f"displayhook.{name}"))
        for space, label in _spaces(shell):
            # The user may have bound ``_`` to something else: then it is a name of his.
            if name in space and space[name] is value:
                references.append(
                    _empty(space, name, name if label == "" else f"{label}[{name!r}]")
                )
                names.add(name)
    return references


def _empty(space: Dict[str, Any], name: str, label: str) -> Reference:
    return Reference(label, lambda: space.__setitem__(name, ""))


def _last_result(shell: Any, gone: Optional[Set[int]]) -> List[Reference]:
    result = getattr(shell, "last_execution_result", None)
    value = getattr(result, "result", None)
    if value is None or (gone is not None and id(value) not in gone):
        return []
    return [
        Reference("last_execution_result.result", lambda: setattr(result, "result", None)),
    ]
