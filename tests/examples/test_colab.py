"""The notebook for Colab runs on Colab's stack, shows each magic, and says what is there."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.live.stack import ROOT, clean_environment
from tests.live.stack import stack as stack_named

NOTEBOOK = ROOT / "examples" / "colab.ipynb"

#: Installs into the environment: the checkout stands in for it.
INSTALL = "install"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every cell by its id, run once."""
    folder = tmp_path_factory.mktemp("colab")
    manager = KernelManager(connection_file=str(folder / "kernel.json"))
    manager._kernel_spec = KernelSpec(**stack_named("colab").kernelspec())
    notebook = read()
    (install,) = (cell for cell in notebook.cells if cell.id == INSTALL)
    assert re.fullmatch(r"%pip install (--quiet )?jupyter-dlkit", install.source)
    install.source = "pass"
    environment = {
        **clean_environment(),
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "COLAB_RELEASE_TAG": "release-colab-external",
    }
    client = NotebookClient(notebook, km=manager, timeout=120, startup_timeout=60)
    try:
        client.execute(env=environment, cwd=str(folder))
    finally:
        manager.shutdown_kernel(now=True)
    return {cell["id"]: cell for cell in notebook.cells}


def shown(cell: Any) -> str:
    """What is below a cell, as text."""
    texts = []
    for output in cell["outputs"]:
        texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(texts)


class TestTheFile:
    def test_is_well_formed_and_saved_without_outputs(self) -> None:
        notebook = read()
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert (cell.outputs, cell.execution_count) == ([], None)

    def test_asks_colab_for_a_gpu(self) -> None:
        assert read().metadata["accelerator"] == "GPU"

    @pytest.mark.parametrize(
        "magic", ["%dlkit", "%gpu", "%tensors", "%to ", "%broadcast", "%%memory"]
    )
    def test_shows_each_magic(self, magic: str) -> None:
        sources = [cell.source for cell in read().cells if cell.cell_type == "code"]
        assert any(re.search(rf"^{magic}", source, re.M) for source in sources)


@pytest.mark.timeout(200)  # the first of them waits for the whole notebook
class TestTheRun:
    def test_nothing_is_said_to_be_wrong(self, cells: dict[str, Any]) -> None:
        for name, cell in cells.items():
            for output in cell.get("outputs", ()):
                assert output["output_type"] != "error", name
                assert output.get("name") != "stderr", (name, output)

    @pytest.mark.parametrize(
        "name", ["gpu", "tensors", "dry-run", "move", "fits", "fails", "trap", "step", "after"]
    )
    def test_a_magic_shows_a_table_or_a_diagram(self, cells: dict[str, Any], name: str) -> None:
        data = [output["data"] for output in cells[name]["outputs"] if "data" in output]
        assert len(data) == 1  # once
        assert data[0]["text/html"]
        assert data[0]["text/plain"]

    def test_it_says_how_to_get_a_gpu_where_there_is_none(self, cells: dict[str, Any]) -> None:
        told = " ".join(shown(cells["gpu"]).split())
        if "uses cpu" in shown(cells["device"]):
            assert "Runtime → Change runtime type" in told

    def test_the_list_has_what_the_text_speaks_of(self, cells: dict[str, Any]) -> None:
        told = shown(cells["tensors"])
        for name in ("pictures", "labels", "first", "mean"):
            assert re.search(rf"^\s*{name}\b", told, re.M), told

    def test_the_view_went_along(self, cells: dict[str, Any]) -> None:
        assert shown(cells["where"]).endswith("True\n")

    def test_shapes_that_do_not_fit_and_those_that_fit_too_well(
        self, cells: dict[str, Any]
    ) -> None:
        assert "works" in shown(cells["fits"])
        assert "would fail" in shown(cells["fails"])
        assert "(64, 64)" in shown(cells["trap"])
        assert "predictions.squeeze(-1) - targets" in shown(cells["trap"])
        assert "(64,)" in shown(cells["mended"])

    def test_the_optimizer_takes_twice_the_weights(self, cells: dict[str, Any]) -> None:
        rows = [line.split() for line in shown(cells["python"]).splitlines()]
        assert len(rows) == 3
        assert all(row[-1] == str(3 * 28 * 28 * 256 * 4) for row in rows)

    def test_what_was_deleted_is_gone(self, cells: dict[str, Any]) -> None:
        assert "There is no tensor like pictures" in shown(cells["delete"])
