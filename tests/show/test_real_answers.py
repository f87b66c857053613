"""Answers of the API about real tensors, shown as a notebook and a terminal show them."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache

import pytest

from tests.live.stack import ROOT, Stack, clean_environment
from tests.show.markup import bare, read

PROGRAM = f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
import jupyter_dlkit as dlkit
answers = dict(empty=dlkit.tensors(), no_torch=dlkit.devices())
import numpy, torch
from torch import nn
model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
optimizer = torch.optim.Adam(model.parameters())
images = torch.rand(64, 1, 28, 28)
batch = images[:16]
model(batch.flatten(1)).sum().backward()
optimizer.step()
secret = torch.tensor(0.123456)
array = numpy.zeros((3, 4))
sparse = torch.eye(3).to_sparse()
evil = {{"<img src=x onerror=alert(1)>": torch.zeros(2)}}
predictions, targets = torch.zeros(64, 1), torch.zeros(64)
answers |= dict(
    tensors=dlkit.tensors(), all=dlkit.tensors(all=True), model=dlkit.tensors("model.*"),
    tensor=dlkit.tensors()["images"], status=dlkit.status(), devices=dlkit.devices(),
    check=dlkit.check_broadcast(predictions, targets, operation="mse_loss"),
    source=dlkit.check_broadcast("images.flatten(1) @ model[0].weight"),
    move=dlkit.move("model", device="cpu", dry_run=True),
)
shown = {{name: [repr(one), one._repr_html_()] for name, one in answers.items()}}
shown["rich in it"] = [str("rich" in sys.modules), ""]
print(json.dumps(shown))
"""


@cache
def told(stack: Stack) -> dict[str, tuple[str, str]]:
    """What each answer is as text and as HTML, in a process of that stack."""
    done = subprocess.run(
        [str(stack.python), "-c", PROGRAM], capture_output=True, text=True, timeout=240,
        env={**clean_environment(), "COLUMNS": "100"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name: (text, html) for name, (text, html) in json.loads(done.stdout).items()}


def test_tensors_groups_views_and_arrays(stack: Stack) -> None:
    text, html = told(stack)["tensors"]
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert any(
        re.fullmatch(r"▸ model Sequential 8 tensors float32 cpu 6\d\d KiB", x) for x in lines
    )
    assert any(x.startswith("▸ optimizer Adam 12 tensors float32 cpu") for x in lines)
    assert any(re.match(r"batch \(16, 1, 28, 28\) 4 float32 cpu 49 KiB view of", x) for x in lines)
    assert "images (64, 1, 28, 28) 4 float32 cpu 196 KiB shared by 1" in lines
    assert "secret () 0 float32 cpu 4 B" in lines
    folded = [one.text for one in read(html).all("summary")]
    assert "8 tensors of model" in folded and "12 tensors of optimizer" in folded


def test_values_are_not_shown(stack: Stack) -> None:
    assert not any("0.1234" in text + html for text, html in told(stack).values())


@pytest.mark.parametrize("name", ["tensors", "all", "model", "tensor", "status", "devices", "check",
                                  "source", "move", "empty", "no_torch"])  # fmt: skip
def test_html_is_harmless_and_says_what_the_text_says(stack: Stack, name: str) -> None:
    text, html = told(stack)[name]
    read(html)
    assert bare(html)
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text


def test_every_row_on_request(stack: Stack) -> None:
    names = [one.text for one in read(told(stack)["all"][1]).all("th") if "[0].weight" in one.text]
    assert names[0].startswith("model[0].weight")


def test_nothing_there_is_a_sentence(stack: Stack) -> None:
    for name in ("empty", "no_torch"):
        text, html = told(stack)[name]
        assert "torch" in text and text.rstrip().endswith(".")
        assert bare(html)[-1].endswith(".")


def test_a_loss_that_is_wrong_shows_why(stack: Stack) -> None:
    text, html = told(stack)["check"]
    assert "! mse_loss(predictions, targets) runs, but look" in text
    assert "predictions.squeeze(-1)" in text and "predictions.squeeze(-1)" in html
    assert "✕ images.flatten(1) @ model[0].weight would fail." in told(stack)["source"][0]


def test_text_needs_no_library(stack: Stack) -> None:
    assert told(stack)["rich in it"][0] == "False"
