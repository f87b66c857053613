"""One thing that can be released: the references that keep it."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Optional

from ..memory.roots import Roots


class Reference(NamedTuple):
    """What is removed, as a person would call it; holds nothing of what it refers to."""

    name: str
    remove: Callable[[], Any]


class Part(NamedTuple):
    """What was asked for, and what has to go for it.

    ``only``: roots of nothing but it.  ``without``: what would be left of roots; None where its
    own holders can be told by name (``is_own``) instead.
    """

    what: str
    references: List[Reference]
    only: Callable[[], Roots]
    without: Optional[Callable[[Roots], Roots]]
    is_own: Callable[[str], bool] = lambda holder: False
    nothing: Optional[str] = None  #: why there is nothing to release


class Bare(Roots):
    """Roots without the traceback that is kept."""

    def tracebacks(self) -> List[Any]:
        """None."""
        return []


def roots(
    shell: Any,
    namespace: Any = None,
    outputs: Any = None,
    history: Any = None,
    errors: Any = None,
    exception: bool = False,
) -> Roots:
    """Roots of copies; nothing where nothing is given.  ``exception``: the last traceback too."""
    kind = Roots if exception else Bare
    return kind(
        dict(namespace or {}),
        dict(outputs or {}),
        dict(history or {}),
        list(errors or ()),
        shell.user_ns,
        shell,
    )


def everything(shell: Any) -> Roots:
    """All that the kernel keeps for its user; copies."""
    found = Roots.of_shell(shell)
    return found._replace(outputs=dict(found.outputs))
