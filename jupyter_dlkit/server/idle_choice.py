"""What the user has set about idle accelerators and the price, kept between servers.

One small file in Jupyter's data folder, so that a notification that was sent away for today
stays away after a restart, and so that the shell's doctor knows the price as well.
"""

from __future__ import annotations

import json
import logging
import math
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

#: "Not today" ends with the day; a day is never longer than this (time zones, summer time).
LONGEST_DAY = timedelta(hours=26)


@dataclass(frozen=True)
class Choice:
    """``limit`` in minutes, None: nothing is watched; ``price`` of the machine for an hour.

    ``not_today_until`` is a time with a zone, in ISO 8601.
    """

    limit: float | None = None
    price: float | None = None
    currency: str = ""
    not_today_until: str | None = None

    def snoozed(self, now: datetime) -> float:
        """Seconds for which nobody wants to be told; 0 when somebody does."""
        if self.not_today_until is None:
            return 0.0
        return max(0.0, (moment(self.not_today_until) - now).total_seconds())

    def not_today(self, now: datetime, until: datetime | None = None) -> Choice:
        """The same until the day ends: ``until``, or the server's own midnight."""
        local = now.astimezone()
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        end = midnight if until is None else max(now, min(until, now + LONGEST_DAY))
        return replace(self, not_today_until=end.isoformat(timespec="seconds"))


def moment(text: str) -> datetime:
    """A time of ISO 8601, also as browsers write it (``...Z``).

    Raises:
        ValueError: it is none, or has no zone.
    """
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found


class ChoiceFile:
    """The file.  What is in it and is not understood counts as not set."""

    def __init__(self, path: Path, log: logging.Logger) -> None:
        self._path = path
        self._log = log

    @classmethod
    def of_this_user(cls, log: logging.Logger) -> ChoiceFile:
        """In Jupyter's data folder (``JUPYTER_DATA_DIR``)."""
        from jupyter_core.paths import jupyter_data_dir

        return cls(Path(jupyter_data_dir(), "jupyter_dlkit", "idle.json"), log)

    def read(self) -> Choice | None:
        """What the user has set; None where nothing is."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return _choice(found)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self._log.warning("%s cannot be read: %s", self._path, error)
            return None

    def write(self, choice: Choice) -> None:
        """Keeps it.  Where that fails it counts until the server ends, and the log says so."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = self._path.with_suffix(f".{os.getpid()}")
            half.write_text(json.dumps(asdict(choice)), encoding="utf-8")
            half.replace(self._path)
        except OSError as error:
            self._log.warning("%s cannot be written: %s", self._path, error)


def _choice(found: Any) -> Choice:
    until = found.get("not_today_until")
    if until is not None:
        moment(until)  # or it is not ours
    return Choice(
        limit=_positive(found.get("limit")),
        price=_positive(found.get("price")),
        currency=str(found.get("currency") or "")[:8],
        not_today_until=until,
    )


def _positive(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if value > 0 and math.isfinite(value) else None
