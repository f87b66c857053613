"""Authorisers that a test's server is started with."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer


class ByHeader(Authorizer):
    """Grants the actions that the header ``X-May`` names; everything without it.

    So one test can look with little permission, and check with all of it.
    """

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        granted = handler.request.headers.get("X-May")
        return granted is None or action in granted.split(",")
