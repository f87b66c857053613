"""Loading the server extension costs little and drags in nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.live.stack import ROOT, clean_environment

#: What a server has loaded anyway when it loads its extensions.
SERVER = "import jupyter_server.serverapp, jupyter_server.base.handlers"

MEASURE = f"""
import json, sys, time
started = time.perf_counter()
{SERVER}
import jupyter_server.extension.application, jupyter_server.base.websocket
before, busy, ready = set(sys.modules), time.process_time(), time.perf_counter()
import jupyter_dlkit
jupyter_dlkit._jupyter_server_extension_points()
loaded = time.perf_counter()
print(json.dumps({{
    "server_ms": (ready - started) * 1e3,
    "ours_ms": (loaded - ready) * 1e3,
    "ours_cpu_ms": (time.process_time() - busy) * 1e3,
    "new": sorted(set(sys.modules) - before),
}}))
"""


def measured() -> dict[str, object]:
    """Milliseconds and new modules, in a fresh process."""
    environment = {**clean_environment(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MEASURE]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_loading_the_extension_imports_neither_torch_nor_anything_of_its_size() -> None:
    new = {name.partition(".")[0] for name in measured()["new"]}
    assert "jupyter_dlkit" in new
    assert new & {"torch", "numpy", "IPython", "ipykernel", "pandas", "matplotlib"} == set()


def test_loading_the_extension_takes_under_30_milliseconds() -> None:
    """Of the processor, in the best of several fresh processes: what else a machine does
    adds to the time, it never takes away.  The time on the wall is in the benchmarks."""
    best = min(float(measured()["ours_cpu_ms"]) for _ in range(7))
    assert best < 30
