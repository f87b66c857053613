"""The machine, seen from a shell."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from ..api.devices import Devices
from ..api.status import Status, status

#: Seconds between the two looks that tell how busy the processors are.
_BETWEEN = 0.1


def machine() -> Status:
    """The machine now; without the devices of a kernel, because a shell is none."""
    seen = status()
    if seen.host.cpu_percent is None:
        time.sleep(_BETWEEN)
        seen = status()
    return replace(seen, kernel=Devices((), None, None, None))


def fields(seen: Status) -> dict[str, Any]:
    """For JSON."""
    return {name: value for name, value in seen.to_dict().items() if name != "kernel"}
