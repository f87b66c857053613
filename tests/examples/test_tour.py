"""The tour runs on both stacks, teaches what it says, and says what the panel shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.live.stack import ROOT, Stack, clean_environment

TOUR = ROOT / "examples" / "tour.ipynb"

# What the cells leave behind, asked of the kernel at the end.
PROBE = """
import json
print(json.dumps({
    "random": random.tolist(), "shapes": {
        name: list(value.shape) for name, value in globals().items()
        if not name.startswith("_") and isinstance(value, torch.Tensor)
    },
    "dtypes": {name: str(globals()[name].dtype)[6:] for name in
               ("listed", "whole", "real", "half", "yes_no", "mixed")},
    "rank": [total.ndim, total.item(), type(number).__name__],
    "moved": [there.device.type == device.type, (there is here) == (device.type == "cpu")],
    "best": [best.indices.tolist(), scores.argmax().item()],
    "in place": [same.tolist(), counter.tolist(), same._version],
    "storages": [
        line.untyped_storage().data_ptr() == table.untyped_storage().data_ptr()
        == turned.untyped_storage().data_ptr(),
        line.untyped_storage().data_ptr() != flat.untyped_storage().data_ptr(),
        first_row.untyped_storage().data_ptr() == listed.untyped_storage().data_ptr(),
    ],
    "permuted": [for_torch.is_contiguous(), packed.is_contiguous(), packed.nbytes],
    "message": message, "result": result.tolist(), "grid": grid.tolist(),
    "loss": [first_loss, last_loss],
    "bytes": sum(p.nbytes for p in model.parameters()),
    "gradients": all(p.grad is not None and p.grad.device == x.device
                     for p in model.parameters()),
    "seed": float(torch.initial_seed()), "block": "block" in globals(),
}))
"""


@dataclass(frozen=True)
class Walked:
    """The tour after it ran: its cells by id, and the answer of PROBE."""

    cells: dict[str, Any]
    left: dict[str, Any]

    def printed(self, cell: str) -> str:
        return "".join(
            output["text"]
            for output in self.cells[cell]["outputs"]
            if output["output_type"] == "stream" and output["name"] == "stdout"
        )


def read() -> Any:
    return nbformat.read(TOUR, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def walked(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The whole tour, run once on each stack."""
    folder = tmp_path_factory.mktemp("tour")
    manager = KernelManager(connection_file=str(folder / "kernel.json"))
    manager._kernel_spec = KernelSpec(**stack.kernelspec())
    notebook = read()
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE, id="probe"))
    client = NotebookClient(notebook, km=manager, timeout=120, startup_timeout=60)
    home = {"IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    try:
        client.execute(env={**clean_environment(), **home}, cwd=str(folder))
    finally:
        manager.shutdown_kernel(now=True)
    cells = {cell["id"]: cell for cell in notebook.cells}
    walked = Walked(cells, {})
    walked.left.update(json.loads(walked.printed("probe")))
    return walked


class TestTheFile:
    def test_is_well_formed(self) -> None:
        notebook = read()
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)

    def test_is_saved_without_outputs(self) -> None:
        for cell in read().cells:
            if cell.cell_type == "code":
                assert cell.outputs == []
                assert cell.execution_count is None

    def test_goes_through_the_whole_chapter(self) -> None:
        source = "\n".join(cell.source for cell in read().cells if cell.cell_type == "code")
        for term in (
            *("torch.cuda.is_available()", "torch.accelerator", "torch.rand(", "torch.tensor("),
            *("listed[1, 2]", "torch.ones(", "torch.zeros(", ".item()", ".to(device)", ".max("),
            *(".argmax(", "torch.float16", ".add_(", ".view(", ".reshape(", ".permute("),
            *("torch.optim.", ".backward()", "torch.manual_seed("),
        ):
            assert term in source, term

    def test_names_no_device_but_the_one_it_found(self) -> None:
        for cell in read().cells:
            if cell.cell_type == "code" and cell.id != "gpu":
                assert not re.search(r"cuda|mps|xpu|cpu", cell.source), cell.id


@pytest.mark.timeout(300)  # the first of them waits for the whole tour
class TestTheRun:
    def test_random_numbers_are_the_same_each_time(self, walked: Walked) -> None:
        assert walked.left["random"][0] == pytest.approx([0.4963, 0.7682, 0.0885, 0.1320], abs=1e-4)

    def test_shapes(self, walked: Walked) -> None:
        shapes = walked.left["shapes"]
        expected = {
            "random": [3, 4],
            "listed": [2, 3],
            "first_row": [3],
            "large": [4],
            "added": [2, 3],
            "product": [2, 3],
            "total": [],
            "there": [256, 1024],
            "table": [3, 4],
            "turned": [4, 3],
            "flat": [12],
            "for_torch": [3, 32, 48],
            "row": [1, 3],
            "big": [3, 3],
            "result": [3, 3],
            "wrong": [5, 5],
            "right": [5],
        }
        assert {name: shapes[name] for name in expected} == expected

    def test_dtypes(self, walked: Walked) -> None:
        assert walked.left["dtypes"] == {
            "listed": "int64",
            "whole": "int64",
            "real": "float32",
            "half": "float16",
            "yes_no": "bool",
            "mixed": "float32",
        }

    def test_rank_0_and_item(self, walked: Walked) -> None:
        assert walked.left["rank"] == [0, 21, "int"]
        assert "tensor(21) has shape () and rank 0" in walked.printed("item")

    def test_to_moves_where_there_is_somewhere_to_go(self, walked: Walked) -> None:
        assert walked.left["moved"] == [True, True]

    def test_argmax_of_each_row(self, walked: Walked) -> None:
        assert walked.left["best"] == [[1, 0], 1]

    def test_in_place_changes_both_names_and_the_version(self, walked: Walked) -> None:
        assert walked.left["in place"] == [[2, 2, 2], [3, 3, 3], 2]

    def test_views_share_and_reshape_copies(self, walked: Walked) -> None:
        assert walked.left["storages"] == [True, True, True]
        assert "view says: view size is not compatible" in walked.printed("view")
        assert "table still begins with 100" in walked.printed("view")

    def test_permute_is_a_view_and_contiguous_a_copy(self, walked: Walked) -> None:
        assert walked.left["permuted"] == [False, True, 18 * 1024]

    def test_what_does_not_broadcast_is_caught_and_shown(self, walked: Walked) -> None:
        message = walked.left["message"]
        assert "size of tensor a (2) must match the size of tensor b (3)" in message
        assert message in walked.printed("broadcast-error")

    def test_what_broadcasts(self, walked: Walked) -> None:
        assert walked.left["result"] == [[11, 21, 31]] * 3
        assert walked.left["grid"] == [[11, 21, 31], [12, 22, 32], [13, 23, 33]]

    def test_the_model_learns(self, walked: Walked) -> None:
        first, last = walked.left["loss"]
        assert first > 0.3
        assert 0.001 < last < 0.02  # not under the noise that was put in, by much
        assert walked.left["gradients"]
        assert walked.left["bytes"] == 17412  # 17 KiB, as the text says

    def test_nothing_is_left_of_what_it_deleted(self, walked: Walked) -> None:
        assert walked.left["block"] is False
        assert "block" not in walked.left["shapes"]

    def test_nothing_goes_to_stderr(self, walked: Walked) -> None:
        for name, cell in walked.cells.items():
            for output in cell.get("outputs", ()):
                assert output.get("name") != "stderr", (name, output)
