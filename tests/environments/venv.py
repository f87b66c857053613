"""Makes a virtual environment with a pip of today, or says what is missing.

    python3 tests/environments/venv.py FOLDER

An environment that is there and works is kept.  Runs on Python 3.6 too, to say so.
"""

import os
import shutil
import subprocess
import sys

MINIMUM = (3, 10)


def works(folder):
    """Whether the environment has a pip and the Python that is asked for."""
    try:
        python = os.path.join(folder, "bin", "python")
        code = f"import pip, sys; sys.exit(sys.version_info < {MINIMUM})"
        return subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make(folder):
    """Debian keeps a part of venv in a package of its own: fetch it if we may."""
    shutil.rmtree(folder, ignore_errors=True)
    create = [sys.executable, "-m", "venv", folder]
    if subprocess.call(create) == 0 and works(folder):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.call(["apt-get", "update", "-qq"])
        subprocess.call(["apt-get", "install", "-qq", "-y", "python3-venv"])
        shutil.rmtree(folder, ignore_errors=True)
        return subprocess.call(create) == 0 and works(folder)
    return False


def main():
    """Exit status 0 when the environment is there."""
    folder = sys.argv[1]
    if sys.version_info < MINIMUM:
        sys.exit(
            f"{sys.executable} is Python {sys.version.split()[0]}: jupyter_dlkit is developed on"
            " 3.10 or newer (make PYTHON=python3.12 …)."
        )
    if not works(folder) and not make(folder):
        sys.exit(
            f"{sys.executable} cannot make a virtual environment."
            " On Debian and Ubuntu: install python3-venv."
        )
    python = os.path.join(folder, "bin", "python")
    sys.exit(subprocess.call([python, "-m", "pip", "install", "--quiet", "--upgrade", "pip"]))


if __name__ == "__main__":
    main()
