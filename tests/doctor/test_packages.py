"""Packages that do not fit together, and two that are one too many."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.markers import holds
from jupyter_dlkit.doctor.versions import satisfies

from .patient import Patient

LINUX = 'platform_system == "Linux" and platform_machine == "x86_64"'


@pytest.mark.parametrize(
    ("version", "specifier", "fits"),
    [
        ("9.10.2.21", "==9.10.2.21", True),
        ("9.10.2.20", "==9.10.2.21", False),
        ("2.9.1+cu128", "==2.9.1", True),
        ("2.9.1+cu128", "==2.9.1+cpu", False),
        ("13.0.48", "==13.0.*", True),
        ("13.1.0", "==13.0.*", False),
        ("13.1.0", "!=13.0.*", True),
        ("1.5.2", ">=1.2,<2", True),
        ("2.0", ">=1.2,<2", False),
        ("1.4.5", "~=1.4.2", True),
        ("1.5.0", "~=1.4.2", False),
        ("2.0.0", "==2", True),
        ("2.0rc1", "==2.0", False),
        ("3", ">2.9.1", True),
        ("3", "", True),
    ],
)
def test_specifiers(version: str, specifier: str, fits: bool) -> None:
    assert satisfies(version, specifier) is fits


@pytest.mark.parametrize(
    ("marker", "holding"),
    [
        ("", True),
        (LINUX, True),
        ('platform_system == "Windows"', False),
        ('python_version >= "3.10" and extra == "opt"', True),
        ('python_version < "3.10"', False),
        ('"3.9" <= python_version', True),
        ('sys_platform in "linux darwin"', True),
        ('(os_name == "nt" or sys_platform != "win32")', True),
        ('extra == "other"', False),
        ("__import__('os').abort()", False),
        ("nonsense ~ ~", False),
    ],
)
def test_markers(marker: str, holding: bool) -> None:
    facts = Facts(python="3.11.2", platform="linux", machine="x86_64")
    assert holds(marker, facts, "opt") is holding


def test_cuda_packages_that_torch_needs(patient: Patient) -> None:
    check = "pytorch.requirements"
    assert patient.verdict(check) == "not_applicable"
    patient.torch(
        "2.9.1+cu128",
        cuda="12.8",
        requires=[
            "filelock",
            f"nvidia-cudnn-cu12==9.10.2.21; {LINUX}",
            f"nvidia-cublas-cu12 (==12.8.4.1) ; {LINUX}",
            'nvidia-windows-thing==1; platform_system == "Windows"',
        ],
    )
    cublas = patient.package("nvidia-cublas-cu12", "12.8.4.1")
    found = patient.finding(check)
    assert found.verdict == "problem"
    assert found.evidence == ("nvidia-cudnn-cu12==9.10.2.21 is needed, and not installed",)
    patient.package("nvidia-cudnn-cu12", "9.5.0.50")
    found = patient.finding(check)
    assert found.verdict == "warning"
    assert found.evidence == ("nvidia-cudnn-cu12==9.10.2.21 is needed, 9.5.0.50 is installed",)
    shutil.rmtree(next(patient.site.glob("nvidia_cudnn*")))
    patient.package("nvidia-cudnn-cu12", "9.10.2.21")
    assert patient.verdict(check) == "ok"
    shutil.rmtree(cublas)
    assert patient.verdict(check) == "problem"


def test_a_bundle_of_cuda_packages(patient: Patient) -> None:
    check = "pytorch.requirements"
    patient.torch("2.13.0", cuda="13.0", requires=["cuda-toolkit[cublas,cudart]==13.0.2"])
    patient.package(
        "cuda-toolkit",
        "13.0.2",
        [
            "nvidia-cublas==13.1.0.*; extra == 'cublas'",
            "nvidia-cuda-runtime==13.0.96; extra == 'cudart'",
            "nvidia-cufft==12.0.0; extra == 'cufft'",
        ],
    )
    patient.package("nvidia-cuda-runtime", "13.0.96")
    assert patient.finding(check).evidence == (
        "nvidia-cublas==13.1.0.* is needed, and not installed",
    )
    patient.package("nvidia-cublas", "13.1.0.3")
    assert patient.verdict(check) == "ok"


@pytest.mark.parametrize(
    ("name", "version", "requires", "verdict"),
    [
        ("torchvision", "0.24.1", ["torch==2.9.1"], "ok"),
        ("torchvision", "0.24.1+cu128", ["torch==2.9.1"], "ok"),
        ("torchvision", "0.21.0", ["torch==2.6.0"], "problem"),
        ("torchvision", "0.21.0", [], "problem"),  # conda: told by the numbers
        ("torchvision", "0.24.0", [], "ok"),
        ("torchvision", "0.24.1+cpu", ["torch==2.9.1"], "warning"),
        ("torchaudio", "2.9.0", [], "ok"),
        ("torchaudio", "2.8.0", [], "problem"),
        ("torchaudio", "2.11.0", [], "problem"),
        ("torchtext", "0.18.0", ["torch>=2.3.0"], "problem"),
    ],
)
def test_companions(
    patient: Patient, name: str, version: str, requires: list[str], verdict: str
) -> None:
    check = "pytorch.companions"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict(check) == "not_applicable"
    patient.package(name, version, requires)
    found = patient.finding(check)
    assert found.verdict == verdict, found
    if verdict == "problem":
        assert found.title == f"{name} does not belong to this torch"
        assert patient.report().first == check


def test_torchaudio_with_a_stable_interface_fits_later_torches(patient: Patient) -> None:
    patient.torch("2.13.0", cuda="13.0")
    patient.package("torchaudio", "2.11.0")
    assert patient.verdict("pytorch.companions") == "ok"


def test_two_packages_of_pynvml(patient: Patient) -> None:
    check = "pytorch.pynvml"
    assert patient.verdict(check) == "not_applicable"
    patient.package("nvidia-ml-py", "13.580.82", files={"pynvml.py": b""})
    assert patient.verdict(check) == "ok"
    old = patient.package("pynvml", "11.5.3", files={"pynvml/__init__.py": b""})
    found = patient.finding(check)
    assert found.title == "The old package pynvml hides nvidia-ml-py"
    assert found.verdict == "warning" and "uninstall pynvml" in str(found.next_step)
    shutil.rmtree(patient.site / "pynvml")
    assert patient.verdict(check) == "info"
    shutil.rmtree(old)
    assert patient.verdict(check) == "ok"


# Conda


def conda(patient: Patient, name: str, version: str, files: dict[str, int]) -> Path:
    """A package of conda's, with these files and sizes."""
    rows: list[dict[str, Any]] = []
    for path, size in files.items():
        place = patient.prefix / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * size)
        rows.append({"_path": path, "path_type": "hardlink", "size_in_bytes": size})
    record = patient.prefix / f"conda-meta/{name}-{version}-py311_0.json"
    record.parent.mkdir(exist_ok=True)
    told = {"name": name, "version": version, "paths_data": {"paths": rows}}
    record.write_text(json.dumps(told))
    return record


def test_conda_packages_are_whole(patient: Patient) -> None:
    check = "pytorch.conda"
    assert patient.verdict(check) == "not_applicable"
    library = patient.prefix / "lib/libtorch.so"
    record = conda(patient, "pytorch", "2.6.0", {"lib/libtorch.so": 100})
    assert patient.verdict(check) == "ok"
    library.write_bytes(b"x" * 50)
    found = patient.finding(check)
    assert found.verdict == "problem" and "missing: lib/libtorch.so" in found.evidence
    library.unlink()
    assert patient.verdict(check) == "problem"
    library.write_bytes(b"x" * 100)
    assert patient.verdict(check) == "ok"
    whole = record.read_text()
    record.write_text(whole[:40])
    assert patient.finding(check).title == "What conda wrote about its packages is damaged"
    record.write_text(whole)
    assert patient.verdict(check) == "ok"


def test_torch_by_conda_and_by_pip(patient: Patient) -> None:
    conda(patient, "pytorch", "2.5.1", {"lib/libtorch.so": 10})
    patient.torch("2.9.1", cuda="12.8")
    found = patient.finding("pytorch.conda")
    assert found.verdict == "warning"
    assert found.title == "torch was installed by conda and again by pip"
    patient.torch("2.5.1", cuda="12.8")
    assert patient.verdict("pytorch.conda") == "ok"
