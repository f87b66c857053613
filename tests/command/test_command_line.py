"""The command line itself: help, wrong words, exit codes, what it imports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.stack import ROOT

from .shell import SCRIPT, dlkit, environment, one_sentence

#: Prints what was imported by the end.
IMPORTED = """
import sys
sys.argv = ["jupyter-dlkit", *{words!r}]
from jupyter_dlkit.command.main import main
try:
    main()
except SystemExit:
    pass
import json
print("\\n" + json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def imported(*words: str) -> set[str]:
    code = IMPORTED.format(words=words)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_jupyter_finds_it() -> None:
    jupyter = SCRIPT.with_name("jupyter")
    done = subprocess.run(
        [jupyter, "dlkit", "check", "(3,1)", "(4,)"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "(3, 4)" in done.stdout


def test_help_names_every_command_and_the_exit_codes() -> None:
    said = dlkit("--help")
    assert said.code == 0
    for word in ("check", "doctor", "status", "tensors", "exit codes:", "130"):
        assert word in said.out
    for command in ("check", "doctor", "status", "tensors"):
        said = dlkit(command, "--help")
        assert said.code == 0
        assert "examples:" in said.out and "exit codes:" in said.out
        assert max(map(len, said.out.splitlines())) <= 100


def test_help_imports_nothing_that_it_does_not_need() -> None:
    heavy = {"rich", "tornado", "jupyter_server", "torch", "numpy", "IPython", "psutil"}
    for words in (["--help"], ["tensors", "--help"], ["--version"]):
        there = imported(*words)
        assert "jupyter_dlkit" in there
        assert there & heavy == set()


@pytest.mark.parametrize(
    "words", [("check", "(3,1)", "(4,)"), ("status",), ("doctor",)], ids="-".join
)
def test_neither_a_check_nor_a_status_imports_torch_or_a_server(words: tuple[str, ...]) -> None:
    there = imported(*words)
    assert "rich" in there
    assert there & {"torch", "numpy", "IPython", "tornado", "jupyter_server", "pandas"} == set()


def test_version() -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert dlkit("--version").out == f"jupyter-dlkit {version}\n"


def test_no_command_prints_the_help_and_is_wrong_usage() -> None:
    said = dlkit()
    assert (said.code, said.out) == (2, "")
    assert "tensors" in said.err and "exit codes:" in said.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("statsu",), "There is no command 'statsu'; there are check, doctor, status, tensors."),
        (("status", "--wach"), "Unrecognized arguments: --wach."),
        (("status", "--watch", "0"), "--watch: an interval is 0.1 seconds or more, not '0'."),
        (("status", "--watch", "soon"), "--watch: an interval is 0.1 seconds or more, not 'soon'."),
        (("tensors", "--limit", "0"), "--limit: a number of rows is 1 or more."),
        (("tensors", "--sort", "size"), "--sort: invalid choice: 'size'"),
        (("check",), "The following arguments are required: OPERAND."),
    ],
)
def test_a_wrong_word_is_a_sentence_and_code_2(words: tuple[str, ...], expected: str) -> None:
    said = dlkit(*words)
    assert said.code == 2
    sentence = one_sentence(said)
    assert expected in sentence
    assert "--help` says how it is used." in sentence


def test_a_file_in_commands_is_a_command(tmp_path: Path) -> None:
    """As `doctor` will be: nothing else has to know of it."""
    shutil.copytree(ROOT / "jupyter_dlkit", tmp_path / "jupyter_dlkit", ignore=_no_panel)
    (tmp_path / "jupyter_dlkit" / "command" / "commands" / "doctor.py").write_text(
        '"""Why an accelerator is not usable."""\n'
        "def configure(parser):\n"
        "    parser.add_argument('--json', action='store_true')\n"
        "def run(options):\n"
        "    print('examined')\n"
        "    return 1\n"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    said = dlkit("doctor", env=env, cwd=tmp_path)
    assert (said.code, said.out) == (1, "examined\n")
    assert "Why an accelerator is not usable." in dlkit("--help", env=env, cwd=tmp_path).out


def _no_panel(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in ("labextension", "__pycache__")]
