"""``dlkit.move`` in a cell: objects and paths, errors that say what to do, one step back."""

from __future__ import annotations

import pytest

from tests.live.kernel import LiveKernel

SETUP = """
model = torch.nn.Linear(3, 2)
n = 42
batch = dict(x=torch.ones(2, 3), y=torch.zeros(2))

def refused(*targets, **options):
    try:
        return dlkit.move(*targets, **options)
    except dlkit.MoveError as error:
        return error
"""


@pytest.fixture(name="cell")
def _cell(cell: LiveKernel) -> LiveKernel:
    cell.run(SETUP)
    return cell


def said(cell: LiveKernel, code: str) -> str:
    """What a cell printed."""
    return cell.run(code).stdout


def test_objects_and_paths_move_and_come_back(cell: LiveKernel) -> None:
    said(cell, "same = model.weight\nresult = dlkit.move(model, 'batch', device='toy')")
    assert said(cell, "print(result.state, result.total_bytes)") == "done 64\n"
    devices = "print({t.device.type for t in [*model.parameters(), *batch.values(), same]})"
    assert said(cell, devices) == "{'toy'}\n"
    assert said(cell, "print(model.weight is same, model(batch['x']).device)") == "True toy:0\n"
    assert said(cell, "print(dlkit.undo().state, toy.memory_allocated(0))") == "undone 0\n"
    assert said(cell, devices) == "{'cpu'}\n"


def test_what_is_refused_is_an_error_that_says_what_to_do(cell: LiveKernel) -> None:
    said(cell, "y = model(batch['x'])")
    text = said(
        cell,
        "try:\n    dlkit.move(y, device='toy')\n"
        "except dlkit.MoveError as error:\n    print(error, error.result.refused[0].code)",
    )
    assert text.startswith("Nothing was moved: y is a result that autograd recorded")
    assert "y = y.to('toy:0')" in text
    assert text.endswith("non_leaf\n")
    assert said(cell, "print(dlkit.move(y, device='toy', how='rebind').state, y.device)") == (
        "done toy:0\n"
    )


def test_a_dry_run_changes_nothing(cell: LiveKernel) -> None:
    said(cell, "would = dlkit.move('model', device='toy', dry_run=True)")
    assert said(cell, "print(would.state, would.code, model.weight.device)") == (
        "preview model.to('toy:0') cpu\n"
    )


def test_a_result_says_what_was_asked_for_and_holds_nothing(cell: LiveKernel) -> None:
    said(cell, "t = torch.ones(1 << 18)\nresult = dlkit.move('t', model, device='toy')")
    assert said(cell, "print(result.targets)") == "('t', 'model')\n"
    assert said(cell, "print(result)").startswith("✓ Moved t and model: 3 tensors, 1 MiB")
    assert said(cell, "print(result.bytes['toy:0'].after - result.bytes['toy:0'].before)") == (
        f"{(1 << 20) + 32}\n"
    )
    assert said(cell, "print(len(result.to_dict()['moved']), result.to_dict()['targets'])") == (
        "3 ['t', 'model']\n"
    )
    assert said(cell, "del t, model\nprint(toy.memory_allocated(0))") == "0\n"


def test_what_is_wrong_in_the_request_is_a_sentence(cell: LiveKernel) -> None:
    sentences = {
        "refused('modle', device='toy')": "There is no modle here. Did you mean model?",
        "refused('model.fc', device='toy')": (
            "model.fc does not reach anything any more. Name it as dlkit.tensors() lists it."
        ),
        "refused('f(x)', device='toy')": (
            "'f(x)' is not a path to a tensor as the list prints it."
            " Use names, attributes, indices and keys only, such as model.layers[0].weight."
        ),
        "refused(model, device='toy:7')": (
            "There is no toy:7: this kernel has 2 toy devices. It has cpu, toy:0, toy:1."
        ),
        "refused(model, device='gpu')": (
            "'gpu' is not a device that torch knows. This kernel has cpu, toy:0, toy:1."
        ),
        "refused(device='toy')": (
            "Nothing was named that could be moved. Name a tensor or a module."
        ),
        "refused(model, device='toy', how='fly')": (
            "There is no way 'fly' to move. Use move, copy or rebind."
        ),
        "refused('n', device='toy')": (
            "n is of type int, which has no tensors."
            " Choose a tensor, a module, an optimizer, or a container of tensors."
        ),
    }
    for code, sentence in sentences.items():
        assert said(cell, f"print({code})") == sentence + "\n"
    assert said(cell, "print(refused('modle', device='toy').result)") == "None\n"


def test_an_error_is_the_kind_that_it_always_was(cell: LiveKernel) -> None:
    kinds = "print([isinstance(refused('q', device='toy'), one) for one in"
    assert said(cell, f"{kinds} (dlkit.MoveError, dlkit.DLKitError, RuntimeError)])") == (
        "[True, True, True]\n"
    )


def test_nothing_moves_on_another_thread(cell: LiveKernel) -> None:
    code = "from threading import Thread\nfound = []\n"
    code += "work = Thread(target=lambda: found.append(refused(model, device='toy')))\n"
    code += "work.start(); work.join(); print(found[0], model.weight.device)"
    assert said(cell, code) == (
        "Tensors are moved on the main thread only. Move them in a cell. cpu\n"
    )
