"""Runs every check and test, whatever fails before, and adds up what they said.

python tests/run.py [PHASE ...]
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Where this environment's commands are: jlpm, and the Node that it runs on.
BIN = Path(sys.executable).parent
REPORTS = ROOT / ".cache" / "reports"


@dataclass(frozen=True)
class Phase:
    """One command; ``report`` says that it leaves a JUnit report of that name."""

    name: str
    command: Sequence[str]
    minutes: int
    report: bool = False


def module(*words: str) -> list[str]:
    """A tool of this interpreter's environment."""
    return [sys.executable, "-m", *words]


PHASES = (
    Phase("ruff", module("ruff", "check", "."), 2),
    Phase("format", module("ruff", "format", "--check", "."), 2),
    Phase("mypy", module("mypy"), 5),
    Phase("eslint", [str(BIN / "jlpm"), "lint:check"], 5),
    Phase(
        "pytest",
        module("pytest", f"--junitxml={REPORTS}/pytest.xml", "--hypothesis-profile=gate"),
        60,
        report=True,
    ),
    Phase(
        "panel",
        [str(BIN / "jlpm"), "test", "--reporter=default", "--reporter=junit"]
        + [f"--outputFile.junit={REPORTS}/panel.xml"],
        10,
        report=True,
    ),
    Phase("browser", [str(BIN / "jlpm"), "test:browser", "--reporter=list,junit"], 25, report=True),
)


@dataclass(frozen=True)
class Count:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def counted(report: Path) -> Count:
    """The tests in a JUnit report; one that is not there counts as a failure."""
    try:
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Count(failed=1)
    failed = sum(
        1 for case in cases if case.find("failure") is not None or case.find("error") is not None
    )
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Count(len(cases) - failed - skipped, failed, skipped)


def run(phase: Phase) -> tuple[bool, float]:
    """Whether the phase ended well, and its seconds.  What it started ends with it."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PLAYWRIGHT_JUNIT_OUTPUT_NAME": str(REPORTS / "browser.xml"),
        "PLAYWRIGHT_JUNIT_OUTPUT_FILE": str(REPORTS / "browser.xml"),
    }
    started = time.monotonic()
    with subprocess.Popen(
        phase.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            good = process.wait(phase.minutes * 60) == 0
        except subprocess.TimeoutExpired:
            print(f"{phase.name} took more than {phase.minutes} minutes", file=sys.stderr)
            good = False
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    return good, time.monotonic() - started


def main(names: Sequence[str]) -> int:
    """Exit status 0 when everything that was asked for passed."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    phases = [phase for phase in PHASES if not names or phase.name in names]
    lines: list[str] = []
    total = Count()
    for phase in phases:
        report = REPORTS / f"{phase.name}.xml"
        report.unlink(missing_ok=True)
        print(f"\n== {phase.name}: {' '.join(phase.command)}", flush=True)
        good, seconds = run(phase)
        count = counted(report) if phase.report else Count(failed=0 if good else 1)
        if not good and not count.failed:
            count += Count(failed=1)
        total += count
        said = str(count) if phase.report else ("clean" if good else "not clean")
        lines.append(f"{phase.name:8} {seconds:6.0f} s  {said}")
    print("\n" + "\n".join(lines) + f"\n{total}", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
