"""A request to check: its body against the document, and its answer where no kernel is asked."""

from __future__ import annotations

import functools
import json
from typing import Any

import orjson

from . import document
from .errors import BadRequest, DLKitError

#: The one of the forms of an operand that has this field is meant.
_OPERANDS = ("shape", "expression", "scalar")


def parse(body: bytes, limit: int) -> dict[str, Any]:
    """The request.

    Raises:
        BadRequest: longer than ``limit`` bytes, no JSON, or it does not fit; names the field.
    """
    if len(body) > limit:
        raise BadRequest("body", f"is longer than {limit} bytes")
    try:
        request: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("body", "is not JSON") from None
    if not isinstance(request, dict):
        raise BadRequest("body", "is not an object")
    of_source = "source" in request
    _fits(request, ("CheckRequest", 1 if of_source else 0))
    for number, operand in enumerate(request.get("operands", ())):
        if not isinstance(operand, dict):
            raise BadRequest(f"operands.{number}", "is not an object")
        forms = [form for form, name in enumerate(_OPERANDS) if name in operand]
        if len(forms) != 1:
            raise BadRequest(
                f"operands.{number}", "has one of the fields shape, expression and scalar"
            )
        _fits(operand, ("CheckOperand", forms[0]), f"operands.{number}")
    return request


def answer(request: dict[str, Any]) -> bytes:
    """The encoded answer, from the rules alone.

    Raises:
        DLKitError: 400, it cannot be answered.
    """
    # Not at import: the rules are only needed once somebody asks.
    from ..shapes.source.request import NotAnswered, answered

    try:
        return orjson.dumps(answered(request))
    except NotAnswered as error:
        raise DLKitError(400, error.code, error.message, error.hint) from None


@functools.cache
def _validator(form: tuple[str, int]) -> Any:
    from jsonschema import Draft202012Validator

    name, number = form
    schema = document.document()["components"]["schemas"][name]["oneOf"][number]
    if name == "CheckRequest" and "operands" in schema["properties"]:
        # Each operand is checked by its own form: what is said of it is then to the point.
        properties = {**schema["properties"], "operands": {"type": "array"}}
        schema = {**schema, "properties": properties}
    return Draft202012Validator(schema)


def _fits(value: Any, form: tuple[str, int], prefix: str = "") -> None:
    for problem in _validator(form).iter_errors(value):
        field, why = document.said(problem)
        if prefix:
            field = prefix if field == "body" else f"{prefix}.{field}"
        raise BadRequest(field, why)
