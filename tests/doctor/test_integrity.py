"""Files of torch that are not what was installed."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.report import Finding

from .patient import Patient

CHECK = "pytorch.integrity"
LIBRARY = "torch/lib/libtorch_python.so"


def made(patient: Patient) -> None:
    patient.torch("2.9.1+cu128", cuda="12.8", requires=["nvidia-cublas-cu12==12.8.4.1"])
    files = {"nvidia/cublas/lib/libcublas.so.12": os.urandom(9 * 2**20)}
    patient.package("nvidia-cublas-cu12", "12.8.4.1", files=files)


def test_a_whole_torch_and_its_progress(patient: Patient) -> None:
    assert patient.verdict(CHECK) == "not_applicable"
    made(patient)
    told: list[tuple[str, float, float]] = []
    (found,) = registry.run(patient.facts(), [CHECK], progress=lambda *step: told.append(step))
    assert found.verdict == "ok"
    assert "nvidia-cublas-cu12 12.8.4.1" in found.evidence
    done = [step[1] for step in told]
    total = told[0][2]
    assert total > 9 * 2**20 and done == sorted(done)
    assert (done[0], done[-1]) == (0, total) and len(done) > 4


@pytest.mark.parametrize(
    ("path", "change", "why"),
    [
        (LIBRARY, "turn", "its SHA-256 is another"),
        ("nvidia/cublas/lib/libcublas.so.12", "turn", "its SHA-256 is another"),
        (LIBRARY, "cut", "bytes instead of"),
        (LIBRARY, "remove", "it is missing"),
    ],
)
def test_a_damaged_file(patient: Patient, path: str, change: str, why: str) -> None:
    made(patient)
    place = patient.site / path
    content = place.read_bytes()
    if change == "turn":  # one bit, in the middle
        middle = len(content) // 2
        place.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif change == "cut":
        place.write_bytes(content[:-1])
    else:
        place.unlink()
    found = patient.finding(CHECK)
    package = "nvidia-cublas-cu12==12.8.4.1" if "cublas" in path else "torch==2.9.1"
    assert found.verdict == "problem" and package in str(found.next_step)
    assert len(found.evidence) == 1
    assert str(place) in found.evidence[0] and why in found.evidence[0]
    place.write_bytes(content)
    assert patient.verdict(CHECK) == "ok"


def test_a_wrong_record(patient: Patient) -> None:
    made(patient)
    record = next(patient.site.glob("torch-*.dist-info")) / "RECORD"
    whole = record.read_text()
    record.write_text(whole.replace("sha256=", "sha256=AAAA", 1))
    assert patient.verdict(CHECK) == "problem"
    record.unlink()
    assert patient.verdict(CHECK) == "unknown"
    record.write_text(whole)
    assert patient.verdict(CHECK) == "ok"


def test_files_without_a_sum_need_only_be_there(patient: Patient) -> None:
    made(patient)
    record = next(patient.site.glob("torch-*.dist-info")) / "RECORD"
    record.write_text(record.read_text() + "torch/__pycache__/gone.cpython-311.pyc,,\n")
    assert patient.verdict(CHECK) == "ok"
    record.write_text(record.read_text() + "torch/notes.txt,,\n")
    assert patient.verdict(CHECK) == "problem"
    (patient.site / "torch/notes.txt").write_text("here")
    assert patient.verdict(CHECK) == "ok"


def test_conda_sums(patient: Patient) -> None:
    library = patient.prefix / "lib/libtorch.so"
    library.write_bytes(b"code")
    paths = [
        {"_path": "lib/libtorch.so", "sha256": hashlib.sha256(b"code").hexdigest()},
        {"_path": "lib/link.so", "path_type": "softlink", "sha256": "0" * 64},
    ]
    (patient.prefix / "lib/link.so").symlink_to("libtorch.so")
    (patient.prefix / "conda-meta").mkdir()
    record = {"name": "libtorch", "version": "2.6.0", "paths_data": {"paths": paths}}
    (patient.prefix / "conda-meta/libtorch-2.6.0-0.json").write_text(json.dumps(record))
    assert patient.verdict(CHECK) == "ok"
    library.write_bytes(b"cede")
    found: Finding = patient.finding(CHECK)
    assert found.verdict == "problem" and "libtorch" in found.title
    library.write_bytes(b"code")
    assert patient.verdict(CHECK) == "ok"
