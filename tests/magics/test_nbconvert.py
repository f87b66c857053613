"""A notebook that is executed and exported without anybody looking: ``jupyter nbconvert``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.live.stack import Stack, clean_environment

from .notebook import FOUND

CELLS = [
    FOUND + "\nimport torch",
    "%load_ext jupyter_dlkit",
    "x = torch.ones(8, 1, 6, 1)\nmodel = torch.nn.Linear(3, 4)",
    "%tensors",
    "%gpu",
    "%gpu --watch 0.1 --times 3",
    "%to cpu model",
    "%broadcast x x.mT",
    "%broadcast torch.ones(3) + torch.ones(4)",
    "%%memory\ny = x + 1\nfloat(y.sum())",
    "%dlkit",
]


@pytest.fixture(scope="module")
def folder(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An executed notebook, with its exports beside it."""
    folder = tmp_path_factory.mktemp("nbconvert")
    kernels = folder / "kernels" / "dlkit-test"
    kernels.mkdir(parents=True)
    kernels.joinpath("kernel.json").write_text(json.dumps(stack.kernelspec()))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(notebook, folder / "magics.ipynb")
    base = [sys.executable, "-m", "jupyter", "nbconvert", "magics.ipynb"]
    execute = ["--execute", "--ExecutePreprocessor.kernel_name=dlkit-test", "--to", "notebook"]
    steps = [[*base, *execute, "--inplace"], [*base, "--to", "html"], [*base, "--to", "markdown"]]
    environment = {**clean_environment(), "JUPYTER_PATH": str(folder), "IPYTHONDIR": str(folder)}
    for step in steps:
        subprocess.run(step, cwd=folder, env=environment, check=True, capture_output=True)
    return folder


def outputs(folder: Path) -> dict[str, list[nbformat.NotebookNode]]:
    notebook = nbformat.read(folder / "magics.ipynb", 4)
    return {cell.source: cell.outputs for cell in notebook.cells}


def test_each_magic_has_its_output(folder: Path) -> None:
    by_cell = outputs(folder)
    for line in CELLS[3:9]:
        (output,) = by_cell[line]
        assert output.data["text/plain"] and "<" in output.data["text/html"]
    assert by_cell["%gpu --watch 0.1 --times 3"][0].output_type == "display_data"
    usage, value = by_cell[CELLS[9]]
    assert "took" in usage.data["text/plain"] and value.data["text/plain"] == "96.0"
    assert "%tensors" in by_cell["%dlkit"][0].text


def test_the_exports_have_it(folder: Path) -> None:
    html = (folder / "magics.html").read_text(encoding="utf-8")
    assert html.count('class="dlkit') >= 7
    markdown = (folder / "magics.md").read_text(encoding="utf-8")
    assert "(8, 1, 6, 1)" in markdown and "took" in markdown
