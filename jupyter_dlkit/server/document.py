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
def _query_of(path: str, method: str) -> list[dict[str, Any]]:
    """The query parameters of an address."""
    parameters = document()["paths"][path][method].get("parameters", [])
    return [p for p in parameters if p["in"] == "query"]


@functools.cache
def _validator(schema: str) -> Any:
    # Not at import: jsonschema is only needed once somebody asks.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(document()["components"]["schemas"][schema])


def query(path: str, arguments: Mapping[str, list[bytes]], method: str = "get") -> dict[str, Any]:
    """The query of a request, converted and checked.

    Parameters that the document does not know are left alone: proxies and clients
    add their own (``token``, ``_xsrf``, a number against caches).

    Raises:
        BadRequest: a value does not fit, is missing, or comes twice; names the field.
    """
    from jsonschema import Draft202012Validator

    found: dict[str, Any] = {}
    for parameter in _query_of(path, method):
        name, schema = parameter["name"], parameter["schema"]
        values = arguments.get(name)
        if not values:
            if parameter.get("required"):
                raise BadRequest(name, "is required")
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


def body(schema: str, text: bytes, limit: int) -> dict[str, Any]:
    """The body of a request, checked, with the defaults of the document filled in.

    Raises:
        BadRequest: longer than ``limit`` bytes, no JSON, or it does not fit; names the field.
    """
    if len(text) > limit:
        raise BadRequest("body", f"is longer than {limit} bytes")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("body", "is not JSON") from None
    for problem in _validator(schema).iter_errors(parsed):
        raise BadRequest(*said(problem))
    properties = document()["components"]["schemas"][schema]["properties"]
    defaults = {name: p["default"] for name, p in properties.items() if "default" in p}
    return {**defaults, **parsed}


def said(problem: Any) -> tuple[str, str]:
    """The field of a body that does not fit, and why, in few words: ``(field, why)``."""
    steps = [str(step) for step in problem.absolute_path]
    if problem.validator == "required":
        missing = next(name for name in problem.validator_value if name not in problem.instance)
        return ".".join([*steps, missing]), "is required"
    field = ".".join(steps) or "body"
    if problem.validator == "additionalProperties":
        extra = next(name for name in problem.instance if name not in problem.schema["properties"])
        return ".".join([*steps, extra]), "is not a field of this request"
    if problem.validator == "oneOf":
        return field, "is neither a path nor a row's id with its path"
    if problem.validator in ("minItems", "minLength"):
        return field, "is empty"
    if problem.validator == "maxItems":
        return field, f"has more than {problem.validator_value} items"
    return field, problem.message[:200]


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
