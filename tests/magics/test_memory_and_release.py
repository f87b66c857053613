"""``%memory`` and ``%release``: who owns every byte, and giving it back."""

from __future__ import annotations

from .notebook import Notebook

MIB = 1 << 20
ALLOCATED = "torch.toy.memory_allocated(0)"


def test_who_owns_what(notebook: Notebook) -> None:
    notebook.run("weights = torch.zeros(2, 1 << 18, device='toy')")
    ran = notebook.run("%memory --device toy:0")
    assert (
        "weights" in ran.result
        and "2 MiB" in ran.result
        and "<details" in ran.results[0]["text/html"]
    )
    notebook.run("m = %memory")
    assert notebook.value("m['toy:0'].attributed == m['toy:0'].allocated") is True
    changed = notebook.value(
        "[c.devices['toy:0'].change for c in m.cells if 'weights' in c.appeared]"
    )
    assert changed[-1:] == [2 * MIB]


def test_wrong_words_are_sentences(notebook: Notebook) -> None:
    assert (
        "There is no memory in use on 'cuda:99'"
        in notebook.run("%memory --device cuda:99").usage_error
    )
    assert "goes with %%memory" in notebook.run("%memory --reset-peak").usage_error
    assert "goes with %memory" in notebook.run("%%memory --device cpu\n1").usage_error
    assert "Did you mean last_exception?" in notebook.run("%release last_exeption").usage_error
    assert (
        "There is no modl here. Did you mean model?"
        in notebook.run("model = 1\n%release gradients:modl").stderr
    )


FAIL = """
def step(n):
    batch = torch.zeros(n, 1 << 18, device='toy')
    raise ValueError('no')
step(3)
"""


def test_an_exception_and_outputs_are_given_back(notebook: Notebook) -> None:
    before = notebook.value(ALLOCATED)
    assert notebook.run(FAIL).status == "error"
    notebook.run("torch.zeros(2, 1 << 18, device='toy')")
    assert notebook.value(ALLOCATED) == before + 5 * MIB
    preview = notebook.run("%release")
    assert "would be" in preview.result and "last_exception" in preview.result
    assert notebook.value(ALLOCATED) == before + 5 * MIB
    # In a cell with other lines, and its value assigned: nothing of it holds what it frees.
    ran = notebook.run("r = %release last_exception output_history\nafter = " + ALLOCATED)
    assert ran.status == "ok", ran
    assert notebook.value("after") == before
    assert notebook.value(
        "{row.what: row.freed for row in r.released if row.device == 'toy:0'}"
    ) == {"last_exception": 3 * MIB, "output_history": 2 * MIB}


def test_a_name_goes_only_where_it_is_asked_for(notebook: Notebook) -> None:
    notebook.run("x = torch.zeros(1 << 18, device='toy')\ny = x")
    ran = notebook.run("%release name:x")
    assert "still held by" in ran.result and "y" in ran.result
    assert notebook.value("'x' in globals(), 'y' in globals()") == (False, True)


def test_completion(notebook: Notebook) -> None:
    notebook.run("model = torch.nn.Linear(2, 2)")
    assert "%release last_exception" in notebook.complete("%release la")
    assert "%release gradients:model" in notebook.complete("%release gradients:mo")
    assert "%release name:model.weight" in notebook.complete("%release name:model.we")
    assert "%memory --device toy:0" in notebook.complete("%memory --device to")
