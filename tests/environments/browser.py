"""Prints the path of a Chromium that starts; gets one if there is none.

Looked for in this order: ``$DLKIT_CHROMIUM``, an installed Chromium or Chrome,
Playwright's own, and as root on a Debian the system's package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
#: Seconds for a download.
TIME_LIMIT = 300

NOTHING_WORKED = (
    "The browser tests need Chromium, and there is none: not in $DLKIT_CHROMIUM, not installed,"
    " not to be had from Playwright or the system's packages. Install Chromium or Chrome, or set"
    " DLKIT_CHROMIUM to the path of one."
)


def starts(path: str) -> bool:
    """Whether the program runs here (all its libraries are there)."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def attempt(*command: str) -> bool:
    """Whether a command ended well in time; what it says goes to stderr."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=2, timeout=TIME_LIMIT, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def installed() -> Iterator[str]:
    """What is on the machine already."""
    yield from filter(None, map(shutil.which, NAMES))
    yield from (path for path in MACOS if Path(path).exists())


def playwrights(download: bool) -> Iterator[str]:
    """The one that Playwright keeps for itself."""
    if download and not os.environ.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"):
        with_libraries = ["--with-deps"] if os.geteuid() == 0 and sys.platform == "linux" else []
        attempt("jlpm", "playwright", "install", *with_libraries, "chromium")
    say = "console.log(require('@playwright/test').chromium.executablePath())"
    node = subprocess.run(["node", "-e", say], capture_output=True, text=True)
    if node.returncode == 0:
        yield node.stdout.strip()


def packaged() -> Iterator[str]:
    """The system's package, where we may install it."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempt("apt-get", "update", "-qq")
        attempt("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium")
        yield from filter(None, map(shutil.which, NAMES))


def candidates() -> Iterator[str]:
    """Cheapest first; a download only when nothing before it started."""
    yield from installed()
    yield from playwrights(download=False)
    yield from playwrights(download=True)
    yield from packaged()


def main() -> int:
    """Exit status 0 and a path, or 1 and a sentence."""
    chosen = os.environ.get("DLKIT_CHROMIUM")
    if chosen:
        if starts(chosen):
            print(chosen)
            return 0
        print(f"DLKIT_CHROMIUM={chosen} does not start.", file=sys.stderr)
        return 1
    for path in candidates():
        if starts(path):
            print(path)
            return 0
    print(NOTHING_WORKED, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
