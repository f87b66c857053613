"""What a person waits for at a prompt: magics that are loaded, Tab, the command line."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.live.stack import ROOT, clean_environment
from tests.live.stack import stack as stack_named

from .figures import Figure, Sample

#: In a process that has a shell and nothing else; milliseconds.
LOADING = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", sys.argv[1])
print((time.perf_counter() - began) * 1e3)
"""

#: Milliseconds of each completion, ours and IPython's in turns.
COMPLETING = """
import json, sys, time
import torch
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_dlkit")
shell.user_ns.update((f"t{i}", torch.empty(0)) for i in range(10_000))
def completed(line):
    began = time.perf_counter()
    with provisionalcompleter():  # as a kernel does
        offered = list(shell.Completer.completions(line, len(line)))
    took = (time.perf_counter() - began) * 1e3
    assert offered, line
    return took
for line in ("%tensors t99", "print(t99"):  # the first of each pays for what both then have
    completed(line)
print(json.dumps([[completed(line) for line in ("%tensors t99", "print(t99")]
                  for _ in range(int(sys.argv[1]))]))
"""


def loading(stack: str, processes: int) -> Iterator[Figure]:
    """``%load_ext``, beside that of IPython's own ``autoreload``."""
    ours, theirs = Sample(), Sample()
    for _ in range(processes):
        for extension, sample in (("jupyter_dlkit", ours), ("autoreload", theirs)):
            sample.values.append(float(_said(stack, LOADING, extension)))
    yield Figure("%load_ext jupyter_dlkit, median", stack, ours.median, "ms", 50, note=str(ours))
    yield Figure("%load_ext autoreload, median", stack, theirs.median, "ms", note=str(theirs))


def completing(stack: str, repeats: int) -> Iterator[Figure]:
    """A name after ``%tensors`` among 10,000 tensors, beside IPython's completion of it."""
    pairs = json.loads(_said(stack, COMPLETING, str(repeats)))
    ours, theirs = (Sample(list(one)) for one in zip(*pairs, strict=True))
    name = "Tab among 10,000 tensors"
    yield Figure(f"{name}: %tensors t99, median", stack, ours.median, "ms", 50, note=str(ours))
    yield Figure(
        f"{name}: IPython, print(t99, median", stack, theirs.median, "ms", note=str(theirs)
    )


def command_line(processes: int) -> Iterator[Figure]:
    """``jupyter-dlkit --help``, beside ``jupyter --version``, in turns."""
    ours, theirs = Sample(), Sample()
    commands = (("jupyter_dlkit", "--help"), ours), (("jupyter_core", "--version"), theirs)
    for _ in range(processes):
        for words, sample in commands:
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", *words], cwd=ROOT, env=clean_environment(),
                capture_output=True, timeout=60, check=True,
            )  # fmt: skip
            sample.values.append((time.perf_counter() - began) * 1000)
    yield Figure("jupyter dlkit --help, median", "today", ours.median, "ms", note=str(ours))
    yield Figure("jupyter --version, median", "today", theirs.median, "ms", note=str(theirs))


def _said(stack: str, code: str, word: str) -> str:
    """The last line that a fresh process of a stack prints."""
    done = subprocess.run(
        [str(stack_named(stack).python), "-c", code, word], cwd=ROOT, env=clean_environment(),
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()[-1]
