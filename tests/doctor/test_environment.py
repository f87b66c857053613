"""Another environment than the user thinks."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_dlkit.doctor import facts

from .patient import Patient


def test_a_file_of_the_users_hides_torch(patient: Patient, tmp_path: Path) -> None:
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("pytorch.environment") == "ok"
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    patient.more["path"] = ("", str(patient.site))
    patient.more["cwd"] = str(notebooks)
    (notebooks / "torch.py").write_text("import torch\n")
    found = patient.finding("pytorch.environment")
    assert found.title == f"torch.py in {notebooks} hides PyTorch" and found.verdict == "problem"
    assert patient.report().first == "pytorch.environment"
    (notebooks / "torch.py").rename(notebooks / "learn_torch.py")
    assert patient.verdict("pytorch.environment") == "ok"


def test_torch_of_the_users_own_site_folder(patient: Patient, tmp_path: Path) -> None:
    patient.torch("2.9.1+cpu")
    home = tmp_path / "mira"
    local = home / ".local/lib/python3.11/site-packages"
    local.parent.mkdir(parents=True)
    os.rename(patient.site, local)
    patient.more.update(home=str(home), site=(str(local),), path=(str(local),))
    found = patient.finding("pytorch.environment")
    assert found.verdict == "warning" and "user's own site folder" in found.title
    patient.more["home"] = "/home/mira"
    assert patient.verdict("pytorch.environment") == "info"  # outside, but nobody's trap
    patient.more["prefix"] = str(home)
    assert patient.verdict("pytorch.environment") == "ok"


def test_pip_of_another_environment(patient: Patient, tmp_path: Path) -> None:
    assert patient.verdict("pytorch.pip") == "not_applicable"
    for place in (tmp_path / "other/bin", patient.prefix / "bin"):
        place.mkdir(parents=True)
        (place / "pip").write_text("#!/bin/sh\n")
        (place / "pip").chmod(0o755)
    patient.environ["PATH"] = f"{tmp_path}/other/bin:{patient.prefix}/bin"
    found = patient.finding("pytorch.pip")
    assert found.verdict == "info" and "%pip" in str(found.next_step)
    patient.environ["PATH"] = f"{patient.prefix}/bin:{tmp_path}/other/bin"
    assert patient.verdict("pytorch.pip") == "ok"


def test_the_server_has_another_environment(patient: Patient) -> None:
    check = "pytorch.server"
    assert patient.verdict(check) == "not_applicable"
    server = {"executable": "/srv/env/bin/python", "prefix": "/srv/env", "torch": "2.9.1+cu128"}
    patient.more["server"] = server
    found = patient.finding(check)
    assert found.title == "torch is installed for the server, but not for this kernel"
    assert found.verdict == "warning"
    patient.torch("2.9.1+cpu")
    found = patient.finding(check)
    assert found.verdict == "warning" and "for the CPU only" in found.title
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict(check) == "info"
    assert f"kernel: {patient.facts().executable} (torch 2.9.1+cu128)" in (
        patient.finding(check).evidence
    )
    patient.more["server"] = {**server, "prefix": str(patient.prefix)}
    assert patient.verdict(check) == "ok"


def test_what_the_server_has_is_read_from_its_files(patient: Patient, tmp_path: Path) -> None:
    patient.torch("2.9.1+cpu")
    server = {"executable": "/srv/env/bin/python", "prefix": "/srv/env", "torch": "2.9.1"}
    patient.more["server"] = server  # metadata of a wheel does not say which build it is
    assert patient.verdict("pytorch.server") == "warning"
    patient.more["server"] = {**server, "site": [str(patient.site)]}
    assert patient.verdict("pytorch.server") == "info"


def test_the_kernelspec_is_shown(patient: Patient) -> None:
    patient.more["kernelspec"] = {"name": "old", "argv": ["/opt/old/bin/python", "-m", "ipykernel"]}
    lines = patient.finding("pytorch.environment").evidence
    assert "kernelspec: old, which starts python" in lines


def test_torch_was_installed_anew(patient: Patient) -> None:
    check = "pytorch.restart"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict(check) == "not_applicable"
    patient.more["loaded"] = {
        "version": "2.9.1+cpu",
        "file": str(patient.site / "torch/__init__.py"),
    }
    found = patient.finding(check)
    assert (found.verdict, found.next_step) == ("warning", "Restart the kernel.")
    assert patient.report().first == check
    patient.torch("2.9.1+cpu")
    assert patient.verdict(check) == "ok"


def test_an_old_python(patient: Patient) -> None:
    patient.more["python"] = "3.9.18"
    assert patient.verdict("pytorch.python") == "info"
    patient.more["python"] = "3.12.1"
    assert patient.verdict("pytorch.python") == "ok"


def test_facts_of_this_process() -> None:
    mine = facts.here("server")
    assert mine.pid == os.getpid() and mine.where == "server"
    assert any((Path(site) / "pytest").exists() for site in mine.site)
    assert mine.initial_environ is not None and "PATH" in mine.initial_environ
    assert facts.Facts.from_dict({**mine.to_dict(), "later": 1}) == mine


def test_torchs_files_are_read_and_never_run(patient: Patient, tmp_path: Path) -> None:
    patient.torch("2.9.1+cu128", cuda="12.8")
    version = patient.site / "torch/version.py"
    trap = tmp_path / "was_run"
    version.write_text(f"open({str(trap)!r}, 'w')\n" + version.read_text())
    assert patient.finding("pytorch.build").title == "torch 2.9.1+cu128 is built for CUDA 12.8"
    assert not trap.exists()
    version.write_text("__version__ = broken(")
    assert patient.verdict("pytorch.build") == "warning"  # that is no torch
