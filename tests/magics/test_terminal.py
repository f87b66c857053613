"""In a plain ``ipython`` in a terminal: a real one, of 24 lines and 100 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.live.kernel import PATIENCE
from tests.live.stack import ROOT, Stack, clean_environment

#: What steers a terminal: colours, the cursor, modes.
STEERING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07|\r")

TAB, INTERRUPT = "\t", "\x03"


class Terminal:
    """``ipython``, with torch and the magics."""

    def __init__(self, stack: Stack, home: Path) -> None:
        options = ["--no-banner", "--simple-prompt", "--colors=NoColor"]
        if stack.name == "today":
            options[-1] = "--colors=nocolor"
        options += ["--no-confirm-exit", "--HistoryManager.enabled=False"]
        self.child = pexpect.spawn(
            str(stack.python), ["-m", "IPython", *options],
            env={**clean_environment(), "IPYTHONDIR": str(home), "TERM": "xterm"},
            cwd=str(ROOT), dimensions=(24, 100), encoding="utf-8", timeout=PATIENCE,
        )  # fmt: skip
        self.child.expect_exact("In [1]: ")

    def run(self, line: str) -> str:
        """What stands between this line and the next prompt."""
        self.child.sendline(line)
        self.child.expect(r"In \[\d+\]: ")
        text: str = STEERING.sub("", self.child.before or "")
        return text.partition("\n")[2].strip()


@pytest.fixture(scope="module")
def terminal(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(stack, tmp_path_factory.mktemp("ipython"))
    try:
        terminal.run("import torch")
        assert terminal.run("%load_ext jupyter_dlkit") == ""
        terminal.run("x = torch.ones(8, 1, 6, 1); model = torch.nn.Linear(3, 4)")
        yield terminal
    finally:
        terminal.child.close(force=True)


def test_each_magic_prints_text(terminal: Terminal) -> None:
    listed = terminal.run("%tensors")
    assert re.match(r"Out\[\d+\]:", listed) and "(8, 1, 6, 1)" in listed and "model" in listed
    assert "GiB" in terminal.run("%gpu")
    assert "✓" in terminal.run("%broadcast x x")
    assert "cpu" in terminal.run("%to cpu model")
    assert "%tensors" in terminal.run("%dlkit")
    assert "<div" not in listed


def test_values_errors_and_silence(terminal: Terminal) -> None:
    assert terminal.run("t = %tensors") == ""
    assert terminal.run("len(t)").endswith(": 3")
    assert terminal.run("%tensors;") == ""
    assert terminal.run("%to cpu modle") == (
        "UsageError: There is no variable modle; did you mean model?"
    )
    assert "dlkit: torch.ones(2) + torch.ones(3) failed" in terminal.run(
        "torch.ones(2) + torch.ones(3)"
    )


def test_automagic(terminal: Terminal) -> None:
    assert "cpu" in terminal.run("to cpu model")


def test_watching_ends_by_itself_and_by_an_interrupt(terminal: Terminal) -> None:
    assert terminal.run("%gpu --watch 0.1 --times 2").count("GiB") >= 2
    terminal.child.sendline("%gpu --watch 0.2")
    terminal.child.expect("GiB")
    terminal.child.send(INTERRUPT)
    terminal.child.expect(r"In \[\d+\]: ")
    assert "Traceback" not in terminal.child.before and "KeyboardI" not in terminal.child.before


def test_a_cell_is_measured(terminal: Terminal) -> None:
    for line in ("%%memory", "y = x + 1", "float(y.sum())", ""):
        terminal.child.sendline(line)
        terminal.child.expect_exact("...: ")
    shown = terminal.run("")
    assert "took" in shown and "96.0" in shown


@pytest.fixture
def editor(stack: Stack, tmp_path: Path) -> Iterator[pexpect.spawn]:
    """With the line editor, which completes."""
    child = pexpect.spawn(
        str(stack.python), ["-m", "IPython", "--no-banner", "--HistoryManager.enabled=False"],
        env={**clean_environment(), "IPYTHONDIR": str(tmp_path), "TERM": "xterm",
             "PROMPT_TOOLKIT_NO_CPR": "1"},
        cwd=str(ROOT), dimensions=(40, 100), encoding="utf-8", timeout=PATIENCE,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.close(force=True)


def test_tab_completes(editor: pexpect.spawn) -> None:
    editor.expect("In ")
    for line in (
        "%load_ext jupyter_dlkit",
        "import torch; batch = {'image': torch.ones(1)}; print('rea' + 'dy')",
    ):
        editor.send(line + "\r")
    editor.expect("ready")
    editor.expect("In ")
    editor.send("%to cpu bat" + TAB)
    editor.expect("ch")
    editor.send("['im" + TAB)
    editor.expect("'image'")
    editor.send("\r")
    editor.expect("already on cpu")
