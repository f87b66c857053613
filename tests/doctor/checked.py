"""Runs one check on made-up facts, here or in a process with other libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.report import Finding

ROOT = Path(__file__).resolve().parents[2]


def checked(check: str, facts: Facts) -> Finding:
    """What the check finds."""
    (finding,) = registry.run(facts, only=[check])
    told = f"{finding.id}: {finding.title}\n" + "\n".join(finding.evidence)
    assert "Error" not in told, told  # broken
    return finding


def checked_outside(check: str, facts: Facts, environment: Mapping[str, str]) -> Finding:
    """The same in a process with this environment: which libraries are found is decided then."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.doctor.checked"],
        cwd=ROOT,
        env=dict(environment),
        input=json.dumps({"check": check, "facts": facts.to_dict()}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return Finding.from_dict(json.loads(run.stdout))


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    finding = checked(given["check"], Facts.from_dict(given["facts"]))
    print(json.dumps(finding.to_dict()))


if __name__ == "__main__":
    main()
