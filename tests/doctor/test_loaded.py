"""What a process knows already is told without initialising anything in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hardware.stub import Gpu

from . import cuda_stub
from .patient import Patient

ROOT = Path(__file__).resolve().parents[2]

#: A torch that notes what is called.
TORCH = {
    "torch/__init__.py": "from . import cuda, version, _C\n"
    "__version__ = '2.9.1+cu128'\n"
    "def compile(): pass\n",
    "torch/version.py": "cuda = '12.8'\nhip = None\n",
    "torch/_C.py": "from .cuda import noted\n"
    "def _cuda_getArchFlags():\n    noted('_cuda_getArchFlags')\n    return 'sm_80 sm_90'\n",
    "torch/cuda.py": "import os\n"
    "calls = []\n"
    "ready = os.environ.get('READY') == '1'\n"
    "forked = os.environ.get('FORKED') == '1'\n"
    "def noted(name): calls.append(name)\n"
    "def is_initialized(): return ready and not forked\n"
    "def _is_in_bad_fork(): return forked\n"
    "def is_available(): noted('is_available')\n"
    "def get_arch_list(): noted('get_arch_list')\n"
    "def device_count(): noted('device_count'); return 1\n"
    "class Properties: name, major, minor, uuid = 'Stub', 9, 0, 'a-b'\n"
    "def get_device_properties(index): noted('get_device_properties'); return Properties\n",
}

CODE = """
import json, sys
from jupyter_dlkit.doctor.loaded import already_known
before, there = already_known(), "torch" in sys.modules
import torch
print(json.dumps([before, there, already_known(), getattr(torch.cuda, "calls", None)]))
"""


def known(folder: Path | None, **environ: str) -> tuple[Any, ...]:
    """What a fresh process knows before and after it imports torch."""
    path = os.pathsep.join([*([str(folder)] if folder else []), str(ROOT)])
    answer = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    before, there, after, calls = json.loads(answer.stdout)
    assert (before, there) == ({}, False)
    return after, calls


@pytest.fixture
def noting(tmp_path: Path) -> Path:
    for name, text in TORCH.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_before_cuda_is_initialised_nothing_of_it_is_called(noting: Path) -> None:
    told, calls = known(noting)
    assert calls == []  # each of them would call cuInit, or mark later forks as broken
    assert told["version"] == "2.9.1+cu128" and told["cuda"] == "12.8"
    assert (told["initialized"], told["arch_list"], told["devices"]) == (False, None, [])


def test_an_initialised_cuda_tells_its_devices(noting: Path) -> None:
    told, calls = known(noting, READY="1")
    assert told["initialized"] and told["arch_list"] == ["sm_80", "sm_90"]
    assert told["devices"] == [
        {"index": 0, "name": "Stub", "uuid": "GPU-a-b", "capability": [9, 0]}
    ]
    assert "is_available" not in calls and "get_arch_list" not in calls


def test_a_forked_child_is_not_asked_for_devices(noting: Path) -> None:
    told, calls = known(noting, READY="1", FORKED="1")
    assert told["bad_fork"] is True and told["devices"] == [] and calls == []


def test_the_real_torch() -> None:
    told, _ = known(None)
    assert told["version"].startswith("2.") and told["file"].endswith("torch/__init__.py")
    assert told["bad_fork"] is False and told["initialized"] is False


def test_the_checks_initialise_nothing_here(patient: Patient) -> None:
    patient.nvidia(Gpu())
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("accelerator.cuda") == "ok"
    patient.report()
    callers = cuda_stub.calls(patient.libraries)
    assert len(callers) == 2 and os.getpid() not in callers
    mapped = Path("/proc/self/maps").read_text()
    assert str(patient.libraries) not in mapped
