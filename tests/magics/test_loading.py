"""``%load_ext``, ``%unload_ext``, ``%reload_ext``: quick, polite, and without a trace."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.kernel.caller import Caller
from tests.live.kernel import LiveKernel
from tests.live.stack import ROOT, Stack, clean_environment

from .notebook import FOUND, Notebook

LOADING = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "jupyter_dlkit")
print(json.dumps(sorted(set(sys.modules) - before)))
"""

#: What may not be imported for magics that nobody has called yet.
HEAVY = ("torch", "pandas", "numpy", "rich", "jupyter_server", "psutil", "pynvml", "orjson")


def test_little_is_imported(stack: Stack) -> None:
    """So that it is quick: 50 ms, which the benchmarks measure."""
    ran = subprocess.run(
        [str(stack.python), "-c", LOADING],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = json.loads(ran.stdout.splitlines()[-1])
    assert not {name.partition(".")[0] for name in modules} & set(HEAVY)
    assert not any(name.startswith("jupyter_dlkit.server") for name in modules)
    assert len(modules) < 120


STATE = """
_shell = get_ipython()
_state = (
    {k: sorted(v) for k, v in _shell.magics_manager.magics.items()},
    list(_shell.input_transformers_post),
    {k: list(v) for k, v in _shell.events.callbacks.items()},
    list(_shell.Completer.custom_matchers),
    list(getattr(_shell.Completer, "magic_arg_matchers", ())) if not hasattr(
        type(_shell.Completer), "magic_arg_matchers") else [],
    list(_shell.ast_transformers),
)
"""


def test_unloading_restores_everything(fresh: Notebook) -> None:
    fresh.kernel.run(FOUND)
    fresh.run(STATE + "before = _state")
    for _ in range(2):
        assert fresh.run("%load_ext jupyter_dlkit").stderr == ""
        fresh.run(STATE)
        assert fresh.value("_state == before") is False
        assert fresh.run("%unload_ext jupyter_dlkit").status == "ok"
        fresh.run(STATE)
        assert fresh.value("_state == before") is True
        assert "not found" in fresh.run("%tensors").usage_error
    assert fresh.run("%reload_ext jupyter_dlkit").status == "ok"
    assert fresh.run("%reload_ext jupyter_dlkit").status == "ok"
    fresh.run("%unload_ext jupyter_dlkit")
    fresh.run(STATE)
    assert fresh.value("_state == before") is True


TAKEN = """
from IPython.core.magic import register_line_magic
@register_line_magic
def gpu(line): return "the user's"
get_ipython().run_line_magic("alias", "tensors echo theirs")
"""


def test_a_taken_name_is_left_to_its_owner(fresh: Notebook) -> None:
    """It is said once, ours is there as ``%dlkit NAME``, and theirs survives ours."""
    fresh.run(TAKEN)
    said = fresh.load()
    assert said.stdout == (
        "dlkit: %gpu and %tensors belong to somebody else here; "
        "ours are %dlkit gpu and %dlkit tensors.\n"
    )
    assert "the user's" in fresh.run("%gpu").result
    assert "theirs" in fresh.run("%tensors").stdout
    assert fresh.run("%dlkit gpu").results and fresh.run("%dlkit tensors").results
    listing = fresh.run("%dlkit").stdout
    assert "%dlkit gpu " in listing and " %to " in listing and "%dlkit to" not in listing
    assert "%gpu --watch" not in fresh.complete("%gpu --")
    assert "%dlkit gpu --watch" in fresh.complete("%dlkit gpu --")
    fresh.run("%unload_ext jupyter_dlkit")
    assert "the user's" in fresh.run("%gpu").result


def test_a_name_that_the_user_takes_later_is_theirs(notebook: Notebook) -> None:
    notebook.run("from IPython.core.magic import register_line_magic")
    notebook.run("@register_line_magic\ndef to(line): return 'mine'")
    try:
        notebook.run("%unload_ext jupyter_dlkit")
        assert notebook.run("%to cpu x").result == "'mine'"
    finally:
        notebook.run("del get_ipython().magics_manager.magics['line']['to']")


def test_help(notebook: Notebook) -> None:
    for code in ("%tensors?", "?%tensors"):
        page = notebook.help(code)
        assert "%tensors [pattern] [--device D]" in page and "--sort KEY" in page
        assert "\x1b[" not in page.partition("Docstring")[2][20:200]
    assert "%%memory [--reset-peak]" in notebook.help("%%memory?")
    assert "%dlkit NAME" in notebook.help("%dlkit?")
    shown = notebook.run("%dlkit to --help")
    assert "%to DEVICE NAME" in shown.stdout and not shown.results
    listing = notebook.run("%dlkit").stdout
    assert notebook.run("%dlkit --help").stdout == listing
    for name in ("%tensors", "%gpu", "%to", "%broadcast", "%%memory", "%dlkit explain"):
        assert f" {name} " in listing


# Below tracebacks ------------------------------------------------------------------

FAILING = "a, b = torch.ones(2), torch.ones(3)\na + b"


def texts(notebook: Notebook) -> int:
    """How many explanations stand below a traceback."""
    ran = notebook.run(FAILING)
    assert "RuntimeError" in ran.traceback
    return ran.stderr.count("dlkit: a + b failed (line 2).")


def test_one_explanation_whoever_explains(fresh: Notebook) -> None:
    """The server's agent and ``%load_ext``, in each order, together and alone."""
    fresh.run("import torch")
    caller = Caller(fresh.kernel)
    assert texts(fresh) == 0
    fresh.load()
    assert texts(fresh) == 1
    caller.attach()
    assert texts(fresh) == 1
    assert caller.answer("explanation")["explanation"]["expression"] == "a + b"
    fresh.run("%unload_ext jupyter_dlkit")
    assert texts(fresh) == 1
    fresh.run("%load_ext jupyter_dlkit")
    assert texts(fresh) == 1
    assert caller.answer("explanation")["explanation"]["expression"] == "a + b"
    caller.detach()
    assert texts(fresh) == 1
    fresh.run("%unload_ext jupyter_dlkit")
    assert texts(fresh) == 0


def test_one_switch_for_all_explanations(fresh: Notebook) -> None:
    fresh.run("import torch")
    fresh.load()
    caller = Caller(fresh.kernel)
    assert fresh.run("%dlkit explain").stdout == "Explanations below tracebacks are on.\n"
    assert fresh.run("%dlkit explain off").stdout == "Explanations below tracebacks are off.\n"
    assert texts(fresh) == 0
    caller.attach()
    assert texts(fresh) == 0
    assert caller.answer("explanation", text=True)["text"] is True
    assert texts(fresh) == 1
    assert fresh.run("%dlkit explain").stdout == "Explanations below tracebacks are on.\n"
    fresh.run("%dlkit explain off")
    assert caller.answer("explanation")["text"] is False
    assert texts(fresh) == 0


@pytest.fixture
def without_explanations(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> LiveKernel:
    monkeypatch.setenv("DLKIT_EXPLAIN", "0")
    return LiveKernel(stack)


def test_the_environment_switches_them_off(without_explanations: LiveKernel) -> None:
    with without_explanations as kernel:
        notebook = Notebook(kernel)
        notebook.run("import torch")
        notebook.load()
        assert texts(notebook) == 0
        notebook.run("%dlkit explain on")
        assert texts(notebook) == 1
