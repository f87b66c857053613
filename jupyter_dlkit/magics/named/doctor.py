"""``%doctor``."""

from __future__ import annotations

import time
from typing import Any

from ..magic import Call, Magic
from ..options import Options

#: Seconds between two updates of what is read.
PACE = 0.5

OPTIONS = Options(
    "%doctor [--integrity] [--text]",
    """
    Why there is no GPU, and whether this machine is fit: the one thing to do first, then the
    rest. A process of its own looks; nothing is brought up in this one.
    """,
    """
    %doctor
    %doctor --integrity
    %doctor --text
    """,
)
OPTIONS.add_argument(
    "--integrity",
    action="store_true",
    help="also read the files of torch and its CUDA packages, and compare them with their "
    "SHA-256; takes a while",
)
OPTIONS.add_argument(
    "--text",
    action="store_true",
    help="print it as text for a forum, without names of users and hosts, tokens and home folders",
)


def run(call: Call) -> Any:
    """A ``Diagnosis``; with ``--text`` nothing."""
    from ...api.doctor import doctor

    chosen = call.options
    reading = _Reading(hasattr(call.shell, "kernel")) if chosen.integrity else None
    try:
        found = doctor(chosen.integrity, progress=reading)
    finally:
        if reading is not None:
            reading.end()
    if not chosen.text:
        return found
    print(found.text)
    return None


class _Reading:
    """One line that says how far the reading is, and goes when it ends."""

    def __init__(self, notebook: bool) -> None:
        self._notebook = notebook
        self._handle: Any = None
        self._shown = 0.0
        self._width = 0

    def __call__(self, doing: str, done: float, total: float) -> None:
        if time.monotonic() - self._shown < PACE:
            return
        self._shown = time.monotonic()
        share = f"{done / total:.0%} " if total else ""
        self._show(f"{share}{doing}")

    def _show(self, text: str) -> None:
        from ...show import plain

        text = plain.name(text, 76)
        if not self._notebook:
            print(f"\r{text.ljust(self._width)}", end="", flush=True)
            self._width = len(text)
            return
        from IPython.display import display

        said = {"text/plain": text}
        if self._handle is None:
            self._handle = display(said, raw=True, display_id=True)
        else:
            self._handle.update(said, raw=True)

    def end(self) -> None:
        """Nothing is left of it."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)
        elif self._width:
            print(f"\r{' ' * self._width}\r", end="", flush=True)


MAGIC = Magic(
    "doctor",
    "why there is no GPU, and whether this machine is fit",
    OPTIONS,
    line=run,
)
