"""Compiles the second device, once for each version of torch and of its source."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("toy.cpp")
CACHE = Path(__file__).resolve().parent.parent.parent / ".cache" / "second_device"
#: Seconds; about 20 on a small machine.
TIME_LIMIT = 300


def command(target: Path) -> list[str]:
    """What compiles it against the torch of this interpreter.

    No Python is in it, and torch's libraries are those that the process has loaded
    already: one build serves every environment with this version of torch.
    """
    import torch

    root = Path(torch.__file__).parent
    abi = int(torch.compiled_with_cxx11_abi())
    words = [os.environ.get("CXX", "c++"), "-std=c++20", "-O0", "-w", "-fPIC", "-shared"]
    words += [f"-D_GLIBCXX_USE_CXX11_ABI={abi}"]
    words += [f"-I{root}/include", f"-I{root}/include/torch/csrc/api/include"]
    words += [str(SOURCE), "-o", str(target), f"-L{root}/lib", "-lc10", "-ltorch_cpu"]
    if sys.platform == "darwin":
        words += [f"-Wl,-rpath,{root}/lib"]
    return words


def library() -> Path:
    """The compiled library; compiles it if it is not there.

    Raises ``RuntimeError`` with what the compiler said.
    """
    import torch

    key = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    target = CACHE / f"toy-{torch.__version__}-{sys.platform}-{key}.so"
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    # Two that compile at the same time make the same file; the later one replaces it whole.
    half = target.with_suffix(f".{os.getpid()}.so")
    try:
        done = subprocess.run(command(half), capture_output=True, text=True, timeout=TIME_LIMIT)
    except FileNotFoundError as error:
        raise RuntimeError("The second device needs a C++ compiler (c++, or $CXX).") from error
    if done.returncode:
        half.unlink(missing_ok=True)
        raise RuntimeError(f"The second device does not compile:\n{done.stderr[-6000:]}")
    half.replace(target)
    return target
