"""The panel's settings, from the schema that the settings editor goes by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .tables import table

SCHEMA = next((Path(__file__).resolve().parents[2] / "schema").glob("*.json"))


def schema() -> Any:
    return json.loads(SCHEMA.read_text("utf-8"))


def properties() -> str:
    """A row for each setting."""
    return table(
        ("setting", "default", "what it does"),
        (
            (
                f"`{name}`",
                f"`{json.dumps(one['default'])}`",
                f"**{one['title']}.** {one['description']} {bounds(one)}",
            )
            for name, one in schema()["properties"].items()
        ),
    )


def bounds(one: Any) -> str:
    """What may be set."""
    if "enum" in one.get("items", {}):
        return "Any of " + ", ".join(f"`{choice}`" for choice in one["items"]["enum"]) + "."
    if "minimum" in one:
        return f"From {one['minimum']} to {one['maximum']}."
    return ""


#: What a shortcut's selector means to a reader.
WHERE = {
    ".jp-dlkit-Grid": "in the table of tensors",
    ".jp-Notebook .jp-CodeCell": "in a cell",
}


def keys() -> str:
    """A row for each key."""
    return table(
        ("key", "where", "command"),
        (
            (
                " ".join(f"`{key}`" for key in one["keys"]),
                WHERE[one["selector"]],
                f"`{one['command']}`",
            )
            for one in schema()["jupyter.lab.shortcuts"]
        ),
    )
