"""What others do, as their own front ends make a kernel or a server do it."""

from __future__ import annotations

import ast
import re
import sys
import time
from pathlib import Path

from tests.live.server import LiveServer, ServedKernel

from .figures import Sample

INSPECTOR = "share/jupyter/labextensions/@lckr/jupyterlab_variableinspector/static"


def inspector_script() -> str:
    """The Python that jupyterlab-variableinspector runs in a kernel, out of its JavaScript."""
    for file in Path(sys.prefix, INSPECTOR).glob("*.js"):
        found = re.search(r"py_script='((?:[^'\\]|\\.)*)'", file.read_text("utf-8"))
        if found:
            # A JavaScript string in single quotes reads the same in Python.
            return str(ast.literal_eval(f"'{found[1]}'"))
    raise FileNotFoundError(
        "lckr-jupyterlab-variableinspector is not installed beside this interpreter."
    )


def variable_inspector(kernel: ServedKernel, repeats: int) -> Sample:
    """Its refresh: one execute request on the shell channel, until the table is there."""
    kernel.run(inspector_script(), silent=False, store_history=False, timeout=120)
    sample = Sample()
    for _ in range(repeats):
        started = time.perf_counter()
        asked = kernel.start(
            "_jupyterlab_variableinspector_dict_list()", store_history=False, stop_on_error=False
        )
        tables = [
            message["content"]["data"]
            for message in kernel.messages(asked, timeout=300)
            if message["msg_type"] == "execute_result"
        ]
        sample.values.append((time.perf_counter() - started) * 1000)
        assert tables, "it answered no table"
        assert "t9999" in str(tables[0]), "its table lacks a variable"
    return sample


def endpoint(server: LiveServer, path: str, requests: int) -> Sample:
    """An endpoint's time from the request to the parsed answer, ten a second."""
    sample = Sample()
    for _ in range(requests):
        started = time.perf_counter()
        answer = server.get(path)
        answer.raise_for_status()
        answer.json()
        sample.values.append((time.perf_counter() - started) * 1000)
        time.sleep(0.1)
    return sample
