"""Models, optimizers, gradients, pinned memory and workers."""

from __future__ import annotations

from tests.findings.conftest import MODEL, OPTIMIZER, Finding

STEPS = """
for i in range(3):
    optimizer.zero_grad()
    model(x).pow(2).mean().backward()
    optimizer.step()
"""


def test_a_model_defined_again_after_its_optimizer(notebook: Finding) -> None:
    notebook.cells(MODEL, OPTIMIZER, STEPS + "optimizer.zero_grad()", "model = make()")
    found = notebook.one("old_model")
    assert found["name"] == "optimizer"
    assert found["bytes"] == 3 * 4_203_520  # Adam's two of each
    assert "does not train model" in found["message"]
    assert "model.parameters()" in found["hint"]
    notebook.gives_back(found)


def test_a_model_that_an_object_keeps(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        "class Trainer: pass\ntrainer = Trainer(); trainer.model = model",
        "model = make()",
    )
    found = notebook.one("old_model")
    assert found["name"] == "trainer.model"
    assert found["bytes"] == 4_203_520
    before = notebook.allocated()[0]
    notebook.run("del trainer")
    assert before - notebook.allocated()[0] == found["bytes"]


def test_copies_that_have_a_name_are_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        "import copy\naverage = copy.deepcopy(model)\nmodels = [model]\nbest = model",
        "model = make()",
        "models.append(model); model = make()",
        OPTIMIZER,
    )
    assert notebook.findings() == []


def test_state_on_another_device(notebook: Finding) -> None:
    notebook.cells(
        MODEL.replace(".to(device)", ""), OPTIMIZER, STEPS + "optimizer.zero_grad()",
        "model = model.to(device)",
    )  # fmt: skip
    found = notebook.one("optimizer_device")
    assert found["name"] == "optimizer"
    assert found["device"] == "cpu"
    assert found["bytes"] == 2 * 4_203_520
    assert "toy:0" in found["message"]
    notebook.run("optimizer.load_state_dict(optimizer.state_dict())")
    assert notebook.findings() == []


def test_gradients_after_the_last_step(notebook: Finding) -> None:
    notebook.cells(MODEL, OPTIMIZER, STEPS)
    found = notebook.one("old_gradients")
    assert found["bytes"] == 4_203_520
    assert found["action"] == {"release": "gradients:optimizer"}
    assert "optimizer.zero_grad()" in found["hint"]
    notebook.gives_back(found)
    assert notebook.findings() == []


TRAIN = "def train(opt):" + STEPS.replace("\n", "\n    ").replace("optimizer", "opt")


def test_gradients_after_a_function_of_another_cell(notebook: Finding) -> None:
    notebook.cells(MODEL, OPTIMIZER, TRAIN, "%%time\ntrain(optimizer)", "print(len(list(model)))")
    assert notebook.one("old_gradients")["bytes"] == 4_203_520


def test_gradients_in_the_middle_of_an_accumulation_are_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        OPTIMIZER,
        """
for i in range(6):
    model(x).pow(2).mean().backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    )
    assert notebook.findings() == []


def test_gradients_of_a_restored_model_are_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        OPTIMIZER,
        STEPS,
        "import copy; best = copy.deepcopy(model).cpu().state_dict(); optimizer.zero_grad()",
    )
    notebook.run("model.load_state_dict(best); model(x).pow(2).mean().backward()")
    assert notebook.findings() == []


def test_gradients_after_a_cell_that_failed_are_none(notebook: Finding) -> None:
    notebook.cells(MODEL, OPTIMIZER)
    notebook.run(STEPS + "model(x).pow(2).mean().backward(); 1 / 0; optimizer.step()", fails=True)
    assert notebook.findings() == []


def test_gradients_that_a_step_waits_for_are_none(notebook: Finding) -> None:
    notebook.cells(MODEL, OPTIMIZER, STEPS)
    for _ in range(2):
        notebook.run("optimizer.zero_grad()\nmodel(x).pow(2).mean().backward()")
        assert notebook.findings() == []
    notebook.run("optimizer.step()")
    assert notebook.one("old_gradients")["name"] == "optimizer"


def test_pinned_memory(notebook: Finding) -> None:
    notebook.run("data = torch.zeros(20 * 2**20).pin_memory()")
    found = notebook.one("pinned")
    assert found["device"] == "cpu"
    assert found["bytes"] == 0 and "80 MiB of pinned memory" in found["message"]
    notebook.run("data = torch.zeros(20 * 2**20)\nbatch = torch.zeros(2**20).pin_memory()")
    assert notebook.findings() == []


LOADER = """
data = torch.utils.data.TensorDataset(torch.zeros(64, 8))
loader = torch.utils.data.DataLoader(data, num_workers=2, persistent_workers={})
for batch in loader: pass
"""


def test_workers_that_wait(notebook: Finding) -> None:
    notebook.run(LOADER.format(True))
    found = notebook.one("workers")
    assert found["name"] == "loader"
    assert "2 worker processes" in found["message"]
    assert found["bytes"] > 0
    notebook.run("loader._iterator = None")
    assert notebook.findings() == []


def test_an_iterator_that_waits(notebook: Finding) -> None:
    notebook.run(LOADER.format(False))
    assert notebook.findings() == []
    notebook.run("iterator = iter(loader); batch = next(iterator)")
    assert notebook.one("workers")["action"] == {"release": "name:iterator"}
    notebook.run("del iterator")
    assert notebook.findings() == []
