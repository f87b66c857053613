"""A machine with NVIDIA GPUs, for tests and pictures on machines without one.

The library `libnvidia-ml.so.1` is compiled from nvml_stub.c; everything above
it, ``pynvml`` too, is real. A process started with its folder in
LD_LIBRARY_PATH, a whole Jupyter server too, finds these GPUs::

    machine = Machine(tmp_path)                       # compiles, writes the state
    machine.show(Gpu("GPU-a", processes=[Running(pid, 2 * GIB)]), Gpu("GPU-b"))
    subprocess.Popen([...], env=machine.environment())
    machine.show(Gpu("GPU-a", lost=True), Gpu("GPU-b"))   # while it runs

`Running.pid` may be the pid of a real kernel, set after the kernel was started.
The server gives it back (and its notebook) if it is this user's process and the
server is in the initial pid namespace.

`python -m tests.hardware.stub FOLDER` builds a machine with two GPUs there and
prints the line that puts it into a shell's environment.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("nvml_stub.c")
MIB = 2**20
GIB = 2**30

# nvmlReturn_t
NOT_SUPPORTED = 3
NO_PERMISSION = 4
DRIVER_NOT_LOADED = 9
GPU_IS_LOST = 15
VERSION_MISMATCH = 18
UNKNOWN = 999


def build(folder: Path, without: Sequence[str] = ()) -> Path:
    """Compiles the library into `folder`; `without` are functions that it lacks.

    Returns the path of libnvidia-ml.so.1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "libnvidia-ml.so.1"
    half = folder / "libnvidia-ml.so.1.new"
    half.write_bytes(_compiled(tuple(without)))
    half.replace(library)  # a process may have the old one mapped
    return library


@functools.cache
def _compiled(without: tuple[str, ...]) -> bytes:
    """The library itself; each kind is compiled once a process."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    # Where there is only a C++ compiler, it has a C one in it.
    command = [compiler] if compiler else [shutil.which("g++") or "c++", "-x", "c"]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "libnvidia-ml.so.1")
        subprocess.run(
            [
                *command,
                *("-shared", "-fPIC", "-O1", "-Wall", "-Wextra"),
                "-Wl,-soname,libnvidia-ml.so.1",
                *(f"-DNO_{name}" for name in without),
                *(str(SOURCE), "-o", str(library), "-ldl"),
            ],
            check=True,
            timeout=60,
        )
        return library.read_bytes()


def has_driver() -> bool:
    """Whether this machine has a library of its own."""
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return True


@dataclass
class Running:
    """A process on a GPU. `kind` is C (computes), G (draws) or M (client of MPS)."""

    pid: int
    bytes: int | None
    kind: str = "C"


@dataclass
class Gpu:
    """One card, or one instance of MIG. What is None is not supported, "na" is not available.

    Memory in bytes, power in milliwatts, clocks in MHz, as NVML has them.
    `pcie` is (generation, width, highest generation, greatest width), `slices`
    (of the GPU instance, of the compute instance, MiB). `errors` are codes of
    nvmlReturn_t by function.
    """

    uuid: str | None = "GPU-11111111-2222-3333-4444-555555555555"
    name: str | None = "NVIDIA Stub 9000"
    total: int | None = 24 * GIB
    reserved: int = 512 * MIB
    used: int = 3 * GIB
    utilization: int | str | None = 37
    temperature: int | None = 54
    power: int | str | None = 123_456
    power_limit: int | str | None = 350_000
    clock_sm: int | str | None = 1710
    clock_memory: int | str | None = 9501
    pcie: tuple[int, int, int, int] | None = (3, 8, 4, 16)
    mig: bool | None = None
    instances: Mapping[int, Gpu] = field(default_factory=dict)
    slices: tuple[int, int, int] | None = None
    processes: Sequence[Running] = ()
    errors: Mapping[str, int] = field(default_factory=dict)
    lost: bool = False
    grows: bool = False  # new processes come while they are listed
    #: More lines of the state file: `slowed`, `ecc`, `ecc_1_0`, `remapped`, `persistence`,
    #: `capability`.
    health: Mapping[str, object] = field(default_factory=dict)

    def lines(self, who: str) -> list[str]:
        """The lines of the state file for this device and its instances."""
        values: dict[str, object] = {
            "uuid": self.uuid,
            "name": self.name,
            "utilization": self.utilization,
            "temperature": self.temperature,
            "power": self.power,
            "power_limit": self.power_limit,
            "clock_sm": self.clock_sm,
            "clock_memory": self.clock_memory,
            "mig": None if self.mig is None else int(self.mig),
            "lost": int(self.lost),
            "grows": 1 if self.grows else None,
            **self.health,
        }
        if self.total is not None:
            values["memory"] = f"{self.total} {self.reserved} {self.used}"
        if self.pcie is not None:
            keys = ("generation", "width", "max_generation", "max_width")
            values.update({f"pcie_{key}": n for key, n in zip(keys, self.pcie, strict=True)})
        if self.slices is not None:
            values["slices"] = " ".join(map(str, self.slices))
        values["processes"] = " ".join(
            f"{one.pid}:{'na' if one.bytes is None else one.bytes}:{one.kind}"
            for one in self.processes
        )
        values.update({f"fail.{function}": code for function, code in self.errors.items()})
        lines = [f"{who}.{key}={value}" for key, value in values.items() if value is not None]
        for slot, instance in self.instances.items():
            lines += instance.lines(f"{who}/{slot}")
        return lines


class Machine:
    """A folder with the library and its state. Compiles at once.

    `without` are functions that its driver lacks; `record` keeps the `calls`.
    """

    def __init__(self, folder: Path, without: Sequence[str] = (), record: bool = False) -> None:
        self.library = build(folder, without)
        self.folder = folder
        self._record = record
        self.show()

    def show(
        self,
        *gpus: Gpu,
        driver: str | None = "580.65.06",
        init: int = 0,
        gone: int = 0,
        errors: Mapping[str, int] | None = None,
        hang: bool = False,
    ) -> None:
        """From the next call on, the machine has these GPUs.

        `init` and `gone` are the codes with which nvmlInit and every call fail;
        `errors` those of single functions, for every device. `hang`: nvmlInit does not return.
        """
        lines = [f"devices={len(gpus)}", f"init={init}", f"gone={gone}", f"hang={int(hang)}"]
        lines.append(f"calls={int(self._record)}")
        if driver is not None:
            lines.append(f"driver={driver}")
        lines += [f"fail.{function}={code}" for function, code in (errors or {}).items()]
        for index, gpu in enumerate(gpus):
            lines += gpu.lines(str(index))
        half = self.folder / "nvml.state.new"
        half.write_text("\n".join(lines) + "\n")
        half.replace(self.folder / "nvml.state")  # nobody reads a half of it

    def calls(self) -> list[str]:
        """Names of the functions called so far, in order."""
        path = self.folder / "nvml.calls"
        return path.read_text().split() if path.exists() else []

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment, `base` or this process's, in which the library is found."""
        environment = dict(os.environ if base is None else base)
        others = environment.get("LD_LIBRARY_PATH")
        folder = str(self.folder.resolve())
        environment["LD_LIBRARY_PATH"] = f"{folder}:{others}" if others else folder
        return environment


def two_gpus(*pids: int) -> tuple[Gpu, Gpu]:
    """A busy and an idle GPU; `pids` hold memory on the first."""
    held = [Running(pid, (3 + 2 * n) * GIB) for n, pid in enumerate(pids)]
    busy = Gpu(
        uuid="GPU-5f1c2e7a-0d34-4b8e-9a51-3c6d7e8f9012",
        name="NVIDIA RTX 6000 Ada Generation",
        total=48 * GIB,
        used=sum(one.bytes or 0 for one in held) + 4 * GIB,
        utilization=82,
        temperature=71,
        power=243_700,
        power_limit=300_000,
        pcie=(4, 16, 4, 16),
        processes=held,
    )
    idle = Gpu(
        uuid="GPU-a7b8c9d0-1e2f-4a5b-8c6d-7e8f90123456",
        name="NVIDIA RTX 6000 Ada Generation",
        total=48 * GIB,
        used=300 * MIB,
        utilization=0,
        temperature=38,
        power=21_400,
        power_limit=300_000,
        clock_sm=210,
        clock_memory=405,
        pcie=(1, 16, 4, 16),
    )
    return busy, idle


if __name__ == "__main__":
    here = Machine(Path(sys.argv[1]))
    here.show(*two_gpus(*map(int, sys.argv[2:])))
    print(f"export LD_LIBRARY_PATH={here.folder.resolve()}")
