"""File systems of any size, by a preloaded library that answers for the C library."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("space_stub.c")


class Spaces:
    """Answers `statvfs` of the paths that are shown; all others are real."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._library = folder / "spaces.so"
        self._file = folder / "spaces"
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        command = [compiler] if compiler else [shutil.which("g++") or "c++", "-x", "c"]
        command += ["-shared", "-fPIC", "-Wall", "-Wextra", str(SOURCE)]
        subprocess.run([*command, "-o", str(self._library), "-ldl"], check=True, timeout=60)
        self.show({})

    def show(self, spaces: dict[str, tuple[int, int]]) -> None:
        """By path: bytes in all, and free."""
        lines = [f"{path} {total} {free}\n" for path, (total, free) in spaces.items()]
        self._file.write_text("".join(lines))

    def environment(self) -> dict[str, str]:
        """The environment in which they are seen."""
        return {**os.environ, "LD_PRELOAD": str(self._library), "SPACES": str(self._file)}
