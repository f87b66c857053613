"""Graphs of many iterations, and of a backward that retained it."""

from __future__ import annotations

from tests.findings.conftest import MIB, MODEL, OPTIMIZER, Finding


def test_a_history_kept_by_total_loss(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        """
total_loss = 0
for i in range(5):
    loss = model(x + i).pow(2).mean()
    total_loss += loss
""",
    )
    found = notebook.one("loss_history")
    assert found["name"] == "total_loss"
    assert "5 iterations" in found["message"]
    assert found["bytes"] > 4 * 2 * MIB  # the last one's activations ``loss`` keeps too
    assert "total_loss += loss.item()" in found["hint"]
    assert found["action"] == {"release": "name:total_loss"}
    notebook.gives_back(found)


def test_a_sum_that_is_written_out(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        """
total = 0.0
for i in range(6):
    total = model(x + i).pow(2).mean() + total
""",
    )
    notebook.gives_back(notebook.one("loss_history"))


def test_a_loss_of_several_terms_is_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        """
features = model(x)
loss = features.pow(2).mean()
for power in range(3, 9): loss += features.pow(power).mean()
for parameter in model.parameters(): loss += 1e-4 * parameter.abs().sum()
""",
    )
    assert notebook.findings() == []
    notebook.run("loss = model(x).pow(2).mean() + model(-x).pow(2).mean()")  # a pair
    assert notebook.findings() == []


def test_a_recurrent_network_is_none(notebook: Finding) -> None:
    notebook.run(
        """
cell, loss, h = nn.RNNCell(256, 1024).to(device), 0, torch.zeros(64, 1024, device=device)
for step in range(8):
    h = cell(torch.ones(64, 256, device=device), h)
    loss += h.pow(2).mean()
"""
    )
    assert notebook.findings() == []


def test_numbers_are_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        """
total_loss, losses = 0, []
for i in range(6):
    loss = model(x + i).pow(2).mean()
    total_loss += loss.item()
    losses.append(loss.detach())
""",
    )
    assert notebook.findings() == []


def test_a_list_with_the_graphs_of_iterations(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        "losses = []\nfor i in range(6): losses.append(model(x + i).pow(2).mean())",
    )
    found = notebook.one("growing_list")
    assert found["name"] == "losses"
    assert "6 iterations" in found["message"]
    assert found["bytes"] > 6 * 2 * MIB
    notebook.gives_back(found)


def test_a_list_of_one_forward_is_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        """
layers, h = [], x
for _ in range(4):
    for layer in model:
        h = layer(h)
        layers.append(h)
""",
    )
    assert notebook.findings() == []


GROWS = "for i in range(4): kept.append(torch.ones(256, 256, device=device))"


def test_a_list_that_grows_from_cell_to_cell(notebook: Finding) -> None:
    notebook.cells("kept = []", GROWS)
    assert notebook.findings() == []
    notebook.cells(GROWS, GROWS)
    found = notebook.one("growing_list")
    assert "from 4 to 12 tensors in 2 cells" in found["message"]
    assert found["bytes"] == 12 * 256 * 1024
    notebook.gives_back(found)


def test_a_list_in_a_dict(notebook: Finding) -> None:
    notebook.cells("history = {'out': []}", *[GROWS.replace("kept", "history['out']")] * 3)
    found = notebook.one("growing_list")
    assert found["name"] == "history['out']"
    assert found["bytes"] == 12 * 256 * 1024
    notebook.gives_back(found)


def test_a_list_that_is_emptied_is_none(notebook: Finding) -> None:
    notebook.run("kept = []")
    for _ in range(3):
        notebook.cells(GROWS, "del kept[:4]", GROWS)
    assert notebook.findings() == []


def test_a_graph_that_was_retained(notebook: Finding) -> None:
    notebook.cells(
        MODEL, OPTIMIZER, "loss = model(x).pow(2).mean()\nloss.backward(retain_graph=True)"
    )
    found = notebook.one("retained_graph")
    assert found["name"] == "loss"
    assert found["bytes"] > 2 * MIB
    notebook.gives_back(found)


def test_a_cell_that_the_compiler_warns_of_is_read_without(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        "import warnings; before, seen = (warnings.showwarning, warnings.filters[:]), []\n"
        "warnings.simplefilter('always')\n"
        "warnings.showwarning = lambda *told, **more: seen.append(str(told[0]))",
        "loss = model(x).pow(2).mean()\nloss.backward(retain_graph=True)",
        "losses = loss.item(), '\\d'",
    )
    assert "invalid escape" in notebook.run("print(seen); seen.clear()").stdout
    assert notebook.one("retained_graph")["name"] == "loss"
    assert notebook.run("print(seen)").stdout == "[]\n"
    notebook.run("warnings.showwarning, warnings.filters[:] = before")


def test_a_graph_that_was_freed_or_is_new_is_none(notebook: Finding) -> None:
    notebook.cells(
        MODEL,
        "loss = model(x).pow(2).mean()\nloss.backward(retain_graph=True)\nloss.backward()",
    )
    assert notebook.findings() == []
    notebook.run("loss = model(x).pow(2).mean()")
    assert notebook.findings() == []
