"""A made-up machine with a made-up environment, which the doctor examines.

Its files are a folder that stands for the root, its packages another, its driver compiled
stubs of NVML's and CUDA's libraries. Everything above them is real::

    patient = Patient(tmp_path)
    patient.nvidia(Gpu(), driver="580.65.06")
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("accelerator.driver") == "ok"
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.report import Finding, Report
from tests.hardware.stub import Gpu, Machine

from . import cuda_stub

ARCHITECTURES = "sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"


class Patient:
    """Nothing is wrong with it: Linux on x86_64, no GPU, no torch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.prefix = folder / "env"
        self.site = self.prefix / "lib/python3.11/site-packages"
        self.libraries = folder / "driver"
        self.site.mkdir(parents=True)
        self.environ = {
            "PATH": str(folder / "bin"),
            "HOME": "/home/mira",
            "LD_LIBRARY_PATH": str(self.libraries),
        }
        self.started: dict[str, str] | None = None
        self.more: dict[str, Any] = {}
        self.write("proc/modules", "ext4 1 0 - Live 0x0\n")
        self.write("proc/1/cgroup", "0::/\n")
        (self.root / "dev").mkdir()
        self.no_driver()

    # The machine

    def write(self, path: str, text: str) -> None:
        """A file under the root."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def remove(self, path: str) -> None:
        """Takes a file or folder of the root away."""
        place = self.root / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()

    def card(self, vendor: str, address: str = "0000:01:00.0", kind: str = "0x030000") -> None:
        """A card on the PCI bus, by the number of its vendor."""
        self.write(f"sys/bus/pci/devices/{address}/vendor", vendor + "\n")
        self.write(f"sys/bus/pci/devices/{address}/class", kind + "\n")

    def module(self, driver: str) -> None:
        """NVIDIA's kernel module in this version."""
        line = (
            f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {driver}  Tue Aug 1\nGCC version:\n"
        )
        self.write("proc/driver/nvidia/version", line)
        self.write("proc/modules", "nvidia_uvm 1 0 - Live 0x0\nnvidia 1 1 - Live 0x0\n")

    def nodes(self, count: int) -> None:
        """Device files of so many NVIDIA cards."""
        for name in ["nvidiactl", "nvidia-uvm", *(f"nvidia{n}" for n in range(count))]:
            self.write(f"dev/{name}", "")

    def nvidia(self, *gpus: Gpu, driver: str = "580.65.06", **cuda: int) -> Machine:
        """Cards, module, device files and both libraries; ``cuda`` as cuda_stub.c has it."""
        self.card("0x10de")
        self.module(driver)
        self.nodes(len(gpus))
        machine = Machine(self.libraries)
        machine.show(*gpus, driver=driver)
        cuda_stub.build(self.libraries)
        self.cuda(**{"devices": len(gpus), **cuda})
        return machine

    def no_driver(self, *names: str) -> None:
        """Neither library can be loaded, or not these; nor one that the real machine has."""
        self.libraries.mkdir(exist_ok=True)
        for name in names or ("libnvidia-ml.so.1", "libcuda.so.1", "libcuda.so"):
            (self.libraries / name).write_bytes(b"")  # too short: the loader looks no further

    def cuda(self, **state: int) -> None:
        """What CUDA's library answers from now on."""
        cuda_stub.show(self.libraries, **state)

    # Its environment

    def package(
        self,
        name: str,
        version: str,
        requires: Sequence[str] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> Path:
        """An installed wheel, with METADATA and RECORD; its ``*.dist-info``."""
        folder = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(parents=True)
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {one}" for one in requires]
        (folder / "METADATA").write_text("\n".join(lines) + "\n\nRequires-Dist: not-this-one\n")
        (folder / "INSTALLER").write_text("pip\n")
        rows = []
        for path, content in (files or {}).items():
            place = self.site / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            rows.append(f"{path},sha256={digest.decode()},{len(content)}")
        (folder / "RECORD").write_text("\n".join([*rows, f"{folder.name}/RECORD,,"]) + "\n")
        return folder

    def torch(
        self,
        version: str,
        cuda: str | None = None,
        hip: str | None = None,
        xpu: str | None = None,
        architectures: str | None = ARCHITECTURES,
        requires: Sequence[str] = (),
    ) -> None:
        """An installed torch, instead of any that was there; importing it would fail."""
        shutil.rmtree(self.site / "torch", ignore_errors=True)
        for old in self.site.glob("torch-*.dist-info"):
            shutil.rmtree(old)
        said = (
            "from typing import Optional\n\n"
            f"__version__ = {version!r}\ndebug = False\ncuda: Optional[str] = {cuda!r}\n"
            f"git_version = 'cf30153c'\nhip: Optional[str] = {hip!r}\n"
            f"xpu: Optional[str] = {xpu!r}\n"
        )
        library = b"\x7fELF ipc_h" + (architectures or "").encode() + b"\0\0/torch/csrc"
        files = {
            "torch/__init__.py": b"raise RuntimeError('torch was imported')\n",
            "torch/version.py": said.encode(),
            "torch/lib/libtorch_python.so": library,
        }
        self.package("torch", version.partition("+")[0], requires, files)

    # The examination

    def facts(self) -> Facts:
        """What the doctor is told."""
        given: dict[str, Any] = {
            "root": str(self.root),
            "where": "kernel",
            "environ": dict(self.environ),
            "initial_environ": self.environ if self.started is None else self.started,
            "executable": sys.executable,
            "prefix": str(self.prefix),
            "base_prefix": "/usr",
            "python": "3.11.2",
            "site": (str(self.site),),
            "path": ("/usr/lib/python3.11", str(self.site)),
            "cwd": str(self.folder),
            "home": "/home/mira",
            **self.more,
        }
        if self.started is not None:
            given["initial_environ"] = {"LD_LIBRARY_PATH": str(self.libraries), **self.started}
        return Facts(**given)

    def finding(self, check: str) -> Finding:
        """What one check finds now."""
        (finding,) = registry.run(self.facts(), [check])
        return finding

    def verdict(self, check: str) -> str:
        """Its verdict."""
        return self.finding(check).verdict

    def report(self) -> Report:
        """Of accelerator and PyTorch, without the rest of the machine."""
        return registry.report(self.facts(), ["accelerator", "pytorch"])


def link(place: Path, target: str) -> None:
    """A symbolic link, as /proc/PID/fd has them."""
    place.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, place)
