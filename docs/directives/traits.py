"""The server extension's traits, from its class."""

from __future__ import annotations

import sys

from jupyter_dlkit.server.app import DLKit

from .tables import table


def source() -> str:
    """The file of the class."""
    return str(sys.modules[DLKit.__module__].__file__)


def rows() -> list[tuple[str, str, str]]:
    """Name, default and help of each trait that is ours."""
    return [
        (f"`DLKit.{name}`", f"`{trait.default_value!r}`", trait.help)
        for name, trait in DLKit.class_own_traits(config=True).items()
    ]


def table_text() -> str:
    """A row for each."""
    return table(("trait", "default", "what it does"), rows())
