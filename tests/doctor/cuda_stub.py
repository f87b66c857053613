"""The CUDA driver's library, compiled from cuda_stub.c; everything above it is real."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("cuda_stub.c")


@functools.cache
def _compiled() -> bytes:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    command = [compiler] if compiler else [shutil.which("g++") or "c++", "-x", "c"]
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "libcuda.so.1")
        flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Wl,-soname,libcuda.so.1")
        arguments = [*command, *flags, str(SOURCE), "-o", str(library), "-ldl"]
        subprocess.run(arguments, check=True, timeout=60)
        return library.read_bytes()


def build(folder: Path) -> Path:
    """Puts libcuda.so.1 into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "libcuda.so.1"
    library.write_bytes(_compiled())
    return library


def show(folder: Path, **state: int) -> None:
    """From the next call on the library answers so; see cuda_stub.c."""
    (folder / "cuda.state").write_text("".join(f"{key}={value}\n" for key, value in state.items()))


def calls(folder: Path) -> list[int]:
    """The processes that have called cuInit."""
    path = folder / "cuda.calls"
    return [int(line) for line in path.read_text().split()] if path.exists() else []
