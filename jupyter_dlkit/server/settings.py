"""What the administrator has set, as one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The traits of :class:`~jupyter_dlkit.server.app.DLKit`; see their help."""

    attach: bool
    values: bool
    changes: bool
    process_names: bool
    min_interval: float  # seconds
    busy_interval: float  # seconds
    scan_budget_ms: float
    request_timeout: float  # seconds
    change_patience: float  # seconds
    max_slice: int  # elements
    max_subscriptions: int
    max_body: int  # bytes
