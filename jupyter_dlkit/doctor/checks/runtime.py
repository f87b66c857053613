"""Notebook hosts that lend a machine with a GPU only when they are asked for one."""

from __future__ import annotations

from ...hardware.place import here
from ..accelerators import accelerators
from ..facts import Facts
from ..registry import Seen, check

_STEPS = {
    "colab": ("Colab", "Runtime → Change runtime type → choose a GPU; the runtime starts anew."),
    "kaggle": ("Kaggle", "Settings → Accelerator → choose a GPU; the session starts anew."),
}


@check("accelerator.runtime", title="The notebook's host lends a GPU", cause=5)
def runtime(facts: Facts) -> Seen:
    """Colab or Kaggle without a device file of a GPU."""
    place = here(facts.root, facts.environ)
    if place.notebook not in _STEPS:
        return Seen("not_applicable", "This is neither Colab nor Kaggle")
    host, step = _STEPS[place.notebook]
    found = accelerators(facts)
    evidence = [host, f"device files: {', '.join(found.nodes) or 'no /dev/nvidia*'}"]
    if found.nodes:
        return Seen("ok", f"{host} lends a GPU", evidence, "nvidia-smi -L")
    if place.tpu:
        return Seen("info", f"{host} lends a TPU ({place.tpu}), no GPU", evidence, None, step)
    return Seen("warning", f"This {host} runtime has no GPU", evidence, "ls /dev/nvidia*", step)
