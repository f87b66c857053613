"""The whole sample: its contract, its thread-safety, and where it can run."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import jsonschema
import pytest

from jupyter_dlkit.hardware.collect import Collector

from .conftest import Watch
from .machine_files import MadeUp
from .stub import GIB, Gpu, Machine, Running, has_driver, two_gpus

PACKAGE = Path(__file__).resolve().parents[2] / "jupyter_dlkit"
DOCUMENT = json.loads((PACKAGE / "server" / "openapi.json").read_text())
FIELDS = ("host", "devices", "driver", "note", "cost_ms")


def validate(sample: dict[str, Any]) -> None:
    """Against Status, without what the server adds; no field that it does not have."""
    status = DOCUMENT["components"]["schemas"]["Status"]
    schema = {
        "type": "object",
        "properties": {field: status["properties"][field] for field in FIELDS},
        "required": list(FIELDS),
        "additionalProperties": False,
        "components": DOCUMENT["components"],
    }
    jsonschema.Draft202012Validator(schema).validate(sample)


def names(schema: str) -> set[str]:
    return set(DOCUMENT["components"]["schemas"][schema]["properties"])


def test_a_sample_is_what_the_document_says(machine: Machine, watch: Watch) -> None:
    mig = Gpu(uuid="GPU-m", mig=True, instances={1: Gpu(uuid="MIG-i", name="H100 MIG 1g.10gb")})
    lost, nothing = Gpu(uuid="GPU-l", lost=True), Gpu(uuid=None, name=None, total=None, pcie=None)
    machine.show(*two_gpus(os.getpid(), 1), mig, lost, nothing)
    sample = watch(machine, disks=["/"]).sample()
    validate(sample)
    assert len(sample["devices"]) == 6
    assert set(sample["host"]) == names("Host")
    for device in sample["devices"]:
        assert set(device) == names("Device")
        for process in device["processes"]:
            assert set(process) == names("Process")


def test_a_sample_of_this_machine_is_too() -> None:
    collector = Collector(disks=("/",))
    validate(json.loads(json.dumps(collector.sample().to_dict())))
    collector.close()


def test_and_of_one_that_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    roots = {f"{name}_root": str(tmp_path / name) for name in ("proc", "sys", "dev")}
    validate(Collector(**roots).sample().to_dict())


def test_of_a_container_no_pid_is_known(machine: Machine, watch: Watch, tmp_path: Path) -> None:
    host = MadeUp(tmp_path / "host")
    host.namespace("pid:[4026532000]")
    host.process(os.getpid(), os.geteuid(), "python3", "python3")
    machine.show(Gpu(processes=[Running(os.getpid(), GIB)]))
    sample = watch(machine, **host.roots).sample()
    (process,) = sample["devices"][0]["processes"]
    assert (process["pid"], process["name"], process["bytes"]) == (None, None, GIB)


def test_a_hidden_library_is_named_where_the_driver_is_loaded(tmp_path: Path) -> None:
    host = MadeUp(tmp_path)
    host.write("proc/driver/nvidia/version", "NVRM version: NVIDIA 580.65.06\n")
    code = (
        "import json, sys; from jupyter_dlkit.hardware.collect import Collector;"
        "print(Collector(**json.loads(sys.argv[1])).sample().note)"
    )
    if has_driver():
        pytest.skip("this machine has an NVIDIA driver")
    assert "Container Toolkit" in run(code, json.dumps(host.roots))


def run(code: str, *arguments: str, flags: str = "") -> str:
    command = [sys.executable, *flags.split(), "-c", code, *arguments]
    return subprocess.run(
        command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_from_several_threads_at_once() -> None:
    collector = Collector()
    with ThreadPoolExecutor(8) as pool:
        samples = list(pool.map(lambda _: collector.sample(), range(40)))
    assert len({sample.host.memory.total for sample in samples}) == 1
    collector.close()


def test_with_the_standard_library_alone() -> None:
    # -S: no site-packages, so neither psutil nor pynvml.
    code = (
        "import sys; sys.path.insert(0, '.');"
        "from jupyter_dlkit.hardware.collect import Collector;"
        "s = Collector(disks=('/',)).sample();"
        "assert s.host.memory.total and s.host.disks, s;"
        "assert not {'psutil', 'pynvml', 'torch', 'tornado', 'numpy'} & set(sys.modules);"
        "print(s.note)"
    )
    assert "nvidia-ml-py is not installed" in run(code, flags="-S")


def test_importing_it_imports_nothing_else() -> None:
    code = (
        "import sys; import jupyter_dlkit.hardware.collect;"
        "print(*({'psutil', 'pynvml', 'torch', 'tornado', 'ctypes'} & set(sys.modules)))"
    )
    assert run(code).split() == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "hardware").glob("*.py")), ids=lambda p: p.name)
def test_its_source_is_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Match), "3.10"


def test_a_sample_costs_little(machine: Machine, watch: Watch) -> None:
    machine.show(*two_gpus(os.getpid()))
    sampler = watch(machine, disks=["/"])
    costs = [sampler.sample()["cost_ms"] for _ in range(30)]
    assert median(costs) < 30
