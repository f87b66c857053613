"""Samples a machine when told to, one line of JSON in and one out.

A process of its own, because which libraries are found is decided when a
process starts. Its clock stands still until it is advanced.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Sampler:
    """The other end: starts the process; ends it on leaving the `with`."""

    def __init__(self, environment: Mapping[str, str], **arguments: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hardware.sampler", json.dumps(arguments)],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def _tell(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the sampler died"
        return json.loads(answer)

    def sample(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._tell(do="sample")
        return answer

    def devices(self) -> list[dict[str, Any]]:
        devices: list[dict[str, Any]] = self.sample()["devices"]
        return devices

    def advance(self, seconds: float) -> None:
        self._tell(do="advance", seconds=seconds)

    def shut_nvml_down(self) -> None:
        """As another extension in the same server might."""
        self._tell(do="shutdown")

    def close(self) -> None:
        self._tell(do="close")


def main() -> None:
    from jupyter_dlkit.hardware.collect import Collector

    now = 1000.0
    collector = Collector(clock=lambda: now, **json.loads(sys.argv[1]))
    for line in sys.stdin:
        command = json.loads(line)
        answer: Any = None
        if command["do"] == "sample":
            answer = collector.sample().to_dict()
        elif command["do"] == "advance":
            now += command["seconds"]
        elif command["do"] == "shutdown":
            import pynvml

            pynvml.nvmlShutdown()
        elif command["do"] == "close":
            collector.close()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
