"""The OpenAPI document: served, and what requests are checked against."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, Mapping

from .errors import BadRequest

PATH = Path(__file__).with_name("openapi.json")


@functools.cache
def text() -> bytes:
    """The document as it is served."""
    return PATH.read_bytes()


@functools.cache
def document() -> dict[str, Any]:
    """The document, parsed."""
    parsed: dict[str, Any] = json.loads(text())
    return parsed


@functools.cache
def _query_of(path: str) -> dict[str, Any]:
    """``{name: schema}`` of the query parameters of ``GET path``."""
    parameters = document()["paths"][path]["get"].get("parameters", [])
    return {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}


@functools.cache
def _validator(schema: str) -> Any:
    # Not at import: jsonschema is only needed once somebody asks.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(document()["components"]["schemas"][schema])


def query(path: str, arguments: Mapping[str, list[bytes]]) -> dict[str, Any]:
    """The query of ``GET path``, converted and checked.

    Parameters that the document does not know are left alone: proxies and clients
    add their own (``token``, ``_xsrf``, a number against caches).

    Raises:
        BadRequest: a value does not fit, or comes twice; names the field.
    """
    from jsonschema import Draft202012Validator

    found: dict[str, Any] = {}
    for name, schema in _query_of(path).items():
        values = arguments.get(name)
        if not values:
            continue
        if len(values) > 1:
            raise BadRequest(name, "is given more than once")
        try:
            value: Any = values[0].decode()
        except UnicodeDecodeError:
            raise BadRequest(name, "is not UTF-8 text") from None
        if schema.get("type") == "integer":
            try:
                value = int(value)
            except ValueError:
                raise BadRequest(name, f"{value!r} is not a whole number") from None
        for problem in Draft202012Validator(schema).iter_errors(value):
            raise BadRequest(name, problem.message)
        found[name] = value
    return found


def subscription(message: str | bytes) -> dict[str, Any]:
    """A message of a stream's client, checked against ``Subscribe``.

    Raises:
        BadRequest: names the field.
    """
    try:
        body = json.loads(message)
    except ValueError as error:
        raise BadRequest("message", f"is not JSON ({error})") from None
    for problem in _validator("Subscribe").iter_errors(body):
        field = ".".join(str(step) for step in problem.path) or "message"
        raise BadRequest(field, problem.message)
    if body["topic"] == "kernel" and "kernel_id" not in body:
        raise BadRequest("kernel_id", "is required with the topic 'kernel'")
    checked: dict[str, Any] = body
    return checked
