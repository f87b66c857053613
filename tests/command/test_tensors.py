"""`jupyter dlkit tensors`, of real kernels on a real server."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.live.server import TOKEN

from .conftest import Lab
from .shell import Said, dlkit, one_sentence


def tensors(lab: Lab, *words: str, cwd: Path | None = None) -> Said:
    return dlkit("tensors", *words, env=lab.env, cwd=cwd)


def names(said: Said) -> list[str]:
    assert said.code == 0, said.err
    return [row["name"] for row in said.json["tensors"]]


def test_a_kernel_by_its_notebook_shows_its_tensors(lab: Lab) -> None:
    said = tensors(lab, "training")
    assert (said.code, said.err) == (0, "")
    first, *rows = said.out.splitlines()
    assert first == "deep/training.ipynb  today  idle"
    assert any("x" in row and "(32, 1)" in row and "float32" in row for row in rows)
    assert any("model" in row and "Sequential" in row and "4 tensors" in row for row in rows)
    assert "model[0].weight" not in said.out
    assert "model[0].weight" in tensors(lab, "training", "--all").out


@pytest.mark.parametrize(
    "how",
    [
        "deep/training.ipynb",
        "./deep/training.ipynb",
        "deep/training",
        "training.ipynb",
        "{file}",
        "{id}",
        "{prefix}",
    ],
)
def test_a_kernel_has_many_names(lab: Lab, how: str) -> None:
    file = lab.server.folder / "deep" / "training.ipynb"
    asked = how.format(file=file, id=lab.training.id, prefix=lab.training.id[:8].upper())
    assert tensors(lab, asked, "--json").json["kernel"]["id"] == lab.training.id


def test_the_notebook_of_the_folder_that_one_is_in(lab: Lab) -> None:
    said = tensors(lab, "training.ipynb", "--json", cwd=lab.server.folder / "deep")
    assert said.json["kernel"]["path"] == "deep/training.ipynb"


def test_without_a_kernel_there_is_a_list_to_choose_from(lab: Lab) -> None:
    said = tensors(lab)
    assert (said.code, said.out) == (2, "")
    sentence, _, *rows = said.err.splitlines()
    assert sentence.startswith("2 kernels are running. Name one of them")
    assert [row.split()[:3] for row in rows] == [
        [lab.training.id[:8], "deep/training.ipynb", "today"],
        [lab.empty.id[:8], "empty.ipynb", "colab"],
    ]


def test_a_kernel_that_there_is_not_is_code_1_with_those_that_there_are(lab: Lab) -> None:
    said = tensors(lab, "trainig")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("No kernel runs that 'trainig' means.")
    assert "deep/training.ipynb" in said.err


def test_options_are_those_of_the_rest_api(lab: Lab) -> None:
    everything = names(tensors(lab, "training", "--json"))
    assert everything == sorted(everything, key=str.casefold)
    largest = names(tensors(lab, "training", "--json", "--sort", "bytes"))
    assert largest[0] == "model[0].weight"
    assert (
        names(tensors(lab, "training", "--json", "--sort", "bytes", "--limit", "2"))
        == (largest[:2])
    )
    rising = names(tensors(lab, "training", "--json", "--sort", "bytes", "--order", "asc"))
    assert rising[-1] == "model[0].weight"
    assert names(tensors(lab, "training", "--json", "--q", "LABEL")) == ["batch['label']"]
    assert names(tensors(lab, "training", "--json", "--device", "meta")) == []


def test_a_list_in_a_pipe_is_not_cut(lab: Lab) -> None:
    name = "a_name_" + "that_is_long_" * 6
    lab.training.run(f"{name} = torch.zeros(3)")
    try:
        assert name in tensors(lab, "training").out
        cut = dlkit("tensors", "training", env={**lab.env, "COLUMNS": "60"})
        assert name not in cut.out
        assert max(map(len, cut.out.splitlines())) <= 60
    finally:
        lab.training.run(f"del {name}")


def test_a_kernel_without_tensors_says_so(lab: Lab) -> None:
    said = tensors(lab, "empty")
    assert said.code == 0
    assert said.out.splitlines()[1:] == ["No variable of this kernel is, or holds, a tensor."]
    said = tensors(lab, "training", "--device", "meta")
    assert said.out.splitlines()[1:] == ["This kernel has tensors, but none like that."]


def test_a_kernel_in_the_middle_of_a_cell_answers(lab: Lab) -> None:
    cell = lab.training.start("import time\nprint('on')\nwhile True: time.sleep(0.01)")
    try:
        lab.training.wait_for_output(cell, "on")
        said = tensors(lab, "training")
        assert said.code == 0
        assert said.out.splitlines()[0].endswith("  busy")
    finally:
        lab.training.interrupt()
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            lab.training.finish(cell)


def test_a_kernel_that_does_not_answer_shows_its_last_list_with_its_age(lab: Lab) -> None:
    assert tensors(lab, "training").code == 0
    (row,) = (k for k in lab.server.dlkit("kernels")["kernels"] if k["id"] == lab.training.id)
    os.kill(row["pid"], signal.SIGSTOP)
    try:
        said = tensors(lab, "training")
    finally:
        os.kill(row["pid"], signal.SIGCONT)
    assert said.code == 1
    assert "(32, 1)" in said.out
    assert "This list is " in said.err and "did not answer" in said.err
    assert said.err.count("\n") == 1


def test_a_token_that_is_wrong_is_a_sentence(lab: Lab) -> None:
    said = dlkit("tensors", "--server", lab.server.url, "--token", "wrong")
    assert said.code == 1
    assert "does not accept this token" in one_sentence(said)
    said = dlkit("tensors", "--server", lab.server.url)
    assert said.code == 1
    assert "asks for a token. Give it by --token or $JUPYTER_TOKEN" in one_sentence(said)


def test_a_server_by_the_address_in_the_browser(lab: Lab) -> None:
    address = f"{lab.server.url}lab/tree/deep/training.ipynb?token={TOKEN}"
    assert names(dlkit("tensors", "training", "--server", address, "--json"))
    plain = lab.server.url.removeprefix("http://")
    env = {"JUPYTER_TOKEN": TOKEN}
    assert names(dlkit("tensors", "training", "--server", plain, "--json", env=env))


def test_ctrl_c_is_quiet_and_130(lab: Lab) -> None:
    """While it waits for a kernel that does not answer."""
    import subprocess
    import sys

    from .shell import environment

    (row,) = (k for k in lab.server.dlkit("kernels")["kernels"] if k["id"] == lab.training.id)
    os.kill(row["pid"], signal.SIGSTOP)
    try:
        waiting = subprocess.Popen(
            [sys.executable, "-m", "jupyter_dlkit", "tensors", "training"],
            env=environment(**lab.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        port = int(lab.server.url.rstrip("/").rpartition(":")[2])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not _asks(waiting.pid, port):
            assert waiting.poll() is None
        waiting.send_signal(signal.SIGINT)
        said = waiting.communicate(timeout=30)
    finally:
        os.kill(row["pid"], signal.SIGCONT)
    assert (waiting.returncode, *said) == (130, b"", b"")


def _asks(pid: int, port: int) -> bool:
    connections = psutil.Process(pid).net_connections("tcp")
    return any(one.raddr and one.raddr.port == port for one in connections)
