"""Whose variables are looked at: the notebook's, or those of the main script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..kernel.inventory import Inventory


def shell() -> Any:
    """IPython's shell where its variables are those that run now, else None.

    IPython is not imported for it.  A script that ``%run`` runs has variables of its own.
    """
    ipython = sys.modules.get("IPython")
    get = None if ipython is None else getattr(ipython, "get_ipython", None)
    found = None if get is None else get()
    if found is None or type(found).__name__ == "InteractiveShellEmbed":
        return found
    main = sys.modules.get("__main__")
    return found if main is None or vars(main) is found.user_module.__dict__ else None


class Variables:
    """The variables of the main script or of a plain ``python``, as a shell has them."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = vars(sys.modules["__main__"])
        self.user_ns_hidden: dict[str, Any] = {}


class _Here:
    """Drops references at once: the thread that asked is the user's own."""

    @staticmethod
    def drop(references: list[Any]) -> None:
        references.clear()


def inventory_of(shell: Any) -> Inventory:
    """What looks into a shell's variables, or into ``Variables``, from the thread that asks."""
    from ..kernel.inventory import Inventory

    main: Any = _Here()
    return Inventory(shell, main, lambda: True)


def namespace() -> dict[str, Any]:
    """The dictionary itself."""
    found: dict[str, Any] = (shell() or Variables()).user_ns
    return found


def outputs() -> dict[Any, Any]:
    """``Out``; empty without IPython."""
    found = namespace().get("_oh")
    return found if type(found) is dict else {}
