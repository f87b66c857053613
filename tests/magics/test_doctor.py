"""``%doctor``: this kernel's environment as it is now, and nothing changed by looking."""

from __future__ import annotations

from typing import Any

from .notebook import Notebook


def runtime(notebook: Notebook) -> Any:
    """What it says of the notebook's host."""
    notebook.run("found = %doctor")
    one = "found['accelerator.runtime']"
    return notebook.value(f"({one}.verdict, list({one}.evidence))")


def test_the_answer_is_on_top_and_examined_is_this_kernel(notebook: Notebook) -> None:
    ran = notebook.run("found = %doctor\nfound")
    assert ran.status == "ok", ran
    summary = notebook.value("found.summary")
    assert summary in " ".join(ran.result.split("\n\n")[0].split())
    assert "<details" in ran.results[0]["text/html"]
    assert notebook.value("found.executable == __import__('sys').executable") is True
    assert notebook.value("(found.where, found.complete, found.integrity)") == (
        "kernel",
        True,
        False,
    )
    assert notebook.value("{one.group for one in found.checks} >= {'accelerator', 'machine'}")


def test_the_environment_counts_as_the_kernel_has_it_now(notebook: Notebook) -> None:
    assert runtime(notebook)[0] == "not_applicable"
    notebook.run("import os; os.environ['COLAB_RELEASE_TAG'] = 'release'")
    try:
        verdict, seen = runtime(notebook)
        assert verdict != "not_applicable" and "Colab" in seen
    finally:
        notebook.run("del os.environ['COLAB_RELEASE_TAG']")
    assert runtime(notebook)[0] == "not_applicable"


LOOK = "(torch.cuda._initialized, 'torchvision' in sys.modules, threading.active_count())"


def test_looking_brings_up_nothing_and_leaves_nothing(notebook: Notebook) -> None:
    notebook.run("import sys, threading")
    before = notebook.value(LOOK)
    assert before[0] is False
    notebook.run("%doctor")
    assert notebook.value(LOOK) == before
    children = "__import__('psutil').Process().children()"
    if notebook.value("bool(__import__('importlib').util.find_spec('psutil'))"):
        assert notebook.value(f"len({children})") == 0


def test_as_text_for_a_forum(notebook: Notebook) -> None:
    ran = notebook.run("%doctor --text")
    assert not ran.results
    notebook.run("found = %doctor")
    assert notebook.value("found.summary.rstrip('.')") in ran.stdout
    home = notebook.value("__import__('os').path.expanduser('~')")
    assert len(home) < 2 or home not in ran.stdout


def test_wrong_words_are_sentences(notebook: Notebook) -> None:
    assert "did you mean --integrity?" in notebook.run("%doctor --integrety").usage_error
    ran = notebook.run("found = %doctor\nfound['accelerator.drivers']")
    assert "There is no check 'accelerator.drivers'" in ran.traceback + ran.stderr
    assert "Did you mean accelerator.driver?" in ran.traceback + ran.stderr
