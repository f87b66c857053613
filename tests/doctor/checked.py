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


class Outside:
    """A process with this environment: which libraries are found is decided at its start."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.doctor.checked"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Outside:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def checked(self, check: str, facts: Facts) -> Finding:
        """What the check finds there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"check": check, "facts": facts.to_dict()}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{check} did not come back"
        return Finding.from_dict(json.loads(answer))


def main() -> None:
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        finding = checked(given["check"], Facts.from_dict(given["facts"]))
        print(json.dumps(finding.to_dict()), flush=True)


if __name__ == "__main__":
    main()
