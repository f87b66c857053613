"""Where this machine stands and what it costs; nothing is asked over a network."""

from __future__ import annotations

import json
import os
import time
from typing import Any, List, Optional, Tuple

from ...hardware.cgroup import read
from ...hardware.place import Place
from .. import jupyter_folders
from ..amounts import lasted
from ..facts import Facts
from ..registry import Seen, check
from .resources import place

_CLOUDS = {"aws": "Amazon Web Services", "gcp": "Google Cloud", "azure": "Azure"}
_NOTEBOOKS = {"colab": "Google Colab", "kaggle": "Kaggle", "jupyterhub": "JupyterHub"}


def _words(found: Place) -> List[str]:
    """What the place is, from the outside in."""
    words = []
    if found.cloud is not None:
        kind = f" ({found.instance})" if found.instance else ""
        words.append(f"on {_CLOUDS.get(found.cloud, found.cloud)}{kind}")
    if found.wsl:
        words.append("under WSL")
    if found.container is not None:
        words.append(f"in a container ({found.container})")
    if found.notebook is not None:
        words.append(f"on {_NOTEBOOKS.get(found.notebook, found.notebook)}")
    return words


@check("cloud.place", title="This is a machine of its own", cause=800)
def where(facts: Facts) -> Seen:
    """Cloud, notebook host, container and WSL, from DMI, files and the environment."""
    found = place(facts)
    words = _words(found)
    evidence = [
        line
        for line in (
            _read(facts, "sys_vendor"),
            _read(facts, "product_name"),
            _read(facts, "chassis_asset_tag") if found.cloud == "azure" else None,
            None if found.container is None else f"container: {found.container}",
            "WSL: the kernel's name says so" if found.wsl else None,
            None if found.notebook is None else f"the environment names {found.notebook}",
        )
        if line is not None
    ]
    command = "cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name"
    if not words:
        return Seen("ok", "No cloud, container or notebook host was recognised", evidence, command)
    return Seen("info", f"This runs {', '.join(words)}", evidence, command)


def _read(facts: Facts, name: str) -> Optional[str]:
    text = (facts.read(f"/sys/class/dmi/id/{name}") or "").strip()
    return f"{name}: {text}" if text else None


@check("cloud.cost", title="What this machine has cost", cause=810)
def cost(facts: Facts) -> Seen:
    """The user's price for an hour, times the hours since the machine was started."""
    price, currency = _price(facts)
    running = seconds_since_boot(facts)
    command = "uptime -p"
    if not price:
        if place(facts).cloud is None:
            return Seen("not_applicable", "No price is set for this machine")
        since = [] if running is None else [f"running for {lasted(running)}"]
        return Seen(
            "info",
            "No price is set for this machine of a cloud",
            since,
            command,
            "Set what it costs an hour in the settings of DL Kit: then its cost since it was "
            "started is shown here.",
        )
    if running is None:
        return Seen("unknown", "Not known: since when this machine runs", ["/proc/uptime"], command)
    hours = running / 3600
    return Seen(
        "info",
        f"This machine has cost about {currency}{hours * price:.2f} since boot",
        [f"running for {lasted(running)}", f"{currency}{price:g} an hour, as you have set it"],
        command,
        "A machine in a cloud is paid until it is stopped, whether kernels run or not."
        if place(facts).cloud
        else None,
    )


def _price(facts: Facts) -> Tuple[Optional[float], str]:
    """The price of an hour, and its currency: told, or as the server keeps them on the disk."""
    given: Any = facts.price
    if given is None:
        text = read(os.path.join(jupyter_folders.data(facts), "jupyter_dlkit", "idle.json"))
        try:
            kept = json.loads(text or "{}")
            given = {"per_hour": kept.get("price"), "currency": kept.get("currency")}
        except (ValueError, AttributeError):
            given = {}
    price = given.get("per_hour")
    told = isinstance(price, (int, float)) and price > 0
    return float(price) if told else None, str(given.get("currency") or "")[:8]


def seconds_since_boot(facts: Facts) -> Optional[float]:
    """Since the machine was started; None where that is not told.

    A container has its host's /proc/uptime; without one (macOS) the clock that began at boot.
    """
    words = (facts.read("/proc/uptime") or "").split()
    try:
        return float(words[0])
    except (IndexError, ValueError):
        return time.monotonic() if facts.platform == "darwin" and facts.root == "/" else None


@check("cloud.runtime", title="The notebook host's runtime fits the work", cause=805)
def runtime(facts: Facts) -> Seen:
    """Colab and Kaggle: what the runtime has, and when it ends."""
    found = place(facts)
    if found.notebook not in ("colab", "kaggle"):
        return Seen("not_applicable", "This is neither Colab nor Kaggle")
    name = _NOTEBOOKS[found.notebook]
    device = f"a TPU ({found.tpu})" if found.tpu else "a GPU" if found.gpu else "no accelerator"
    running = seconds_since_boot(facts)
    evidence = [f"the runtime has {device}"]
    if running is not None:
        evidence.append(f"running for {lasted(running)}")
    ends = (
        "Colab ends a runtime after 12 hours at most without a paid plan, and earlier when nobody "
        "uses it: save checkpoints to Drive."
        if found.notebook == "colab"
        else "Kaggle ends a session after 12 hours (9 with a TPU), and counts the week's hours of "
        "its GPU: save what matters to /kaggle/working."
    )
    if found.tpu:
        return Seen(
            "warning",
            f"{name}'s runtime has a TPU, which PyTorch uses only through torch_xla",
            evidence,
            "python -c 'import torch_xla'",
            f"{_change(found.notebook)} for `tensor.to('cuda')`. {ends}",
        )
    if not found.gpu:
        # Why there is no GPU is told among the accelerators.
        return Seen(
            "info",
            f"{name}'s runtime has no GPU",
            evidence,
            "nvidia-smi",
            f"{_change(found.notebook)}. {ends}",
        )
    return Seen(
        "info", f"{name}'s runtime has a GPU, for a limited time", evidence, "nvidia-smi", ends
    )


def _change(notebook: str) -> str:
    if notebook == "colab":
        return "Choose a GPU in Runtime → Change runtime type"
    return "Choose a GPU in the notebook's Settings → Accelerator"
