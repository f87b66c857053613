"""``dlkit.devices()`` and ``dlkit.status()``: nothing is brought up, nothing imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import jupyter_dlkit as dlkit
from jupyter_dlkit.api.advice import advice
from jupyter_dlkit.api.devices import Device
from jupyter_dlkit.hardware.place import Place
from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT

from .conftest import said

CPU = Device("cpu", None, "cpu", None, True, None, None, None, None)
CUDA = Device("cuda:0", None, "cuda", None, False, None, None, None, None)


def test_devices_of_a_kernel(cell: LiveKernel) -> None:
    cell.run("x = torch.ones(1 << 18, device='toy:1')\nd = dlkit.devices()")
    assert said(cell, "[one.id for one in d], d.current") == "['cpu', 'toy:0', 'toy:1'] toy:0"
    assert said(cell, "d['toy:1'].allocated, d['toy:1'].name") == f"{1 << 20} Toy 1"
    failed = "try:\n    d['cuda:0']\nexcept dlkit.DLKitError as error:\n    print(error)"
    assert cell.run(failed).stdout == (
        "There is no device 'cuda:0' here. There is cpu, toy:0, toy:1.\n"
    )
    assert said(cell, "dlkit.status().kernel['toy:1'].allocated") == str(1 << 20)


def test_the_status_of_this_machine() -> None:
    seen = dlkit.status()
    assert seen.pid == os.getpid()
    assert seen.host.memory.total and seen.host.memory.total > 1 << 28
    assert seen.to_dict()["place"]["wsl"] is False or seen.place.wsl
    assert (seen.note is None) == bool(seen.devices)


def test_neither_imports_torch_or_takes_long() -> None:
    code = """
import sys, time
began = time.process_time()
import jupyter_dlkit as dlkit
dlkit.status(), dlkit.devices()
spent = time.process_time() - began
print(sorted({"torch", "numpy", "IPython", "pandas", "jupyter_server"} & set(sys.modules)))
print(spent)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    imported, spent = done.stdout.splitlines()
    assert imported == "[]", done.stderr
    assert float(spent) < 1.0  # 0.1 as a rule


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place(notebook="colab"), "Runtime → Change runtime type"),
        (Place(notebook="colab", tpu="v5e-1"), "This runtime has a TPU (v5e-1)"),
        (Place(tpu="TPU"), "This runtime has a TPU:"),
        (Place(notebook="kaggle"), "Settings → Accelerator"),
    ],
)
def test_advice_where_there_is_no_accelerator(place: Place, said: str) -> None:
    sentence = advice(place, [CPU])
    assert sentence is not None and said in sentence
    assert sentence.count(". ") == 0 and sentence.endswith(".")
    assert advice(place, [CPU, CUDA]) is None


@pytest.mark.parametrize("place", [Place(), Place(notebook="colab", gpu=True), Place(cloud="aws")])
def test_no_advice_where_none_helps(place: Place) -> None:
    assert advice(place, [CPU]) is None


def test_colab_without_a_gpu_is_told_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20260801")
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    code = "import jupyter_dlkit as d; print(d.devices().advice); print(d.status().advice)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    from jupyter_dlkit.hardware.place import here

    for line in done.stdout.splitlines():
        assert ("Runtime → Change runtime type" in line) is not here().gpu
