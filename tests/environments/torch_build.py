"""Installs the build of torch that fits this machine into one environment.

    python tests/environments/torch_build.py ENVIRONMENT/bin/python [VERSION]

Without an NVIDIA GPU that is the CPU build: from pip's own sources when they
have one, otherwise by uv, which knows where PyTorch keeps its builds.  Plain
``pip install torch`` would bring several gigabytes of CUDA.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = os.environ.get("DLKIT_TORCH", "2.13.0")
#: Seconds; a build with CUDA has some three gigabytes.
TIME_LIMIT = 1800


def has_nvidia_gpu() -> bool:
    """Whether this machine has a GPU that a CUDA build could use."""
    if any(Path("/dev").glob("nvidia[0-9]*")):
        return True
    command = shutil.which("nvidia-smi")
    if command is None:
        return False
    try:
        listed = subprocess.run([command, "-L"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and "GPU" in listed.stdout


def installed(python: str) -> str | None:
    """The version of torch that an environment has."""
    code = "import importlib.metadata as m; print(m.version('torch'))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else None


def offered_by_pip(python: str, requirement: str) -> str | None:
    """The version that pip would install, without fetching it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
        command += ["--ignore-installed", "--only-binary=:all:", "--report", str(report)]
        if subprocess.run([*command, requirement], timeout=TIME_LIMIT).returncode:
            return None
        return str(json.loads(report.read_text())["install"][0]["metadata"]["version"])


def install_by_uv(python: str, requirement: str, backend: str) -> bool:
    """Whether uv could install torch for ``backend``."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
    where = [python, "-c", "import uv; print(uv.find_uv_bin())"]
    uv = subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip()
    command = [uv, "pip", "install", "--python", python, f"--torch-backend={backend}", requirement]
    # uv trusts its own certificates unless told to take the machine's.
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    return subprocess.run(command, env=environment, timeout=TIME_LIMIT).returncode == 0


def install_by_pip(python: str, requirement: str) -> bool:
    """Whether pip could install it."""
    command = [python, "-m", "pip", "install", "--quiet", requirement]
    return subprocess.run(command, timeout=TIME_LIMIT).returncode == 0


def install(python: str, version: str = VERSION) -> bool:
    """Whether the environment of ``python`` has the fitting build now."""
    requirement = f"torch=={version}"
    gpu = has_nvidia_gpu()
    have = installed(python)
    if have and have.split("+")[0] == version:
        print(f"torch {have} is there")
        return True
    if platform.system() != "Linux":  # elsewhere PyPI's build has no CUDA in it
        return install_by_pip(python, requirement)
    if gpu:
        return install_by_uv(python, requirement, "auto") or install_by_pip(python, requirement)
    offer = offered_by_pip(python, requirement)
    if offer is not None and offer.endswith("+cpu"):
        return install_by_pip(python, f"torch=={offer}")
    return install_by_uv(python, requirement, "cpu")


def main() -> int:
    """Exit status 0 when torch is there."""
    if install(*sys.argv[1:]):
        return 0
    print(
        f"There is no CPU build of torch {VERSION} for Python {platform.python_version()} that"
        " this machine can reach. Choose another interpreter (make PYTHON=python3.12 …), another"
        " version (DLKIT_TORCH=…), or give pip a folder with the wheel (PIP_FIND_LINKS=…).",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
