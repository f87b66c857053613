"""A figure, what was promised of it, and how it is shown."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    ``value`` and ``limit`` are in ``unit``; ``limit`` is None where nothing was
    promised.  ``at_least`` turns the promise around.  ``note`` says how it was got.
    """

    name: str
    stack: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the promise holds."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass
class Sample:
    """Measurements of one thing, in milliseconds."""

    values: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The smallest value that ``share`` of the sample does not exceed."""
        ordered = sorted(self.values)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    @property
    def median(self) -> float:
        """The middle."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        return (
            f"n={len(self.values)}, median {self.median:.1f}, p95 {self.quantile(0.95):.1f},"
            f" p99 {self.quantile(0.99):.1f}, worst {max(self.values):.1f}"
        )


def markdown(figures: Sequence[Figure]) -> str:
    """The table."""
    lines = ["| figure | stack | measured | promised | |", "| --- | --- | ---: | ---: | --- |"]
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        promised = "" if figure.limit is None else f"{sign} {figure.limit:g} {figure.unit}"
        verdict = {True: "kept", False: "**not kept**", None: ""}[figure.kept]
        said = ", ".join(filter(None, (verdict, figure.note)))
        measured = f"{figure.value:.3g}" if abs(figure.value) < 100 else f"{figure.value:.0f}"
        lines.append(
            f"| {figure.name} | {figure.stack} | {measured} {figure.unit} | {promised} | {said} |"
        )
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    names = ("jupyter_server", "ipykernel", "torch", "jupyter-dlkit")
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except ModuleNotFoundError:
            versions[name] = "from the checkout"
    return {
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": versions,
    }


def save(figures: Sequence[Figure], started: datetime) -> Path:
    """Writes what there is so far; the path of the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{started:%Y-%m-%dT%H%M%S}.json"
    lines = [{**asdict(figure), "kept": figure.kept} for figure in figures]
    content = {"taken_at": started.isoformat(), "machine": machine(), "figures": lines}
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def now() -> datetime:
    """With its zone."""
    return datetime.now(timezone.utc)
