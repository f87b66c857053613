"""The same from Python: ``import jupyter_dlkit as dlkit`` in a cell or a script."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional

from .transfer import Move, Transfer


class MoveError(RuntimeError):
    """Nothing was moved.  ``result`` says what was refused, or how it failed."""

    def __init__(self, result: Move) -> None:
        text = result.message or "Nothing was moved."
        super().__init__(f"{text} {result.hint}" if result.hint else text)
        self.result = result


_transfer: Optional[Transfer] = None


def move(
    *targets: Any, device: Any, dry_run: bool = False, force: bool = False, how: str = "move"
) -> Move:
    """Move tensors, modules, optimizers or containers to ``device``, completely or not at all.

    Each of ``targets`` is an object, or a path as the list prints it (``"model.layers[0]"``).
    Every name that has the object keeps it; views, aliases, gradients and the state of
    optimizers come along.  ``dry_run`` only says what would happen; ``force`` moves also what a
    live autograd graph needs.  ``how="copy"`` and ``how="rebind"`` bind the path to a fresh
    tensor instead.

    Raises ``MoveError`` when something refuses or fails; then nothing has changed.
    """
    return _kept(_here().move(targets, str(device), dry_run, force, how))


def undo() -> Move:
    """Put the last ``move`` back.  Raises ``MoveError`` when that cannot be."""
    return _kept(_here().undo())


def _kept(result: Move) -> Move:
    if result.state == "failed":
        raise MoveError(result)
    return result


def _here() -> Transfer:
    global _transfer
    if _transfer is None:
        _transfer = Transfer(_namespace, _outputs)
    return _transfer


def _namespace() -> Dict[str, Any]:
    """The notebook's variables; without IPython those of the main script."""
    shell = _shell()
    if shell is None:
        return vars(sys.modules["__main__"])
    space: Dict[str, Any] = shell.user_ns
    return space


def _outputs() -> Dict[Any, Any]:
    outputs = _namespace().get("_oh")
    return outputs if type(outputs) is dict else {}


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()
