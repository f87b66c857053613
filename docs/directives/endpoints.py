"""``jupyter_dlkit/server/openapi.json`` as pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .tables import table

DOCUMENT = Path(__file__).resolve().parents[2] / "jupyter_dlkit" / "server" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "#/components/schemas/"


def document() -> Any:
    return json.loads(DOCUMENT.read_text("utf-8"))


def requests() -> str:
    """Each request: who may, what goes in, what comes out."""
    return "\n".join(
        line
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
        for line in request(path, method, operation)
    )


def request(path: str, method: str, operation: Any) -> Iterator[str]:
    """The section of one."""
    yield f"## {method.upper()} {path.lstrip('/')}\n"
    yield f"{operation['summary']}.\n"
    if "description" in operation:
        yield f"{operation['description']}\n"
    yield f"Needs the permission to `{operation['x-access']}` on `kernels`.\n"
    rows = [
        (f"`{one['name']}`", one["in"], kind(one["schema"]), one.get("description", ""))
        for one in operation.get("parameters", ())
        if one["in"] != "path"
    ]
    yield table(("parameter", "in", "type", "meaning"), rows)
    body = operation.get("requestBody")
    if body is not None:
        yield f"The body is {kind(content(body))}.\n"
    yield table(
        ("status", "answer"),
        ((status, answered(one)) for status, one in operation["responses"].items()),
    )


def answered(response: Any) -> str:
    """What a status comes with."""
    said = "" if response["description"] == "OK" else response["description"]
    schema = content(response)
    return said if schema is None else f"{kind(schema)} {'–' if said else ''} {said}"


def content(part: Any) -> Any:
    """The schema of a body; None where there is none."""
    for one in part.get("content", {}).values():
        return one.get("schema")
    return None


def kind(schema: Any) -> str:
    """A type in words; objects of the document are links."""
    if not schema:
        return "anything"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return f"[{name}](#object-{name.lower()})"
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(map(kind, schema[key])))
    if "allOf" in schema:
        return " with ".join(map(kind, schema["allOf"]))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items'))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind(schema['additionalProperties'])} by name"
    if schema.get("type") == "object" and schema.get("properties"):
        return "{" + ", ".join(f"`{name}`" for name in schema["properties"]) + "}"
    types = schema.get("type", "anything")
    return types if isinstance(types, str) else " or ".join(types)


def objects() -> str:
    """Each object that is sent or received, with its fields."""
    return "\n".join(
        line
        for name, schema in document()["components"]["schemas"].items()
        for line in described(name, schema)
    )


def described(name: str, schema: Any) -> Iterator[str]:
    """The section of one object; of one that has several forms, a table of each."""
    yield f"(object-{name.lower()})=\n## {name}\n"
    if "description" in schema:
        yield f"{schema['description']}\n"
    fields = list(inherited(schema))
    if fields:
        yield table(("field", "type", "meaning"), fields)
    elif all("properties" in one for one in schema.get("oneOf", ({},))):
        for number, form in enumerate(schema["oneOf"], 1):
            said = f": {form['description']}" if "description" in form else ""
            yield f"Form {number}{said}\n"
            yield table(("field", "type", "meaning"), properties(form))
    else:
        yield f"{kind(schema)}\n"


def inherited(schema: Any) -> Iterator[tuple[str, str, str]]:
    """The fields, with those of what it extends."""
    for one in schema.get("allOf", ()):
        name = one.get("$ref", "").removeprefix(PREFIX)
        yield from inherited(document()["components"]["schemas"][name] if name else one)
    yield from properties(schema)


def properties(schema: Any) -> Iterator[tuple[str, str, str]]:
    """Name, type and description of each field."""
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        optional = "" if name in required else " (optional)"
        yield f"`{name}`{optional}", kind(one), one.get("description", "")
