"""What the administrator, a kernelspec or a notebook has switched off.

The administrator sets traits; a kernelspec and a notebook say it in their
``metadata``: ``{"jupyter_dlkit": {"attach": false}}`` for everything, ``{"changes":
false}`` there for moving and deleting alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from .errors import Forbidden
from .settings import Settings

if TYPE_CHECKING:
    from .notebooks import Notebooks

ATTACH = "attach"
CHANGES = "changes"


def is_off(metadata: Any, switch: str) -> bool:
    """Whether the metadata of a kernelspec or a notebook says ``switch`` is off."""
    ours = metadata.get("jupyter_dlkit") if isinstance(metadata, Mapping) else None
    return isinstance(ours, Mapping) and ours.get(switch) is False


def kernelspec(manager: Any) -> Any:
    """A kernel's kernelspec; None when it was removed while the kernel ran."""
    try:
        return manager.kernel_spec
    except Exception:
        return None


async def allow_changes(
    settings: Settings, manager: Any, notebooks: Notebooks, kernel_id: str
) -> None:
    """Goes on where a kernel's tensors may be changed.  Asks the kernel nothing.

    Raises:
        Forbidden: switched off, and by whom.
    """
    if not settings.changes:
        raise Forbidden(
            "changes_disabled",
            "Moving and deleting tensors is switched off on this server.",
            "The administrator can set DLKit.changes = True.",
        )
    spec = kernelspec(manager)
    if is_off(getattr(spec, "metadata", None), CHANGES):
        name = getattr(spec, "display_name", "") or manager.kernel_name
        raise Forbidden(
            "changes_disabled",
            f"Moving and deleting tensors is switched off for {name} (by its kernelspec).",
            "Choose another kernel, or remove jupyter_dlkit.changes from the kernelspec.",
        )
    path = await notebooks.switches_off(kernel_id, CHANGES)
    if path is not None:
        raise Forbidden(
            "changes_disabled",
            f"Moving and deleting the tensors of its kernel is switched off in {path}.",
            "Remove jupyter_dlkit.changes from the notebook's metadata, and save it.",
        )
