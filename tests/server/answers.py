"""Whether an answer is what the OpenAPI document says."""

from __future__ import annotations

import functools
from typing import Any

import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from jupyter_dlkit.server import document

URI = "urn:dlkit"


@functools.cache
def _registry() -> Any:
    resource = Resource(contents=document.document(), specification=DRAFT202012)
    return Registry().with_resource(URI, resource)


def fits(value: Any, schema: str) -> Any:
    """The value, after it was checked against a schema of the document.

    Fields that the schema does not know fail too: a misspelt field would otherwise
    be one that is silently missing.
    """
    validator = Draft202012Validator(
        {"$ref": f"{URI}#/components/schemas/{schema}"},
        registry=_registry(),
        format_checker=FormatChecker(),
    )
    problem = next(validator.iter_errors(value), None)
    assert problem is None, f"{schema}: {problem.json_path}: {problem.message}"
    known = document.document()["components"]["schemas"][schema].get("properties")
    if known is not None:
        assert set(value) <= set(known), f"{schema}: unknown fields {set(value) - set(known)}"
    return value


def refused(answer: requests.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The ``Error`` of an answer with that status, and with that code."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:1000]}"
    body: dict[str, Any] = fits(answer.json(), "Error")
    assert code is None or body["error"]["code"] == code, body
    return body
