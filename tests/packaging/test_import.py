"""Loading the server extension costs little and drags in nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.live.stack import ROOT, clean_environment

STANDARD = frozenset(sys.stdlib_module_names)

#: What a server has loaded anyway when it loads its extensions.
SERVER = "import jupyter_server.serverapp, jupyter_server.base.handlers"

MEASURE = f"""
import json, sys, time
started = time.perf_counter()
{SERVER}
import jupyter_server.extension.application, jupyter_server.base.websocket
before, ready = set(sys.modules), time.perf_counter()
import jupyter_dlkit
jupyter_dlkit._jupyter_server_extension_points()
loaded = time.perf_counter()
print(json.dumps({{
    "server_ms": (ready - started) * 1e3,
    "ours_ms": (loaded - ready) * 1e3,
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


def test_loading_the_extension_imports_only_the_servers_part_of_it() -> None:
    """So that it is quick: 30 ms, which the benchmarks measure."""
    new = measured()["new"]
    assert {name.partition(".")[0] for name in new} - STANDARD == {"jupyter_dlkit"}
    assert len([name for name in new if name.startswith("jupyter_dlkit.")]) < 90
