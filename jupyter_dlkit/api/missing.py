"""What is said of a name that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .namespace import namespace
from .nearest import offer


def missing(paths: Iterable[Any]) -> tuple[str, str] | None:
    """Message and hint for the first whose variable is not there; None where all are."""
    space = namespace()
    for path in paths:
        root = re.match(r"\w+", path) if type(path) is str else None
        if root is not None and root.group() not in space:
            names = [name for name in list(space) if type(name) is str and name[:1] != "_"]
            otherwise = "Name a variable, or a path as dlkit.tensors() lists it."
            return f"There is no {root.group()} here.", offer(root.group(), names, otherwise)
    return None
